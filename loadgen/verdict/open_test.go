package verdict

import (
	"strings"
	"testing"
	"time"

	"github.com/wsimg/wsimg/loadgen/record"
)

// times are how often which time was measured.
type times map[time.Duration]int64

func (ts times) histogram(t *testing.T) record.Histogram {
	t.Helper()
	h := record.NewHistogram()
	for d, n := range ts {
		if err := h.RecordValues(int64(d), n); err != nil {
			t.Fatal(err)
		}
	}
	frozen, err := record.Encode(h)
	if err != nil {
		t.Fatal(err)
	}
	return frozen
}

// plan is an open cell of one block of 10 s at 100/s.
type plan struct {
	mode               string
	generator          float64 // share of 4 cores
	lateness, response times
	disturbance        record.Disturbance
}

func (p plan) cell(t *testing.T) record.Cell {
	t.Helper()
	s := record.Sample{
		Seconds: 10, Images: 1000, Credit: 1000, BlockImages: 1100, Scheduled: 1000,
		GeneratorCPUNs: int64(p.generator * 4 * 10e9 * 1.1), Disturbance: p.disturbance,
		Lateness: p.lateness.histogram(t), Response: p.response.histogram(t),
	}
	c := cell(p.mode, s)
	c.Load, c.RatePerS = record.Open, 100
	return c
}

func TestJudgeOpenLoads(t *testing.T) {
	const us, ms = time.Microsecond, time.Millisecond
	quiet := record.Disturbance{SpanSeconds: 10, Foreign: 0.01}
	hog := record.Disturbance{SpanSeconds: 10, Foreign: 0.45}
	calm := plan{"binary", 0.1, times{60 * us: 990, 800 * us: 10}, times{2 * ms: 980, 9 * ms: 20}, quiet}
	hogged := calm
	hogged.disturbance = hog
	starved := plan{"text", 0.3, times{1 * ms: 900, 80 * ms: 100}, times{4 * ms: 900, 90 * ms: 100}, quiet}
	worse := plan{"text", 0.3, times{1 * ms: 900, 300 * ms: 100}, times{4 * ms: 900, 310 * ms: 100}, quiet}
	slowed := plan{"binary", 0.1, times{25 * ms: 1000}, times{30 * ms: 1000}, quiet}
	freezing := plan{"binary", 0.1, times{60 * us: 990, 3 * ms: 10}, times{2 * ms: 800, 1000 * ms: 150, 2000 * ms: 50}, quiet}
	overloaded := plan{"binary", 0.1, times{60 * us: 900, 100 * ms: 100}, times{9000 * ms: 500, 18_000 * ms: 500}, quiet}
	fast := plan{"binary", 0.1, times{60 * us: 900, 4 * ms: 100}, times{200 * us: 900, 5 * ms: 100}, quiet}
	saturated := calm
	saturated.generator = 0.9
	few := plan{"binary", 0.1, times{60 * us: 170, 50 * ms: 30}, times{2 * ms: 170, 60 * ms: 30}, quiet}
	outlier := plan{"binary", 0.1, times{60 * us: 199, 50 * ms: 1}, times{2 * ms: 199, 60 * ms: 1}, quiet}
	fewest := plan{"binary", 0.1, times{60 * us: 9, 50 * ms: 1}, times{2 * ms: 9, 60 * ms: 1}, quiet}
	sluggish := plan{"binary", 0.1, times{2 * ms: 1000}, times{3 * ms: 1000}, quiet}

	for _, c := range []struct {
		name    string
		shared  bool
		open    []plan
		closed  []record.Cell
		want    Kind
		metrics string
		says    []string // in the first entry's text
	}{
		{"calm", false, []plan{calm}, nil, Valid, "", nil},
		{"calm on one machine", true, []plan{calm}, nil, Shared, "machines", nil},
		{"a generator starved of CPU", false, []plan{starved}, nil, Void, "lateness_p99_us",
			[]string{"text, 100 KB at 100/s: the generator sent images late, by 1.0 ms at p50 and 80.0 ms at p99, where response time has 4.0 ms and 90",
				"fewer clients or a lower rate", "more cores", "--sender prepared", "stop other programs"}},
		{"starved, and both ends on one machine", true, []plan{starved}, nil, Void, "lateness_p99_us machines", []string{"late"}},
		{"a pacer that is slowed", false, []plan{slowed}, nil, Void, "lateness_p99_us", []string{"by 25.0 ms at p50 and 25.0 ms at p99"}},
		{"a server that freezes", false, []plan{freezing}, nil, Valid, "", nil},
		{"a server at twice its capacity", false, []plan{overloaded}, nil, Valid, "", nil},
		{"a fast server, paced as timers go", false, []plan{fast}, nil, Valid, "", nil},
		{"too few samples for a p99", false, []plan{few}, nil, Void, "lateness_p90_us", []string{"50.0 ms at p90, where response time has 2.0 ms and 60"}},
		{"one late image in 200", false, []plan{outlier}, nil, Valid, "", nil},
		{"one late image in ten", false, []plan{fewest}, nil, Void, "lateness_max_us", []string{"50.0 ms at max"}},
		{"always a little late", false, []plan{sluggish}, nil, Void, "lateness_p50_us", []string{"by 2.0 ms at p50"}},
		{"a hog", false, []plan{hogged}, nil, Void, "foreign_cpu_share",
			[]string{"binary, 100 KB at 100/s: other processes used 45 % of the machine; stop them"}},
		{"a hog, and both ends on one machine", true, []plan{hogged}, nil, Void, "foreign_cpu_share machines", []string{"stop them"}},
		{"steal, and both ends on one machine", true, []plan{{"text", 0.1, calm.lateness, calm.response, record.Disturbance{SpanSeconds: 10, Steal: 0.2}}},
			nil, Void, "steal_share machines", []string{"dedicated machine"}},
		{"a quota, and both ends on one machine", true, []plan{{"text", 0.1, calm.lateness, calm.response, record.Disturbance{SpanSeconds: 10, Throttled: 0.2}}},
			nil, Void, "throttled_share machines", []string{"CPU limit"}},
		{"a generator out of CPU", false, []plan{saturated}, nil, Void, "generator_cpu_share", []string{"90 % of its 4 cores"}},
		{"a generator out of CPU it has to share", true, []plan{saturated}, nil, Shared, "machines", nil},
		{"the worst cell is named", false, []plan{starved, calm, worse}, nil, Void, "lateness_p99_us",
			[]string{"the worst of 2 cells: the generator sent images late, by 1.0 ms at p50 and 300"}},
		{"late for a hog", true, []plan{{"text", 0.3, starved.lateness, starved.response, hog}}, nil, Void,
			"lateness_p99_us foreign_cpu_share machines", []string{"late"}},

		{"a closed cell beside a hog on one machine", true, []plan{calm}, []record.Cell{cell("binary", block(0.3, hog))},
			Shared, "machines foreign_cpu_share", []string{"both ends"}},
		{"a late open load is void beside a closed one that stands", true, []plan{starved}, []record.Cell{cell("binary", block(0.3, quiet))},
			Shared, "machines lateness_p99_us", []string{"both ends"}},
		{"the same on two machines", false, []plan{starved}, []record.Cell{cell("binary", block(0.3, quiet))},
			Valid, "lateness_p99_us", []string{"late"}},
		{"a late open load beside a closed one without an image", true, []plan{starved}, []record.Cell{cell("binary")},
			Void, "lateness_p99_us machines", []string{"late"}},
		{"a hog in both loads is told once", true, []plan{hogged}, []record.Cell{cell("binary", block(0.3, hog))},
			Shared, "machines foreign_cpu_share", []string{"both ends"}},
		{"a closed cell voids beside a calm open one", false, []plan{calm}, []record.Cell{cell("binary", block(0.9, quiet))},
			Void, "generator_cpu_share", []string{"binary, 100 KB, closed"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			run := &record.Run{Environment: record.Environment{Cores: 4, Shared: c.shared}, Cells: c.closed}
			for _, p := range c.open {
				run.Cells = append(run.Cells, p.cell(t))
			}
			got := Judge(run)
			if got.Kind != c.want {
				t.Fatalf("kind %q with %+v, want %q", got.Kind, got.Evidence, c.want)
			}
			var metrics []string
			for _, e := range got.Evidence {
				metrics = append(metrics, e.Metric)
				if e.Limit <= 0 || e.Text == "" {
					t.Errorf("%s has limit %v and text %q, want both", e.Metric, e.Limit, e.Text)
				}
			}
			if voids, late := got.Voids(record.Open), strings.Contains(c.metrics, "lateness"); late && !voids {
				t.Error("the open load is not void for its lateness")
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

func TestALateRoundThatWasRepeatedCountsForNothing(t *testing.T) {
	const ms = time.Millisecond
	late := plan{mode: "text", lateness: times{50 * ms: 1000}, response: times{60 * ms: 1000}}.cell(t)
	calm := plan{mode: "text", lateness: times{1 * ms: 1000}, response: times{9 * ms: 1000}}.cell(t)
	late.Samples[0].Repeated = true
	late.Samples = append(late.Samples, calm.Samples...)
	run := &record.Run{Environment: record.Environment{Cores: 4}, Cells: []record.Cell{late}}
	if got := Judge(run); got.Kind != Valid {
		t.Errorf("kind %q with %+v, want %q", got.Kind, got.Evidence, Valid)
	}
}

func TestTooLateTakesBothBounds(t *testing.T) {
	for _, c := range []struct {
		name                string
		responseP99, atMost time.Duration
	}{
		{"a fast target: what timers do is forgiven", time.Millisecond, LatenessFloor},
		{"the floor ends where the share reaches it", 25 * time.Millisecond, 5 * time.Millisecond},
		{"a slow target: a share of what was measured", 2 * time.Second, 400 * time.Millisecond},
	} {
		if got := tooLate(c.responseP99, LatenessFloor); got != c.atMost {
			t.Errorf("%s: tooLate(%v) = %v, want %v", c.name, c.responseP99, got, c.atMost)
		}
	}
}
