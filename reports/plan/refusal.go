package plan

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/verdict"
	"github.com/wsimg/wsimg/reports"
)

// ErrUnmet is that no mode met its objectives under any load that was tried:
// there is no capacity to plan with.
var ErrUnmet = errors.New("no mode meets its objectives")

// refuse returns why runs can't be planned from, nil if they can.
func refuse(runs []*reports.Report, in Input) error {
	if len(runs) == 0 {
		return errors.New("no run to plan from: give one that wsimg capacity --out saved")
	}
	for i, r := range runs {
		if err := refuseOne(r, in.AcceptShared); err != nil {
			return fmt.Errorf("%s: %w", in.name(i), err)
		}
	}
	for i, r := range runs[1:] {
		if differ := differences(runs[0], r); len(differ) > 0 {
			return fmt.Errorf("%s and %s are not of one experiment: %s; give runs of wsimg capacity that differ in image size alone",
				in.name(0), in.name(i+1), strings.Join(differ, "; "))
		}
	}
	return nil
}

func refuseOne(r *reports.Report, acceptShared bool) error {
	switch {
	case r.Settings.Command != "capacity" || r.Capacity == nil:
		return fmt.Errorf("this is a run of wsimg %s, which says nothing of capacity: give one that wsimg capacity --out saved", r.Settings.Command)
	case r.Incomplete != "":
		return fmt.Errorf("the run is incomplete (%s): let wsimg capacity come to its end, and plan from that", r.Incomplete)
	case r.Verdict.Kind != verdict.Valid && !acceptShared:
		return fmt.Errorf("the run is %s: %s; or plan from it as it is with --accept-shared", r.Verdict.Kind, reason(r))
	}
	return nil
}

// reason is what a verdict rests on, in words.
func reason(r *reports.Report) string {
	if len(r.Verdict.Evidence) == 0 {
		return "its report says why"
	}
	return r.Verdict.Evidence[0].Text
}

// differences returns in what two runs are of different experiments. Sizes may
// differ, and so may seeds, and how long was searched.
func differences(a, b *reports.Report) []string {
	var found []string
	compare := func(what, first, other string) {
		if first != other {
			found = append(found, fmt.Sprintf("%s %s and %s", what, orNone(first), orNone(other)))
		}
	}
	list := func(words []string) string { return strings.Join(words, ",") }
	sorted := func(words []string) string { return list(slices.Sorted(slices.Values(words))) }
	compare("--modes", sorted(a.Settings.Modes), sorted(b.Settings.Modes))
	compare("--baseline", a.Settings.Baseline, b.Settings.Baseline)
	compare("--find", a.Capacity.Find, b.Capacity.Find)
	compare("images/s of a client", fmt.Sprint(a.Capacity.PerClientPerS), fmt.Sprint(b.Capacity.PerClientPerS))
	compare("--think", fmt.Sprintf("%gs", a.Settings.ThinkSeconds), fmt.Sprintf("%gs", b.Settings.ThinkSeconds))
	compare("objectives", sorted(a.Capacity.Objectives), sorted(b.Capacity.Objectives))
	compare("--reply", replyOf(a), replyOf(b))
	compare("--sender", a.Settings.Sender, b.Settings.Sender)
	compare("--store", a.Settings.Store, b.Settings.Store)
	compare("--target-cpus", a.Settings.TargetCPUs.String(), b.Settings.TargetCPUs.String())
	compare("--generator-cpus", a.Settings.GeneratorCPUs.String(), b.Settings.GeneratorCPUs.String())
	if a.Capacity.Find == record.FindRate {
		compare("--clients", fmt.Sprint(a.Settings.Clients), fmt.Sprint(b.Settings.Clients))
	}
	compare("images in flight of a client", fmt.Sprint(a.Settings.InFlight), fmt.Sprint(b.Settings.InFlight))
	compare("arrivals", a.Settings.Arrivals, b.Settings.Arrivals)
	compare("--rcvbuf", fmt.Sprint(a.Settings.RcvbufBytes), fmt.Sprint(b.Settings.RcvbufBytes))
	compare("TLS", tls(a), tls(b))
	compare("target of wsimg's own", fmt.Sprint(a.Settings.Bundled), fmt.Sprint(b.Settings.Bundled))
	compare("GOMAXPROCS", fmt.Sprint(a.Environment.GOMAXPROCS), fmt.Sprint(b.Environment.GOMAXPROCS))
	compare("wsimg", a.Environment.Wsimg, b.Environment.Wsimg)
	if s, t := a.Environment.Target, b.Environment.Target; s != nil && t != nil {
		compare("GOMAXPROCS of the target", fmt.Sprint(s.GOMAXPROCS), fmt.Sprint(t.GOMAXPROCS))
		compare("wsimg of the target", s.Wsimg, t.Wsimg)
	}
	compare("server", server(a), server(b))
	return found
}

// tls says whether a run's connections were encrypted.
func tls(r *reports.Report) string {
	if strings.HasPrefix(r.Settings.URL, "wss:") {
		return "yes"
	}
	return "no"
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

// server names the machine that a capacity is of, as far as it is known.
func server(r *reports.Report) string {
	cpu, cores := r.Environment.CPU, r.Environment.Cores
	if t := r.Environment.Target; !r.Environment.Shared {
		if t == nil || t.Cores == 0 {
			return ""
		}
		cpu, cores = t.CPU, t.Cores
	}
	if cores == 0 {
		return ""
	}
	return strings.TrimSpace(fmt.Sprintf("%s with %s", cpu, count(float64(cores), "core")))
}
