package record_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/wsimg/wsimg/loadgen/record"
)

// bench is a run of that many rounds of both modes, begun that many hours after
// the first; no two of them hold the same measurement.
func bench(hour, rounds int) *record.Run {
	r := &record.Run{
		Schema: record.Schema, Started: time.Date(2026, 11, 22, hour, 0, 0, 0, time.UTC), Seconds: float64(10 + hour),
		Environment: record.Environment{Wsimg: "0.2.0", CPU: "a CPU", Cores: 2, Target: &record.Target{Store: "latest", Codec: "simd"}},
		Settings: record.Settings{
			Command: "bench", URL: fmt.Sprintf("ws://127.0.0.1:%d", 40000+hour), Bundled: true,
			SizesBytes: []int64{1000}, Modes: []string{"text", "binary"}, Baseline: "binary", Clients: 16, Seed: 1,
		},
	}
	for m, mode := range r.Settings.Modes {
		c := record.Cell{SizeBytes: 1000, Source: record.Synthetic, Distinct: 64, Mode: mode, Load: record.Closed, Clients: 16}
		for round := range rounds {
			c.Samples = append(c.Samples, record.Sample{
				Round: round, Order: (m + round) % 2, Seconds: 1, Images: uint64(100 + hour), Credit: float64(100+hour) + float64(round)/64,
				GeneratorCPUNs: int64(1000*hour + 100*m + round),
			})
		}
		r.Cells = append(r.Cells, c)
	}
	return r
}

func merge(t *testing.T, runs ...*record.Run) *record.Run {
	t.Helper()
	m, err := record.Merge(runs...)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestMergedRoundsStayPairedAndBalanced(t *testing.T) {
	m := merge(t, bench(1, 3), bench(2, 3))
	if len(m.Cells) != 2 {
		t.Fatalf("%d cells, want the 2 modes", len(m.Cells))
	}
	text, binary := m.Cells[0], m.Cells[1]
	if text.Mode != "text" || binary.Mode != "binary" {
		t.Fatalf("cells are %s and %s, want text and binary", text.Mode, binary.Mode)
	}
	var rounds []int
	for i, s := range text.Samples {
		rounds = append(rounds, s.Round)
		b := binary.Samples[i]
		if s.Round != b.Round || s.Images != b.Images {
			t.Errorf("sample %d: round %d of text is beside round %d of binary, of another run", i, s.Round, b.Round)
		}
		if s.Order != s.Round%2 || s.Order == b.Order {
			t.Errorf("round %d: text ran as number %d and binary as %d; want who came first to follow from the round", s.Round, s.Order, b.Order)
		}
	}
	if want := []int{0, 1, 2, 4, 5, 6}; !slices.Equal(rounds, want) {
		t.Errorf("rounds: got %v, want %v", rounds, want)
	}
}

func TestMergeKeepsWhatWentWrong(t *testing.T) {
	a, b := bench(1, 2), bench(2, 2)
	a.Incomplete, b.Notes = "interrupted", []string{"odd"}
	a.Ended, b.Ended = record.EndedPrecise, record.EndedTime
	a.Cells[0].WarmupErrors = map[string]uint64{"late": 1}
	b.Cells[0].WarmupErrors = map[string]uint64{"late": 2, "short": 1}
	b.Cells[0].Examples = map[string]record.Example{"late": {Round: -1, Detail: "in b"}, "short": {Round: 1, Detail: "in b"}}
	a.Cells[0].Examples = map[string]record.Example{"late": {Round: 1, Detail: "in a"}}
	b.Cells[1].Failed = "the server left"
	b.Calibration = &record.Calibration{Cores: 2}
	before := reflect.ValueOf(*b).Interface()
	m := merge(t, b, a) // whatever their order
	want := record.Cell{
		WarmupErrors: map[string]uint64{"late": 3, "short": 1},
		Examples:     map[string]record.Example{"late": {Round: 1, Detail: "in a"}, "short": {Round: 3, Detail: "in b"}},
	}
	if diff := cmp.Diff(want, m.Cells[0], cmpopts.IgnoreFields(record.Cell{}, "SizeBytes", "Source", "Distinct", "Mode", "Load", "Clients", "Samples")); diff != "" {
		t.Errorf("the first cell (-want +got):\n%s", diff)
	}
	if m.Cells[1].Failed != "the server left" {
		t.Errorf("failed: got %q", m.Cells[1].Failed)
	}
	if m.Incomplete != "interrupted" || m.Ended != "" || m.Seconds != 23 || !m.Started.Equal(a.Started) || m.Merged != 2 || m.Calibration != b.Calibration {
		t.Errorf("incomplete %q, ended %q, %v s from %v, %d merged, calibration %v", m.Incomplete, m.Ended, m.Seconds, m.Started, m.Merged, m.Calibration)
	}
	if !slices.Contains(m.Notes, "odd") || !slices.ContainsFunc(m.Notes, func(n string) bool { return strings.HasPrefix(n, "2 runs merged") }) {
		t.Errorf("notes: got %q, want that of b and that they are merged", m.Notes)
	}
	if diff := cmp.Diff(before, *b); diff != "" {
		t.Errorf("a run that was merged has changed (-before +after):\n%s", diff)
	}
}

func TestMergeOfAudits(t *testing.T) {
	sound := func() *record.Audit { return &record.Audit{Verified: 5, Unsettled: 2, Saved: 6, UnsettledSaved: 1} }
	lost := &record.Audit{Verified: 5, Saved: 4, Fault: "the target saved 4 of 5"}
	for _, tt := range []struct {
		name string
		a, b *record.Audit
		want *record.Audit
	}{
		{"nobody asked", nil, nil, nil},
		{"both are sound", sound(), sound(), &record.Audit{Verified: 10, Unsettled: 4, Saved: 12, UnsettledSaved: 2}},
		{"the first has a fault", lost, sound(), &record.Audit{Verified: 10, Unsettled: 2, Saved: 10, Fault: lost.Fault}},
		{"the second has a fault", sound(), lost, &record.Audit{Verified: 10, Unsettled: 2, Saved: 10, Fault: lost.Fault}},
		{"both have one", lost, &record.Audit{Fault: "another"}, &record.Audit{Verified: 5, Saved: 4, Fault: lost.Fault + "; another"}},
	} {
		a, b := bench(1, 2), bench(2, 2)
		a.Audit, b.Audit = tt.a, tt.b
		if diff := cmp.Diff(tt.want, merge(t, a, b).Audit); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestMergeOfOneRunIsThatRun(t *testing.T) {
	a := bench(1, 2)
	if m := merge(t, a); m != a {
		t.Error("got another run")
	}
	if _, err := record.Merge(); err == nil {
		t.Error("no runs: got no error")
	}
}

func TestMergeRefusesOtherExperiments(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*record.Run)
		want   string
	}{
		{"clients", func(r *record.Run) { r.Settings.Clients = 32 }, "--clients 16 in a.json and 32 in b.json"},
		{"sizes", func(r *record.Run) { r.Settings.SizesBytes = []int64{1000, 5} }, "--sizes 1000 in a.json and 1000,5 in b.json"},
		{"the seed", func(r *record.Run) { r.Settings.Seed = 2 }, "--seed 1 in a.json and 2 in b.json"},
		{"a rate", func(r *record.Run) { r.Settings.RatePerS = 200 }, "--rate not given in a.json and 200 in b.json"},
		{"lifetimes", func(r *record.Run) { r.Settings.Churn = &record.Churn{LifetimeSeconds: 30} }, "--lifetime not given in a.json and 30s in b.json"},
		{"cuts", func(r *record.Run) { r.Settings.Churn = &record.Churn{CutsSeconds: []float64{1, 2.5}} }, "--cut not given in a.json and 1s,2.5s in b.json"},
		{"reconnecting", func(r *record.Run) { r.Settings.Churn = &record.Churn{NoReconnect: true} }, "--reconnect false in a.json and true in b.json"},
		{"a storm", func(r *record.Run) { r.Settings.Churn = &record.Churn{Storm: true} }, "--storm false in a.json and true in b.json"},
		{"source addresses", func(r *record.Run) { r.Settings.LocalAddrs = []string{"127.0.0.2"} }, "--local-addr not given in a.json and 127.0.0.2 in b.json"},
		{"the target's CPUs", func(r *record.Run) { r.Settings.TargetCPUs = record.CPUs{0} }, "--target-cpus not given in a.json and 0 in b.json"},
		{"the generator's CPUs", func(r *record.Run) { r.Settings.GeneratorCPUs = record.CPUs{0, 1, 2, 5} }, "--generator-cpus not given in a.json and 0-2,5 in b.json"},
		{"the rate of connecting", func(r *record.Run) { r.Settings.ConnectRatePerS = 500 }, "--connect-rate not given in a.json and 500 in b.json"},
		{"active clients", func(r *record.Run) { r.Settings.Active = 3 }, "--active not given in a.json and 3 in b.json"},
		{"block lengths", func(r *record.Run) { r.Settings.BlockSeconds = 0.2 }, "--duration not given in a.json and 0.2s in b.json"},
		{"somebody else's server", func(r *record.Run) { r.Settings.Bundled, r.Settings.URL = false, "ws://127.0.0.1:40001" }, "bundled true in a.json and false in b.json"},
		{"the CPU", func(r *record.Run) { r.Environment.CPU = "another" }, "cpu a CPU in a.json and another in b.json"},
		{"the store it has", func(r *record.Run) { r.Environment.Target.Store = "off" }, "target store latest in a.json and off in b.json"},
		{"a side channel", func(r *record.Run) { r.Environment.Target = nil }, "target known in a.json and not given in b.json"},
		{"the version of wsimg", func(r *record.Run) { r.Environment.Wsimg = "0.3.0" }, "wsimg 0.2.0 in a.json and 0.3.0 in b.json"},
		{"an audit", func(r *record.Run) { r.Audit = new(record.Audit) }, "--audit not given in a.json and given in b.json"},
		{"a sysctl", func(r *record.Run) { r.Environment.Sysctls = map[string]string{"net.core.somaxconn": "1"} }, "sysctls net.core.somaxconn not given in a.json and 1 in b.json"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := bench(2, 2)
			tt.change(b)
			_, err := record.Merge(bench(1, 2), b)
			unlike, ok := errors.AsType[*record.MergeError](err)
			if !ok {
				t.Fatalf("got %v, want a MergeError", err)
			}
			got := unlike.Naming(func(run int) string { return []string{"a.json", "b.json"}[run] })
			if !strings.Contains(got, tt.want) || len(unlike.Differences) != 1 {
				t.Errorf("got %q with %d differences, want one: %s", got, len(unlike.Differences), tt.want)
			}
			if !strings.Contains(err.Error(), "run 1 and ") {
				t.Errorf("without names: %q does not number the runs", err)
			}
		})
	}
}

func TestMergeNamesAllThatDiffers(t *testing.T) {
	b := bench(2, 2)
	b.Settings.Clients, b.Settings.Sender, b.Environment.Cores = 32, "prepared", 64
	_, err := record.Merge(bench(1, 2), bench(3, 2), b)
	for _, want := range []string{"--clients 16 in run 1 and 32 in run 3", "--sender", "cores 2 in run 1 and 64 in run 3"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want it to say %q", err, want)
		}
	}
}

func TestMergeRefusesWhatIsNotRounds(t *testing.T) {
	folder := func(distinct int) func(*record.Run) {
		return func(r *record.Run) {
			for i := range r.Cells {
				r.Cells[i].Source, r.Cells[i].Distinct = "photos", distinct
			}
		}
	}
	for _, tt := range []struct {
		name         string
		changeA      func(*record.Run)
		changeB      func(*record.Run)
		hours        [2]int
		want, wanted string
	}{
		{"loads over time", func(r *record.Run) { r.Settings.Command = "run" }, func(r *record.Run) { r.Settings.Command = "run" }, [2]int{1, 2}, "are each one load over time", "report each by itself"},
		{"a run with itself", func(*record.Run) {}, func(*record.Run) {}, [2]int{1, 1}, "hold the same measurements", "leave one of the two out"},
		{"a folder whose images changed", folder(64), folder(65), [2]int{1, 2}, "images of photos 64 of 1000 bytes on average in run 1 and 65 of", "report each by itself"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a, b := bench(tt.hours[0], 2), bench(tt.hours[1], 2)
			tt.changeA(a)
			tt.changeB(b)
			_, err := record.Merge(a, b)
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), tt.wanted) {
				t.Errorf("got %v, want that they %s: %s", err, tt.want, tt.wanted)
			}
		})
	}
	ab := merge(t, bench(1, 2), bench(2, 2))
	if _, err := record.Merge(ab, bench(2, 2)); err == nil || !strings.Contains(err.Error(), "hold the same measurements") {
		t.Errorf("a run with one it is part of already: got %v", err)
	}
}

// TestOpenCellsStayApartByRate: half of a throughput is another rate in every
// run.
func TestOpenCellsStayApartByRate(t *testing.T) {
	open := func(r *record.Run, rate float64) *record.Run {
		for i := range r.Cells {
			r.Cells[i].Load, r.Cells[i].RatePerS = record.Open, rate
		}
		return r
	}
	apart := merge(t, open(bench(1, 2), 360), open(bench(2, 2), 350))
	var got []string
	for _, c := range apart.Cells {
		got = append(got, fmt.Sprintf("%s %g", c.Mode, c.RatePerS))
	}
	if want := []string{"text 350", "binary 350", "text 360", "binary 360"}; !slices.Equal(got, want) {
		t.Errorf("cells: got %v, want %v", got, want)
	}
	told := func(r *record.Run) bool {
		return slices.ContainsFunc(r.Notes, func(n string) bool { return strings.Contains(n, "--rate") })
	}
	if !told(apart) {
		t.Errorf("notes: %q do not say why", apart.Notes)
	}
	together := merge(t, open(bench(1, 2), 350), open(bench(2, 2), 350))
	if len(together.Cells) != 2 || told(together) {
		t.Errorf("at one rate: %d cells and notes %q, want 2 cells and nothing of rates", len(together.Cells), together.Notes)
	}
}

// TestMergingIsAssociative: in whatever order and groups runs are merged, the
// whole holds the same samples in the same pairs, and says the same.
func TestMergingIsAssociative(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var runs []*record.Run
		for hour := range rapid.IntRange(2, 5).Draw(rt, "runs") {
			r := bench(hour, rapid.IntRange(0, 4).Draw(rt, "rounds"))
			r.Notes = rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "b"}), 0, 2, rapid.ID[string]).Draw(rt, "notes")
			r.Ended = rapid.SampledFrom([]string{"", record.EndedTime, record.EndedPrecise}).Draw(rt, "ended")
			r.Incomplete = rapid.SampledFrom([]string{"", "interrupted", "died"}).Draw(rt, "incomplete")
			runs = append(runs, r)
		}
		atOnce := merge(t, runs...)
		left := rapid.Permutation(runs).Draw(rt, "order")
		for len(left) > 1 {
			i := rapid.IntRange(0, len(left)-2).Draw(rt, "merge at")
			left[i] = merge(t, left[i], left[i+1])
			left = slices.Delete(left, i+1, i+2)
		}
		stepwise := left[0]
		if diff := cmp.Diff(content(atOnce), content(stepwise)); diff != "" {
			rt.Errorf("one after the other they are another run (-at once +stepwise):\n%s", diff)
		}
	})
}

// content is what of a merged run does not depend on how rounds are numbered:
// its pairs, and all that is said once.
func content(r *record.Run) any {
	pairs := map[int][]string{}
	for _, c := range r.Cells {
		for _, s := range c.Samples {
			pairs[s.Round] = append(pairs[s.Round], fmt.Sprintf("%s %d at %v", c.Mode, s.GeneratorCPUNs, s.Order))
		}
	}
	var rounds []string
	for _, pair := range pairs {
		slices.Sort(pair)
		rounds = append(rounds, strings.Join(pair, " | "))
	}
	slices.Sort(rounds)
	notes := slices.Sorted(slices.Values(r.Notes))
	reasons := strings.Split(r.Incomplete, "; ")
	slices.Sort(reasons)
	return []any{rounds, notes, reasons, r.Ended, r.Merged, r.Seconds, r.Started, len(r.Cells)}
}
