package plan

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/wsimg/wsimg/loadgen/verdict"
	"github.com/wsimg/wsimg/reports"
)

// Schema names the version of a plan's JSON.
const Schema = "wsimg.plan/1"

// Plan is a fleet for every mode. It is made by [Make] and only read
// afterwards; reading it concurrently is safe.
type Plan struct {
	Schema     string       `json:"schema"`
	Sources    []Source     `json:"runs"`    // what it was made from, by size
	Verdict    verdict.Kind `json:"verdict"` // the worst of the runs'
	Find       string       `json:"find"`    // record.FindRate or FindClients
	Objectives []string     `json:"objectives"`
	// MeasuredReply is what the target answered with in the runs.
	MeasuredReply string       `json:"measured_reply"`
	Baseline      string       `json:"baseline"`
	Input         Asked        `json:"input"`
	Fleets        []Fleet      `json:"fleets"`  // by mode, the baseline's first
	Savings       []Saving     `json:"savings"` // by mode and resource
	WhatIf        []Row        `json:"what_if"`
	Assumed       []Assumption `json:"assumptions"`
	Conclusion    string       `json:"conclusion"`
	Footnotes     []string     `json:"footnotes"`
}

// Source is one run that a plan was made from.
type Source struct {
	Started   time.Time    `json:"started"`
	URL       string       `json:"url"`
	Server    string       `json:"server,omitempty"` // the machine; empty: not known
	SizeBytes int64        `json:"size_bytes"`
	Verdict   verdict.Kind `json:"verdict"`
	Reason    string       `json:"reason,omitempty"` // of the verdict
}

// Asked is the input with its defaults filled in. Those were assumed.
type Asked struct {
	Users         float64 `json:"users"`
	ImagesPerUser float64 `json:"images_per_user_per_s"` // mean
	SizeBytes     int64   `json:"size_bytes"`
	Reply         string  `json:"reply"`
	Connected     float64 `json:"connected_share"`
	Peak          float64 `json:"peak"`
	Headroom      float64 `json:"headroom_share"`
	Spare         float64 `json:"spare_servers"`
	// ConnectionsPerServer is the most that one may hold; 0: connections bound
	// nothing.
	ConnectionsPerServer float64  `json:"connections_per_server,omitempty"`
	NICBitPerS           float64  `json:"nic_bit_per_s"`
	MTU                  float64  `json:"mtu_bytes"`
	RetentionDays        float64  `json:"retention_days"`
	Price                *float64 `json:"egress_price_per_gb"` // of 10^9 bytes; nil: not given
	// Defaults are those that nobody gave and are assumed, AsMeasured those that
	// the runs tell; by their flags.
	Defaults   []string `json:"assumed"`
	AsMeasured []string `json:"as_measured"`
}

// Make returns the plan for in, from the reports of runs of wsimg capacity. Runs
// may be several of one experiment, each of another size of image.
//
// The error says why there is none: what is wrong with in, or why the runs can't
// be planned from. It is [ErrUnmet] where no mode has a capacity. A mode without
// one, beside others that have, has a [Fleet] with a Fault.
func Make(runs []*reports.Report, in Input) (*Plan, error) {
	if err := errors.Join(in.Validate(), refuse(runs, in)); err != nil {
		return nil, err
	}
	all, err := gather(runs, in)
	if err != nil {
		return nil, err
	}
	size, err := sizeFor(in, all)
	if err != nil {
		return nil, err
	}
	l := new(ledger)
	m := newMaker(in, size, runs, all, l)
	p := &Plan{
		Schema:        Schema,
		Sources:       sources(runs),
		Verdict:       worst(runs),
		Find:          runs[0].Capacity.Find,
		Objectives:    runs[0].Capacity.Objectives,
		MeasuredReply: m.measuredReply,
		Baseline:      all[0].mode,
		Input:         m.asked(),
		Savings:       []Saving{},
		WhatIf:        []Row{},
	}
	points := make([]point, len(all))
	p.Fleets = make([]Fleet, len(all))
	for i, e := range all {
		p.Fleets[i], points[i] = m.fleet(e)
		if i > 0 {
			p.Savings = append(p.Savings, m.savings(p, p.Fleets[0], points[0], p.Fleets[i], e)...)
		}
	}
	if !slices.ContainsFunc(p.Fleets, func(f Fleet) bool { return f.Fault == "" }) {
		return nil, answerless(p.Fleets)
	}
	for _, v := range in.WhatIf {
		for _, x := range v.Values {
			changed, _ := in.with(v.Name, x)
			size, err := sizeFor(changed, all)
			if err != nil {
				return nil, fmt.Errorf("--what-if: %w", err)
			}
			row := Row{Name: v.Name, Value: x}
			varied := newMaker(changed, size, runs, all, l)
			for _, e := range all {
				f, _ := varied.fleet(e)
				row.Fleets = append(row.Fleets, f)
			}
			p.WhatIf = append(p.WhatIf, row)
		}
	}
	p.Assumed = l.made
	p.Conclusion = conclude(p, m)
	p.Footnotes = footnotes(p, runs)
	return p, nil
}

// answerless says of every mode why it has no capacity. That is ErrUnmet only
// where all of them were seen to miss their objectives.
func answerless(fleets []Fleet) error {
	var faults []string
	for _, f := range fleets {
		faults = append(faults, f.Mode+": "+f.Fault)
	}
	if slices.ContainsFunc(fleets, func(f Fleet) bool { return !f.Unmet }) {
		return fmt.Errorf("no mode has a capacity to plan with (%s): run wsimg capacity again with a larger --time-budget", strings.Join(faults, "; "))
	}
	return fmt.Errorf("%w (%s): ask less of a server and run wsimg capacity again", ErrUnmet, strings.Join(faults, "; "))
}

// sizeFor returns the size that in is to be planned for, which must lie within
// what was measured.
func sizeFor(in Input, all []evidence) (float64, error) {
	points := all[0].points
	least, largest := points[0].size, points[len(points)-1].size
	measuredSizes := "capacity was measured at " + bytes(least)
	if len(points) > 1 {
		measuredSizes = fmt.Sprintf("capacity was measured from %s to %s", bytes(least), bytes(largest))
	}
	size := float64(in.SizeBytes)
	switch {
	case in.SizeBytes == 0 && len(points) > 1:
		return 0, fmt.Errorf("%s: say with --size what images have", measuredSizes)
	case in.SizeBytes == 0:
		return least, nil
	case size < least || size > largest:
		flag := strings.ReplaceAll(bytes(size), " ", "")
		return 0, fmt.Errorf("--size %s: %s, and plan does not go beyond; measure it with wsimg capacity --size %s", flag, measuredSizes, flag)
	}
	return size, nil
}

// asked returns m's input, defaults filled in.
func (m *maker) asked() Asked {
	in := m.input
	a := Asked{
		Users:                in.Users,
		ImagesPerUser:        *rounded(&in.ImagesPerUser),
		SizeBytes:            int64(m.size),
		Reply:                m.reply,
		Connected:            in.Connected.or(DefaultConnected),
		Peak:                 in.Peak.or(DefaultPeak),
		Headroom:             in.Headroom.or(DefaultHeadroom),
		Spare:                in.Spare.or(DefaultSpare),
		ConnectionsPerServer: in.ConnectionsPerServer.Value,
		NICBitPerS:           in.NICBitPerS.or(DefaultNICBitPerS),
		MTU:                  in.MTU.or(DefaultMTU),
		RetentionDays:        in.RetentionDays.or(DefaultRetentionDays),
		Defaults:             []string{},
		AsMeasured:           []string{},
	}
	if in.Reply == "" {
		a.AsMeasured = append(a.AsMeasured, "reply")
	}
	if in.SizeBytes == 0 {
		a.AsMeasured = append(a.AsMeasured, "size")
	}
	if in.PricePerGB.Given {
		a.Price = &in.PricePerGB.Value
	}
	for _, s := range []struct {
		name string
		Setting
	}{
		{"connected", in.Connected}, {"peak", in.Peak}, {"headroom", in.Headroom}, {"spare", in.Spare},
		{"nic", in.NICBitPerS}, {"mtu", in.MTU}, {"retention", in.RetentionDays},
	} {
		if !s.Given {
			a.Defaults = append(a.Defaults, s.name)
		}
	}
	return a
}

func sources(runs []*reports.Report) []Source {
	all := make([]Source, len(runs))
	for i, r := range runs {
		size, _ := sizeOf(r) // gather has refused a run without
		all[i] = Source{Started: r.Started, URL: r.Settings.URL, Server: server(r), SizeBytes: int64(size), Verdict: r.Verdict.Kind}
		if r.Verdict.Kind != verdict.Valid {
			all[i].Reason = reason(r)
		}
	}
	slices.SortFunc(all, func(a, b Source) int { return cmp.Compare(a.SizeBytes, b.SizeBytes) })
	return all
}

// worst returns the worst of the runs' verdicts.
func worst(runs []*reports.Report) verdict.Kind {
	kinds := []verdict.Kind{verdict.Valid, verdict.Shared, verdict.Void}
	at := 0
	for _, r := range runs {
		at = max(at, slices.Index(kinds, r.Verdict.Kind))
	}
	return kinds[at]
}
