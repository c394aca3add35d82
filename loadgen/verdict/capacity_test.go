package verdict

import (
	"strings"
	"testing"
	"time"

	"github.com/wsimg/wsimg/loadgen/record"
)

// probed is a probe and what was measured in it, of the plan's mode.
type probed struct {
	plan
	phase, verdict string
	load           float64
}

// searched is a run of these probes on 4 cores.
func searched(t *testing.T, s record.Settings, shared bool, probes ...probed) *record.Run {
	t.Helper()
	s.Command, s.Modes = "capacity", []string{"binary", "text"}
	run := &record.Run{
		Environment: record.Environment{Cores: 4, Shared: shared}, Settings: s,
		Capacity: &record.Capacity{Find: record.FindRate},
	}
	for round, p := range probes {
		c := p.cell(t)
		c.RatePerS, c.Samples[0].Round = p.load, round
		run.Cells = append(run.Cells, c)
		run.Capacity.Probes = append(run.Capacity.Probes,
			record.Probe{Round: round, Mode: p.mode, Load: p.load, Phase: p.phase, Verdict: p.verdict})
	}
	return run
}

func TestJudgeCapacity(t *testing.T) {
	const us, ms = time.Microsecond, time.Millisecond
	const grow, bisect, confirm, pass, fail, unsure = record.Grow, record.Bisect, record.Confirm, record.Pass, record.Fail, record.Inconclusive
	quiet := record.Disturbance{SpanSeconds: 10, Foreign: 0.01}
	calm := plan{"binary", 0.1, times{60 * us: 990, 800 * us: 10}, times{2 * ms: 980, 9 * ms: 20}, quiet}
	starved := plan{"binary", 0.3, times{1 * ms: 900, 80 * ms: 100}, times{4 * ms: 900, 90 * ms: 100}, quiet}
	busy, hogged, text := calm, calm, calm
	busy.generator, text.mode = 0.9, "text"
	hogged.disturbance = record.Disturbance{SpanSeconds: 10, Foreign: 0.3}
	pinned := record.Settings{TargetCPUs: []int{0, 1}, GeneratorCPUs: []int{2, 3}}

	for _, c := range []struct {
		name     string
		settings record.Settings
		shared   bool
		probes   []probed
		want     Kind
		metrics  string
		says     []string // in the first entry's text
	}{
		{"calm", record.Settings{}, false, []probed{{calm, confirm, pass, 100}, {calm, confirm, fail, 110}}, Valid, "", nil},
		{"late far above the edge: it is meant to be", record.Settings{}, false,
			[]probed{{starved, grow, fail, 400}, {calm, confirm, pass, 100}, {calm, confirm, fail, 110}}, Valid, "", nil},
		{"late where the answer was confirmed", record.Settings{}, false,
			[]probed{{calm, confirm, pass, 100}, {starved, confirm, fail, 110}}, Void, "lateness_p99_us",
			[]string{"binary, 100 KB at 110/s: the generator sent images late, by 1.0 ms at p50", "not the target's", "a machine of its own"}},
		{"late where it passed all the same", record.Settings{}, false,
			[]probed{{starved, confirm, pass, 100}, {calm, confirm, fail, 110}}, Valid, "", nil},
		{"calm ones that passed excuse no late ones", record.Settings{}, false,
			[]probed{{calm, confirm, pass, 100}, {calm, confirm, pass, 101}, {calm, confirm, pass, 102}, {starved, confirm, fail, 110}},
			Void, "lateness_p99_us", nil},
		{"late at the lowest load that failed, nothing being confirmed", record.Settings{}, false,
			[]probed{{calm, grow, pass, 100}, {calm, grow, fail, 400}, {starved, bisect, fail, 200}}, Void, "lateness_p99_us", []string{"at 200/s"}},
		{"late at a higher one", record.Settings{}, false,
			[]probed{{calm, grow, pass, 100}, {starved, grow, fail, 400}, {calm, bisect, fail, 200}}, Valid, "", nil},
		{"late at a lower load that passed", record.Settings{}, false,
			[]probed{{starved, grow, pass, 50}, {calm, grow, pass, 100}, {calm, grow, fail, 200}}, Valid, "", nil},
		{"late where nothing could be told", record.Settings{}, false,
			[]probed{{calm, confirm, pass, 100}, {starved, confirm, unsure, 105}, {calm, confirm, fail, 110}}, Valid, "", nil},
		{"late on one machine", record.Settings{}, true,
			[]probed{{calm, confirm, pass, 100}, {starved, confirm, fail, 110}}, Void, "lateness_p99_us machines", nil},
		{"calm on one machine", record.Settings{}, true, []probed{{calm, confirm, pass, 100}, {calm, confirm, fail, 110}},
			Shared, "machines", []string{"4 cores", "--target-cpus"}},
		{"calm on one machine, apart", pinned, true, []probed{{calm, confirm, pass, 100}, {calm, confirm, fail, 110}},
			Shared, "machines", []string{"the target on CPUs 0-1 and the generator on CPUs 2-3"}},
		{"the generator out of CPU", record.Settings{}, false, []probed{{calm, confirm, pass, 100}, {busy, confirm, fail, 110}},
			Void, "generator_cpu_share", []string{"90 % of its 4 cores"}},
		{"the generator out of CPU it has to share", record.Settings{}, true, []probed{{calm, confirm, pass, 100}, {busy, confirm, fail, 110}},
			Shared, "machines", nil},
		{"the generator out of the CPU it was kept to", pinned, true, []probed{{busy, confirm, fail, 110}}, Void, "generator_cpu_share machines", []string{"180 % of its 2 cores"}},
		{"on one machine, and not quite apart", record.Settings{TargetCPUs: []int{0, 1, 2}, GeneratorCPUs: []int{2, 3}}, true,
			[]probed{{busy, confirm, fail, 110}}, Shared, "machines", nil},
		{"a hog while the answer was confirmed", record.Settings{}, true, []probed{{hogged, confirm, pass, 100}, {calm, confirm, unsure, 100}},
			Void, "foreign_cpu_share machines", []string{"binary", "other processes used 16 % of the machine"}},
		{"a hog in one mode, the other at ease", record.Settings{}, false,
			[]probed{{calm, confirm, pass, 100}, {plan{"text", 0.1, calm.lateness, calm.response, hogged.disturbance}, confirm, pass, 90}},
			Void, "foreign_cpu_share", []string{"text"}},
		{"a hog while the edge was sought", record.Settings{}, false,
			[]probed{{hogged, bisect, pass, 90}, {calm, confirm, pass, 100}, {calm, confirm, fail, 110}}, Valid, "", nil},
		{"one mode late, the other not", record.Settings{}, false,
			[]probed{{starved, confirm, fail, 110}, {text, confirm, pass, 90}}, Void, "lateness_p99_us", []string{"binary"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := Judge(searched(t, c.settings, c.shared, c.probes...))
			if got.Kind != c.want || got.Evidence == nil {
				t.Fatalf("kind %q with %+v, want %q", got.Kind, got.Evidence, c.want)
			}
			var metrics []string
			for _, e := range got.Evidence {
				metrics = append(metrics, e.Metric)
				if e.Limit <= 0 || e.Text == "" {
					t.Errorf("%s has limit %v and text %q, want both", e.Metric, e.Limit, e.Text)
				}
			}
			if strings.Join(metrics, " ") != c.metrics {
				t.Errorf("evidence %v, want %s", metrics, c.metrics)
			}
			for _, says := range c.says {
				if !strings.Contains(got.Evidence[0].Text, says) {
					t.Errorf("first text %q, want it to say %q", got.Evidence[0].Text, says)
				}
			}
		})
	}
}

func TestASearchThatMeasuredNothingIsVoid(t *testing.T) {
	run := searched(t, record.Settings{}, true)
	if got := Judge(run); got.Kind != Void || got.Evidence[0].Metric != "images" {
		t.Errorf("got %+v, want it void for want of images", got)
	}
}
