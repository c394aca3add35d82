package plan_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/verdict"
	"github.com/wsimg/wsimg/reports"
	"github.com/wsimg/wsimg/reports/plan"
)

// at returns the report of a search at another size, n times as slow.
func at(size int64, n float64) *reports.Report {
	r := searched()
	r.Settings.SizesBytes = []int64{size}
	for i := range r.Cells {
		r.Cells[i].SizeBytes = size
	}
	for i := range r.Capacity.Answers {
		a := &r.Capacity.Answers[i]
		for _, x := range []*float64{a.Load, a.Low, a.High, a.ImagesPerS} {
			*x /= n
		}
		*a.TargetCPUUsPerImage *= n
	}
	return r
}

func TestRefusals(t *testing.T) {
	sharedRun := func(r *reports.Report) {
		r.Verdict = verdict.Verdict{Kind: verdict.Shared, Evidence: []verdict.Evidence{{Text: "both ends share this machine's 2 cores"}}}
	}
	answerless := func(r *reports.Report) {
		for i := range r.Capacity.Answers {
			r.Capacity.Answers[i] = reports.CapacityAnswer{Mode: r.Capacity.Answers[i].Mode, Unmet: true}
		}
	}
	one := func(change func(*reports.Report)) []*reports.Report {
		r := searched()
		change(r)
		return []*reports.Report{r}
	}
	two := func(change func(*reports.Report)) []*reports.Report {
		r := at(1_000_000, 10)
		change(r)
		return []*reports.Report{searched(), r}
	}
	for _, tt := range []struct {
		name  string
		runs  []*reports.Report
		input func(*plan.Input)
		want  string
	}{
		{"no run", nil, nil, "no run to plan from: give one that wsimg capacity --out saved"},
		{"a comparison", one(func(r *reports.Report) { r.Settings.Command, r.Capacity = "bench", nil }), nil,
			"this is a run of wsimg bench, which says nothing of capacity: give one that wsimg capacity --out saved"},
		{"an incomplete run", one(func(r *reports.Report) { r.Incomplete = "interrupted" }), nil,
			"the run is incomplete (interrupted): let wsimg capacity come to its end"},
		{"an incomplete run, whatever is accepted", one(func(r *reports.Report) { r.Incomplete = "interrupted" }),
			func(in *plan.Input) { in.AcceptShared = true }, "the run is incomplete"},
		{"a shared run", one(sharedRun), nil,
			"the run is shared: both ends share this machine's 2 cores; or plan from it as it is with --accept-shared"},
		{"a void run", one(func(r *reports.Report) {
			r.Verdict = verdict.Verdict{Kind: verdict.Void, Evidence: []verdict.Evidence{{Text: "the generator sent images late"}}}
		}), nil, "the run is void: the generator sent images late; or plan from it as it is with --accept-shared"},
		{"the second of two runs is shared", two(sharedRun), func(in *plan.Input) { in.SizeBytes = 100_000 }, "run 2: the run is shared"},
		{"no answer at all", one(answerless), nil, "no mode meets its objectives (binary: even the least load that was tried failed response_p99<150ms; text:"},
		{"runs of other modes", two(func(r *reports.Report) { r.Settings.Modes = []string{"binary", "text+deflate"} }), nil,
			"run 1 and run 2 are not of one experiment: --modes binary,text and binary,text+deflate; give runs of wsimg capacity that differ in image size alone"},
		{"other things", two(func(r *reports.Report) {
			r.Capacity.Find, r.Capacity.PerClientPerS = record.FindClients, 2
			r.Capacity.Objectives = []string{"response_p99<1s"}
			r.Settings.Reply, r.Settings.Sender, r.Settings.Store, r.Settings.ThinkSeconds = record.Ack, "prepared", "files", 1
			r.Settings.Baseline, r.Settings.Clients = "text", 8
			r.Environment.Target.Cores, r.Environment.Target.GOMAXPROCS, r.Environment.Target.Wsimg = 16, 8, "0.4.0"
			r.Environment.GOMAXPROCS, r.Environment.Wsimg = 2, "0.5.0"
			r.Settings.TargetCPUs, r.Settings.InFlight, r.Settings.Arrivals, r.Settings.RcvbufBytes = record.CPUs{0}, 4, record.Constant, 4096
			r.Settings.GeneratorCPUs = record.CPUs{1}
			r.Settings.URL, r.Settings.Bundled = "wss://192.0.2.7:9000", true
		}), nil, "one experiment: --baseline binary and text; --find rate and clients; images/s of a client 0 and 2; --think 0s and 1s; " +
			"objectives response_p99<150ms and response_p99<1s; --reply echo and ack; --sender live and prepared; --store none and files; " +
			"--target-cpus none and 0; --generator-cpus none and 1; --clients 64 and 8; images in flight of a client 0 and 4; arrivals none and constant; " +
			"--rcvbuf 0 and 4096; TLS no and yes; target of wsimg's own false and true; GOMAXPROCS 0 and 2; wsimg none and 0.5.0; " +
			"GOMAXPROCS of the target 0 and 8; wsimg of the target none and 0.4.0; server Testium 3000 with 4 cores and Testium 3000 with 16 cores; give"},
		{"one size twice", []*reports.Report{searched(), searched()}, nil, "run 1 and run 2 both measured 100 KB: give one run of each size"},
		{"a run of two sizes", one(func(r *reports.Report) { r.Cells[0].SizeBytes = 1 }), nil, "the run holds 2 sizes of images: give runs of one size each"},
		{"several sizes and none asked for", two(func(*reports.Report) {}), nil, "capacity was measured from 100 KB to 1 MB: say with --size what images have"},
		{"below the sizes", two(func(*reports.Report) {}), func(in *plan.Input) { in.SizeBytes = 99_000 },
			"--size 99KB: capacity was measured from 100 KB to 1 MB, and plan does not go beyond; measure it with wsimg capacity --size 99KB"},
		{"above the one size", one(func(*reports.Report) {}), func(in *plan.Input) { in.SizeBytes = 200_000 }, "--size 200KB: capacity was measured at 100 KB, and plan does not go beyond"},
		{"a size of a what-if beyond", one(func(*reports.Report) {}), func(in *plan.Input) {
			in.WhatIf = []plan.Variation{{Name: "size", Values: []float64{5e6}}}
		}, "--what-if: --size 5MB: capacity was measured at 100 KB"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			in := asked()
			if tt.input != nil {
				tt.input(&in)
			}
			p, err := plan.Make(tt.runs, in)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q in it", err, tt.want)
			}
			if p != nil {
				t.Error("there is a plan beside the error")
			}
			if unmet := strings.HasPrefix(tt.want, "no mode"); errors.Is(err, plan.ErrUnmet) != unmet {
				t.Errorf("error %v is ErrUnmet: %v, want %v", err, !unmet, unmet)
			}
		})
	}
}

func TestErrorsNameTheRuns(t *testing.T) {
	in := asked()
	in.Names = []string{"small.json", "large.json"}
	shared, large := searched(), at(1_000_000, 10)
	shared.Verdict.Kind = verdict.Shared
	large.Settings.Sender = "prepared"
	for _, tt := range []struct {
		runs []*reports.Report
		want string
	}{
		{[]*reports.Report{searched(), shared}, "large.json: the run is shared: "},
		{[]*reports.Report{searched(), searched()}, "small.json and large.json both measured 100 KB"},
		{[]*reports.Report{searched(), large}, "small.json and large.json are not of one experiment: --sender live and prepared"},
	} {
		if _, err := plan.Make(tt.runs, in); err == nil || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("error %v, want one that begins with %q", err, tt.want)
		}
	}
}

func TestInputFaultsAreJoined(t *testing.T) {
	in := plan.Input{
		Users: 0, ImagesPerUser: -1, SizeBytes: -1, Reply: "shrug",
		Connected: plan.Set(1.1), Peak: plan.Set(0.5), Headroom: plan.Set(1), Spare: plan.Set(0.5),
		NICBitPerS: plan.Set(0), MTU: plan.Set(100), RetentionDays: plan.Set(0), PricePerGB: plan.Set(-1),
		WhatIf: []plan.Variation{{Name: "weather", Values: []float64{1}}, {Name: "users"}},
	}
	_, err := plan.Make([]*reports.Report{searched()}, in)
	if err == nil {
		t.Fatal("it is accepted")
	}
	for _, flag := range []string{"--users 0: ", "--images-per-user -1/s: ", "--size -1: ", `--reply "shrug": `, "--connected 1.1: ", "--peak 0.5: ",
		"--headroom 1: ", "--spare 0.5: ", "--nic 0bit: ", "--mtu 100: ", "--retention 0d: ", "--egress-price -1/GB: ",
		"--what-if weather: give one of users, images-per-user, connected, peak, headroom, size", "--what-if users: give values"} {
		if !strings.Contains(err.Error(), flag) {
			t.Errorf("error %v, want %q in it", err, flag)
		}
	}
	if n := strings.Count(err.Error(), "\n") + 1; n != 14 {
		t.Errorf("%d faults, want 14:\n%v", n, err)
	}
	for _, change := range []func(*plan.Input){func(in *plan.Input) { in.Users = 1.5 }, func(in *plan.Input) { in.ConnectionsPerServer = plan.Set(1.5) }} {
		in := asked()
		if change(&in); in.Validate() == nil {
			t.Errorf("%+v is accepted", in)
		}
	}
	in = asked()
	in.WhatIf = []plan.Variation{{Name: "users", Values: []float64{10, 0}}, {Name: "headroom", Values: []float64{2}}}
	if err := in.Validate(); err == nil || err.Error() != "--what-if: --users 0: give how many people the fleet is for, such as 50000\n"+
		"--what-if: --headroom 2: give the share of a server that stays free, from 0 to below 1, such as 30%" {
		t.Errorf("error %v, want one for each value that can't be", err)
	}
}

func TestWhatIsAcceptedIsSaidLoudly(t *testing.T) {
	for kind, want := range map[verdict.Kind]struct{ conclusion, assumption string }{
		verdict.Shared: {"Target and generator shared one machine: ", "A server carries what target and generator reached together on one machine"},
		verdict.Void:   {"NOT TO BE RELIED ON: planned from a void run", "A server carries what a void run measured: too late."},
	} {
		r := searched()
		r.Verdict = verdict.Verdict{Kind: kind, Evidence: []verdict.Evidence{{Text: "too late"}}}
		in := asked()
		in.AcceptShared = true
		p := made(t, in, r)
		if !strings.HasPrefix(p.Conclusion, want.conclusion) {
			t.Errorf("%s: conclusion %q, want %q before all else", kind, p.Conclusion, want.conclusion)
		}
		if p.Verdict != kind || p.Sources[0].Verdict != kind || p.Sources[0].Reason != "too late" {
			t.Errorf("verdict %s, source %+v, want %s and why", p.Verdict, p.Sources[0], kind)
		}
		number := assumption(t, p, want.assumption)
		if !rests(p.Fleets[0].Servers, number) || !rests(p.Fleets[0].Cores, number) {
			t.Errorf("%s: servers and cores do not rest on assumption %d", kind, number)
		}
	}
}
