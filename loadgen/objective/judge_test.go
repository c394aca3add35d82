package objective

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wsimg/wsimg/loadgen/record"
)

const ms = time.Millisecond

func parsed(t testing.TB, texts ...string) []Objective {
	t.Helper()
	var all []Objective
	for _, text := range texts {
		o, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, o)
	}
	return all
}

func judged(t testing.TB, s *record.Sample, texts ...string) Outcome {
	t.Helper()
	got, err := Judge(parsed(t, texts...), s)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// share has one of n images in so many fail.
func share(one int) func(int) bool { return func(n int) bool { return n%one == 0 } }

// steady is a server that takes 1 ms an image at half its capacity, of which each
// takes 5 ms more to come back.
var steady = queue{rate: 500, work: ms, delay: 5 * ms}

func TestJudge(t *testing.T) {
	const pass, fail, inconclusive = record.Pass, record.Fail, record.Inconclusive
	with := func(change func(q *queue)) queue {
		q := steady
		change(&q)
		return q
	}
	closed := func(q *queue) { q.rampIn = ms }
	stalled := with(func(q *queue) { q.stalls = []stall{{1000 * ms, 90 * ms}} })
	late := func(q *queue) { q.delay = 200 * ms }
	for _, tt := range []struct {
		name       string
		q          queue
		objectives string // with spaces between
		verdict    string
		decided    string
	}{
		{"far below all limits", steady, "response_p50<1s response_p99<1s service_p90<1s wait_p99<1s errors<1% achieved>99% target_cpu<80% generator_cpu<80%", pass, ""},
		{"nothing is asked", steady, "", pass, ""},
		{"just below", steady, "response_p99<6.1ms", pass, ""},
		{"just above", steady, "response_p99<5.9ms", fail, "response_p99"},
		{"each metric by its own histogram: service", with(func(q *queue) { q.stalls = []stall{{300 * ms, 1000 * ms}}; q.rate = 800 }), "service_p90<10ms", pass, ""},
		{"each metric by its own histogram: wait", with(func(q *queue) { q.poisson, q.rate = true, 800 }), "wait_p50<500us", fail, "wait_p50"},
		{"nothing waits", steady, "wait_p99<500us", pass, ""},
		{"the first that was missed decides", with(late), "errors<1% response_p50<100ms response_p90<100ms", fail, "response_p50"},
		{"one that was missed comes before one that can't be told", with(late), "errors<0.01% response_p50<100ms", fail, "response_p50"},
		{"the first that can't be told decides", steady, "response_p999<1s service_p999<1s", inconclusive, "response_p999"},
		{"no failure is few enough, of however many images", steady, "errors<0.01%", pass, ""},
		{"too few images for the percentile", steady, "response_p999<1s", inconclusive, "response_p999"},
		{"enough for it", with(func(q *queue) { q.length = 6500 * ms }), "response_p999<1s", pass, ""},
		{"too few sub-windows", with(func(q *queue) { q.every = 250 * ms; q.rampIn = 250 * ms }), "response_p50<1s", inconclusive, "response_p50"},
		{"too few sub-windows, all too slow", with(func(q *queue) { q.every = 250 * ms; late(q) }), "response_p50<100ms", fail, "response_p50"},
		{"one stall is not to be told", stalled, "response_p99<50ms", inconclusive, "response_p99"},
		{"and passes what allows it", stalled, "response_p50<50ms", pass, ""},
		{"its longest time is missed", stalled, "response_max<50ms", fail, "response_max"},
		{"its longest time is met", stalled, "response_max<150ms", pass, ""},
		{"a failed image took longer than any limit", with(func(q *queue) { q.fails = share(900) }), "response_max<50s", fail, "response_max"},
		{"many failed images did", with(func(q *queue) { q.fails = share(10) }), "response_p99<50s", fail, "response_p99"},
		{"they make service slow", with(func(q *queue) { q.fails = share(10) }), "service_p99<50s", fail, "service_p99"},
		{"few of them are allowed", with(func(q *queue) { q.fails = share(300); q.rate = 900 }), "response_p99<50ms errors<1%", pass, ""},
		{"more failures than allowed", with(func(q *queue) { q.fails = share(20) }), "errors<1%", fail, "errors"},
		{"about as many as allowed", with(func(q *queue) { q.fails = share(100) }), "errors<1%", inconclusive, "errors"},
		{"one of some 300", with(func(q *queue) { q.rate = 160; q.fails = func(n int) bool { return n == 200 } }), "errors<1%", inconclusive, "errors"},
		{"all fail", with(func(q *queue) { q.fails = share(1) }), "errors<50%", fail, "errors"},
		{"failures in the ramp-in don't count", with(func(q *queue) { q.fails = func(n int) bool { return n < 90 } }), "errors<1% response_p99<50ms response_p90<50ms", pass, ""},
		{"they would, where there is none", with(func(q *queue) { q.fails = func(n int) bool { return n < 90 }; closed(q) }), "errors<1%", inconclusive, "errors"},
		{"failures in the drain count", with(func(q *queue) { q.delay = 500 * ms; q.fails = func(n int) bool { return n > 900 } }), "response_max<600ms", fail, "response_max"},
		{"they are one event", with(func(q *queue) { q.delay = 500 * ms; q.fails = func(n int) bool { return n > 900 } }), "errors<1%", inconclusive, "errors"},
		{"all that is due is achieved", steady, "achieved>99.9%", pass, ""},
		{"less is achieved", with(func(q *queue) { q.fails = share(20) }), "achieved>99%", fail, "achieved"},
		{"CPU is of one core", steady, "target_cpu<49% generator_cpu<26%", fail, "target_cpu"},
		{"CPU of the generator", steady, "target_cpu<51% generator_cpu<24%", fail, "generator_cpu"},
		{"CPU below", steady, "target_cpu<51% generator_cpu<26%", pass, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, _ := tt.q.probe(t)
			if got := judged(t, s, strings.Fields(tt.objectives)...); got != (Outcome{tt.verdict, tt.decided}) {
				t.Errorf("got %+v, want %s by %q", got, tt.verdict, tt.decided)
			}
		})
	}
}

func TestJudgeConnect(t *testing.T) {
	for _, tt := range []struct {
		name      string
		fast      int // took 10 ms
		slow      int // took 2 s
		vain      uint64
		objective string
		want      string
	}{
		{"all fast", 300, 0, 0, "connect_p99<1s", record.Pass},
		{"too few", 290, 0, 0, "connect_p99<1s", record.Inconclusive},
		{"none", 0, 0, 0, "connect_p50<1s", record.Inconclusive},
		{"none, at the most", 0, 0, 0, "connect_max<1s", record.Inconclusive},
		{"a tenth slow", 270, 30, 0, "connect_p99<1s", record.Fail},
		{"a tenth in vain", 270, 0, 30, "connect_p99<1s", record.Fail},
		{"one slow", 299, 1, 0, "connect_max<1s", record.Fail},
		{"one in vain", 299, 0, 1, "connect_max<1s", record.Fail},
		{"all fast, at the most", 3, 0, 0, "connect_max<1s", record.Pass},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, _ := steady.probe(t)
			times := append(slices.Repeat([]time.Duration{10 * ms}, tt.fast), slices.Repeat([]time.Duration{2 * time.Second}, tt.slow)...)
			s.Connections = &record.Connections{Dialed: uint64(len(times)) + tt.vain, Connected: uint64(len(times)), Connect: frozen(t, times)}
			if got := judged(t, s, tt.objective); got.Verdict != tt.want {
				t.Errorf("%s: got %+v, want %s", tt.objective, got, tt.want)
			}
		})
	}
}

// TestJudgeCannot: what a block does not tell is said, and not made up.
func TestJudgeCannot(t *testing.T) {
	closed := func(s *record.Sample) {
		for i := range s.Series {
			s.Series[i].Scheduled = 0
		}
	}
	for _, tt := range []struct {
		name, objective string
		change          func(s *record.Sample)
		want            string // empty: it can
	}{
		{"no series", "errors<1%", func(s *record.Sample) { s.Series = nil }, "without a series"},
		{"a closed loop", "achieved>99%", closed, "closed loop"},
		{"a closed loop, another metric", "response_p99<1s", closed, ""},
		{"no side channel", "target_cpu<50%", func(s *record.Sample) {
			for i := range s.Series {
				s.Series[i].TargetCPUNs = nil
			}
		}, "does not tell its CPU time"},
		{"points of an older wsimg", "service_p99<1s", func(s *record.Sample) {
			for i := range s.Series {
				s.Series[i].Service = record.Histogram{}
			}
		}, "too old"},
		{"no account of connections", "connect_p99<1s", func(*record.Sample) {}, "no connections"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, _ := steady.probe(t)
			tt.change(s)
			got, err := Judge(parsed(t, tt.objective), s)
			if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %+v and error %v, want %q", got, err, tt.want)
			}
		})
	}
	s, _ := steady.probe(t)
	if _, err := Judge([]Objective{{Metric: "speed", Limit: 1}}, s); err == nil {
		t.Error("speed was judged")
	}
}

// TestAttemptsAreNoImages: of errors of one kind those that took no image do not
// count.
func TestAttemptsAreNoImages(t *testing.T) {
	s, _ := steady.probe(t)
	for i := range s.Series {
		s.Series[i].Errors = map[string]uint64{"refused": 10, "dropped": 10}
	}
	n := 10 * uint64(len(s.Series))
	s.Errors = map[string]uint64{"refused": n, "dropped": n}
	s.ConnectionErrors = map[string]uint64{"refused": n, "dropped": n}
	if got := judged(t, s, "errors<1%"); got.Verdict != record.Pass {
		t.Errorf("none of them images: got %+v, want pass", got)
	}
	if got, _ := Measure(parsed(t, "errors<1%")[0], s); got.Value != 0 {
		t.Errorf("none of them images: got a share of %v, want 0", got.Value)
	}
	s.ConnectionErrors["dropped"] = n / 2
	if got := judged(t, s, "errors<1%"); got.Verdict != record.Fail {
		t.Errorf("half of a kind images: got %+v, want fail", got)
	}
}

func TestMeasure(t *testing.T) {
	q := steady
	q.fails = share(100)
	s, _ := q.probe(t)
	for _, tt := range []struct {
		objective string
		want      float64
		known     bool
	}{
		{"response_p50<1s", 0.006, true}, {"response_max<1s", 0.006, true}, {"response_p999<1s", 0, false}, {"connect_p50<1s", 0, false},
		{"errors<1%", 0.01, true}, {"achieved>99%", 0.99, true}, {"target_cpu<50%", 0.495, true}, {"generator_cpu<50%", 0.2475, true},
	} {
		o := parsed(t, tt.objective)[0]
		got, err := Measure(o, s)
		if err != nil || got.Known != tt.known || got.AtLeast || got.Value < tt.want*0.99 || got.Value > tt.want*1.01 {
			t.Errorf("%s: got %+v and error %v, want %v, %v", o, got, err, tt.want, tt.known)
		}
	}
	s.Censored, s.CensoredFromNs = 1, int64(5*ms)
	if got, _ := Measure(parsed(t, "response_p50<1s")[0], s); !got.AtLeast {
		t.Errorf("with one that was given up at 5 ms: got %+v, want a lower bound", got)
	}
}

// TestWindowOfABlock: points are cut some milliseconds beside the edges of the
// window, and belong to it by their middle.
func TestWindowOfABlock(t *testing.T) {
	for _, beside := range []float64{-0.02, 0, 0.02} {
		s := &record.Sample{Seconds: 1, Drain: &record.Stretch{Seconds: 0.3}}
		for at := 0.1; at < 1.55; at += 0.1 { // ramp-in until 0.2, drain from 1.2
			s.Series = append(s.Series, record.Point{AtSeconds: at + beside, Seconds: 0.1})
		}
		s.Drain.Seconds += beside
		w, err := window(s)
		if err != nil || len(w.before) != 2 || len(w.points) != 10 || len(w.drain) != 3 {
			t.Errorf("%v s beside: %d before, %d in and %d behind the window, error %v; want 2, 10 and 3", beside, len(w.before), len(w.points), len(w.drain), err)
		}
	}
}
