package verdict

import (
	"math"
	"strings"
	"testing"

	"github.com/wsimg/wsimg/loadgen/record"
)

// block is one second with the given share of 4 cores used by the generator.
func block(share float64, d record.Disturbance) record.Sample {
	return record.Sample{
		Seconds: 1, Images: 1000, Credit: 1000, BlockImages: 1000,
		GeneratorCPUNs: int64(share * 4 * 1e9), Disturbance: d,
	}
}

func cell(mode string, samples ...record.Sample) record.Cell {
	return record.Cell{SizeBytes: 100_000, Mode: mode, Load: record.Closed, Clients: 16, Samples: samples}
}

func repeated(s record.Sample) record.Sample {
	s.Repeated = true
	return s
}

func TestJudge(t *testing.T) {
	quiet := record.Disturbance{SpanSeconds: 2, Foreign: 0.01}
	foreign := record.Disturbance{SpanSeconds: 2, Foreign: 0.12}
	for _, c := range []struct {
		name    string
		shared  bool
		cells   []record.Cell
		want    Kind
		metrics []string
		says    string // in the first entry's text
	}{
		{"the generator is at ease", false, []record.Cell{cell("binary", block(0.3, quiet))}, Valid, nil, ""},
		{"just at the limit", false, []record.Cell{cell("binary", block(0.8, quiet))}, Valid, nil, ""},
		{"the generator was the limit", false, []record.Cell{cell("binary", block(0.85, quiet))}, Void,
			[]string{"generator_cpu_share"}, "more cores"},
		{"an idle cell excuses no saturated one", false,
			[]record.Cell{cell("binary", block(0.1, quiet)), cell("text", block(0.9, quiet))}, Void,
			[]string{"generator_cpu_share"}, "text, 100 KB, closed: the generator used 90 %"},
		{"foreign CPU", false, []record.Cell{cell("binary", block(0.3, foreign))}, Void,
			[]string{"foreign_cpu_share"}, "12 % of the machine; stop them"},
		{"steal", false, []record.Cell{cell("binary", block(0.3, record.Disturbance{SpanSeconds: 1, Steal: 0.2}))}, Void,
			[]string{"steal_share"}, "dedicated machine"},
		{"throttling", false, []record.Cell{cell("binary", block(0.3, record.Disturbance{SpanSeconds: 1, Throttled: 0.2}))}, Void,
			[]string{"throttled_share"}, "CPU limit"},
		{"a span too short to judge", false,
			[]record.Cell{cell("binary", block(0.3, record.Disturbance{SpanSeconds: 0.2, Foreign: 0.9}))}, Valid, nil, ""},
		{"one disturbed block among many", false,
			[]record.Cell{cell("binary", block(0.3, foreign), block(0.3, quiet), block(0.3, quiet), block(0.3, quiet))}, Valid, nil, ""},
		{"a disturbed round that was repeated", false,
			[]record.Cell{cell("binary", repeated(block(0.95, foreign)), block(0.3, quiet))}, Valid, nil, ""},
		{"one machine is shared, however busy", true, []record.Cell{cell("binary", block(0.95, quiet))}, Shared,
			[]string{"machines"}, "4 cores"},
		{"one machine is shared, however disturbed", true, []record.Cell{cell("binary", block(0.3, foreign))}, Shared,
			[]string{"machines", "foreign_cpu_share"}, "both ends"},
		{"no cells", false, nil, Void, []string{"images"}, "nothing was measured"},
		{"empty cells, even on one machine", true, []record.Cell{cell("binary"), cell("text")}, Void,
			[]string{"images"}, "nothing was measured"},
		{"blocks whose every image failed", true,
			[]record.Cell{cell("binary", record.Sample{Errors: map[string]uint64{"timeout": 3}})}, Void,
			[]string{"images"}, "nothing was measured"},
	} {
		t.Run(c.name, func(t *testing.T) {
			run := &record.Run{Environment: record.Environment{Cores: 4, Shared: c.shared}, Cells: c.cells}
			got := Judge(run)
			if got.Kind != c.want {
				t.Fatalf("kind %q with %+v, want %q", got.Kind, got.Evidence, c.want)
			}
			if got.Evidence == nil {
				t.Error("evidence is nil, want a list, empty or not")
			}
			var metrics []string
			for _, e := range got.Evidence {
				metrics = append(metrics, e.Metric)
			}
			if strings.Join(metrics, " ") != strings.Join(c.metrics, " ") {
				t.Errorf("evidence %v, want %v", metrics, c.metrics)
			}
			if c.says != "" && !strings.Contains(got.Evidence[0].Text, c.says) {
				t.Errorf("first text %q, want it to say %q", got.Evidence[0].Text, c.says)
			}
		})
	}
}

func TestBusyLeavesOutTheEndsOfABlock(t *testing.T) {
	s := block(0.5, record.Disturbance{})
	s.BlockImages, s.Credit = 1600, 1000 // the window saw 1000 of 1600 images
	if got, want := busy(cell("binary", s), 4), 0.5*1000/1600; math.Abs(got-want) > 1e-12 {
		t.Errorf("busy = %v, want %v", got, want)
	}
}

func TestDisturbed(t *testing.T) {
	for _, c := range []struct {
		name string
		d    record.Disturbance
		want bool
	}{
		{"quiet", record.Disturbance{SpanSeconds: 2, Foreign: 0.05, Steal: 0.05}, false},
		{"foreign CPU", record.Disturbance{SpanSeconds: 2, Foreign: 0.06}, true},
		{"steal", record.Disturbance{SpanSeconds: 2, Steal: 0.06}, true},
		{"throttled", record.Disturbance{SpanSeconds: 2, Throttled: 0.06}, true},
		{"not measurable here", record.Disturbance{Foreign: 0.5}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Disturbed(c.d); got != c.want {
				t.Errorf("Disturbed(%+v) = %v, want %v", c.d, got, c.want)
			}
		})
	}
}

// TestInterruptedRunsAreToldSo: whoever pressed Ctrl-C need not be told to ask
// for a higher rate, or to look at the target.
func TestInterruptedRunsAreToldSo(t *testing.T) {
	due := record.Cell{Mode: "text", Load: record.Open, Samples: []record.Sample{{Scheduled: 7}}}
	none := record.Cell{Mode: "text", Load: record.Open, Samples: []record.Sample{{}}}
	for _, c := range []struct {
		name, incomplete string
		cells            []record.Cell
		want             string
	}{
		{"in the ramp", "interrupted", []record.Cell{none}, "nothing was measured: the run was interrupted before that"},
		{"in the warm-up", "interrupted", []record.Cell{{Mode: "text", Load: record.Open}}, "nothing was measured: the run was interrupted before that"},
		{"while connecting", "interrupted", nil, "nothing was measured: the run was interrupted before that"},
		{"with images due", "interrupted", []record.Cell{due}, "nothing was measured: the run was interrupted before that"},
		{"by itself, none due", "", []record.Cell{none}, "no image was due in the time there was: ask for a higher rate, or for longer"},
		{"by a failure", "the target is gone", []record.Cell{due}, "nothing was measured: look at the errors, and whether the target can be reached"},
	} {
		v := Judge(&record.Run{Incomplete: c.incomplete, Cells: c.cells})
		if v.Kind != Void || len(v.Evidence) != 1 || v.Evidence[0].Text != c.want {
			t.Errorf("%s: got %+v, want %s: %s", c.name, v, Void, c.want)
		}
	}
}
