package loadgen

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"github.com/wsimg/wsimg/loadgen/alarm"
	"github.com/wsimg/wsimg/loadgen/machine"
	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/schedule"
	"github.com/wsimg/wsimg/loadgen/verdict"
)

// oversleeper is an alarm that comes late by so much.
type oversleeper struct {
	alarm.Alarm
	by time.Duration
	at atomic.Pointer[time.Time]
}

func (o *oversleeper) Set(at time.Time) {
	o.at.Store(&at)
	o.Alarm.Set(at)
}

func (o *oversleeper) Wait() {
	o.Alarm.Wait()
	if at := o.at.Load(); at != nil && !time.Now().Before(*at) {
		time.Sleep(o.by)
	}
}

// TestSlowedPacerVoids sends every image later than it was due, to a server
// that is quick: by as much as a timer may oversleep, and by more.
func TestSlowedPacerVoids(t *testing.T) {
	for _, tt := range []struct {
		name   string
		by     time.Duration
		work   time.Duration // of the server
		metric string        // that convicts; empty: the run is valid
		says   string
	}{
		{"on time", 0, swift, "", ""},
		{"by 500 µs", 500 * time.Microsecond, swift, "", ""},
		{"by 2 ms, all of them", 2 * time.Millisecond, swift, "lateness_p50_us", "2.0 ms at p50"},
		{"by 30 ms", 30 * time.Millisecond, swift, "lateness_p99_us", "30.0 ms at p99"},
		{"by 30 ms, which is little beside 1 s", 30 * time.Millisecond, time.Second, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v := newVirtual(t, serial(always(tt.work)))
				load := Load{Plan: schedule.Steady(2, 200*time.Second), Arrivals: schedule.Constant}
				got := play(t, v, Settings{Clients: 4, alarm: func() (alarm.Alarm, error) {
					return &oversleeper{Alarm: alarm.NewSleeper(0), by: tt.by}, nil
				}}, Block{Load: load})
				for _, h := range []struct {
					name string
					got  record.Histogram
					want time.Duration
				}{
					{"lateness", got.Lateness, tt.by}, {"wait", got.Wait, 0},
					{"response time", got.Response, tt.by + tt.work}, {"service time", got.Service, tt.work},
				} {
					for _, p := range []float64{0, 50, 100} {
						if d := at(opened(t, h.got), p); !within(0.001, d, h.want) {
							t.Errorf("%s p%v: got %v, want %v", h.name, p, d, h.want)
						}
					}
				}
				j := judged(false, got.Sample)
				switch {
				case tt.metric != "":
					convicted(t, j, tt.metric, tt.says, "lower rate", "more cores")
				case j.Kind != verdict.Valid:
					t.Errorf("verdict: got %+v, want %s", j, verdict.Valid)
				}
			})
		})
	}
}

// dozer oversleeps by a second, once in a while.
type dozer struct {
	alarm.Alarm
	wakes int
}

func (d *dozer) Wait() {
	d.Alarm.Wait()
	if d.wakes++; d.wakes%400 == 0 {
		time.Sleep(time.Second)
	}
}

// TestStalledGeneratorIsNotTheServersDoing has the whole generator stop for a
// second now and then, while each client has many images due. Only the first
// of them finds its connection free; those behind it wait for the generator
// all the same, and none of it may be called the server's or the load's doing.
func TestStalledGeneratorIsNotTheServersDoing(t *testing.T) {
	for _, inFlight := range []int{1, 4} {
		t.Run(fmt.Sprintf("%d in flight", inFlight), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v := newVirtual(t, serial(always(swift)))
				load := Load{Plan: schedule.Steady(200, 30*time.Second), Arrivals: schedule.Constant}
				got := play(t, v, Settings{Clients: 4, InFlight: inFlight, alarm: func() (alarm.Alarm, error) {
					return &dozer{Alarm: alarm.NewSleeper(0)}, nil
				}}, Block{Load: load})
				lateness, wait := opened(t, got.Lateness), opened(t, got.Wait)
				if p99 := at(lateness, 99); p99 < 800*time.Millisecond {
					t.Errorf("lateness p99: got %v, want most of the second that the generator stood still", p99)
				}
				// What is sent in one go after the stall queues at the server.
				if most := time.Duration(wait.Max()); most > 100*time.Millisecond {
					t.Errorf("wait: got up to %v, want next to nothing: the server was idle", most)
				}
				convicted(t, judged(false, got.Sample), "lateness_p99_us", "sent images late")
			})
		})
	}
}

// convicted holds a void verdict to its first evidence: what was found, and
// what to change.
func convicted(t *testing.T, j verdict.Verdict, metric string, says ...string) {
	t.Helper()
	if j.Kind != verdict.Void {
		t.Fatalf("verdict: got %+v, want %s", j, verdict.Void)
	}
	e := j.Evidence[0]
	if !strings.HasPrefix(e.Metric, metric) || e.Value <= e.Limit {
		t.Errorf("evidence: got %s of %v with limit %v, want a %s above it", e.Metric, e.Value, e.Limit, metric)
	}
	for _, want := range says {
		if !strings.Contains(e.Text, want) {
			t.Errorf("evidence: got %q, want it to say %q", e.Text, want)
		}
	}
}

// TestStarvedGeneratorVoids has the generator share its only core with
// goroutines that never rest, while the server has a process of its own.
func TestStarvedGeneratorVoids(t *testing.T) {
	if testing.Short() {
		t.Skip("takes 1 s of a whole core")
	}
	url := startChild(t, "server")
	// One image a client: its connection is free when it is due, however long the
	// replies of others lie unread. Images fall due evenly between two turns of the
	// pacer, T apart, and each reply waits for another turn to be read: half of a
	// turn of 1.5 in the median is late, and nine tenths of 1.9 at p90. Both are
	// far above a fifth, and any other load on the machine stretches all turns.
	const clients = 100
	fleet, err := Dial(t.Context(), Settings{URL: url, Clients: clients})
	if err != nil {
		t.Fatal(err)
	}
	defer fleet.Close()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	var done atomic.Bool
	var spinning sync.WaitGroup
	for range 4 {
		spinning.Go(func() {
			for !done.Load() {
			}
		})
	}
	defer spinning.Wait()
	defer done.Store(true)
	sample := run(t, fleet, Load{Plan: schedule.Steady(clients, time.Second), Arrivals: schedule.Constant})
	done.Store(true)
	spinning.Wait() // judging takes a core, too
	for _, shared := range []bool{false, true} {
		convicted(t, judged(shared, sample), "lateness_", "sent images late", "more cores")
	}
}

// TestHogVoids measures beside a process that burns a quarter of the machine.
func TestHogVoids(t *testing.T) {
	if testing.Short() {
		t.Skip("takes 1 s of a whole core")
	}
	startChild(t, "hog")
	srv := httptest.NewServer(echoing(0))
	defer srv.Close()
	monitor := machine.NewMonitor()
	defer monitor.Close()
	from := monitor.Snapshot()
	before, _ := machine.CPUTime()
	sample := over(t, "ws"+strings.TrimPrefix(srv.URL, "http"), 4,
		Load{Plan: schedule.Steady(100, machine.MinSpan+100*time.Millisecond), Arrivals: schedule.Constant})
	after, _ := machine.CPUTime()
	sample.Disturbance = machine.Between(from, monitor.Snapshot(), after-before)
	if sample.Disturbance.SpanSeconds == 0 {
		t.Skip("this system does not tell what the machine is busy with")
	}
	// Others may slow the hog down, but then the machine is as disturbed.
	if got := sample.Disturbance.Foreign; got < 0.1 {
		t.Errorf("%.0f %% of the machine went to others, want 10 %% at least", 100*got)
	}
	sample.Lateness = record.Histogram{} // what else the hog may have done
	for _, shared := range []bool{false, true} {
		convicted(t, judged(shared, sample), "foreign_cpu_share", "other processes used", "stop them and measure again")
	}
}

// over drives a fleet through one block over TCP.
func over(t *testing.T, url string, clients int, load Load) record.Sample {
	t.Helper()
	fleet, err := Dial(t.Context(), Settings{URL: url, Clients: clients})
	if err != nil {
		t.Fatal(err)
	}
	defer fleet.Close()
	return run(t, fleet, load)
}

// run drives a fleet through one block in which nothing fails.
func run(t *testing.T, fleet *Fleet, load Load) record.Sample {
	t.Helper()
	sample, examples, err := fleet.Run(t.Context(), Block{Traffic: newNumbers(t, record.Echo, len(fleet.clients)), Load: load})
	if err != nil || len(examples) > 0 {
		t.Fatal(err, examples)
	}
	return sample
}

// echoing is a server that echoes after so long.
func echoing(after time.Duration) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ws, err := new(websocket.Upgrader).Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer ws.Close()
		for {
			typ, data, err := ws.ReadMessage()
			if err != nil {
				return
			}
			time.Sleep(after)
			ws.WriteMessage(typ, data)
		}
	})
}
