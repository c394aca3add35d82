package alarm

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestAlarmComes waits for instants set before and while it waits. How late it
// is belongs into the benchmark; here it must not come early.
func TestAlarmComes(t *testing.T) {
	system, err := New()
	if err != nil {
		t.Fatal(err)
	}
	for name, a := range map[string]Alarm{"the system's": system, "a sleeper": NewSleeper(time.Millisecond)} {
		t.Run(name, func(t *testing.T) {
			defer a.Close()
			rouse := func(at time.Time) {
				for time.Now().Before(at) {
					a.Wait()
				}
			}
			for _, d := range []time.Duration{-time.Second, 0, time.Microsecond, 3 * time.Millisecond} {
				at := time.Now().Add(d)
				a.Set(at)
				a.Wait()
				rouse(at)
			}
			a.Set(time.Now().Add(time.Hour))
			sooner := time.Now().Add(5 * time.Millisecond)
			go a.Set(sooner)
			rouse(sooner)
			if late := time.Since(sooner); late > 10*time.Second {
				t.Errorf("the sooner instant was forgotten: %v late", late)
			}
		})
	}
}

// TestSleeperObeysAVirtualClock: without a margin nothing spins.
func TestSleeperObeysAVirtualClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := NewSleeper(0)
		defer a.Close()
		at := time.Now().Add(time.Hour)
		a.Set(at)
		for time.Now().Before(at) {
			a.Wait()
		}
		if late := time.Since(at); late != 0 {
			t.Errorf("got %v late", late)
		}
	})
}

// TestWaitSleeps sets alarms anew whenever Wait returns, as a pacer does: that
// must not keep it awake.
func TestWaitSleeps(t *testing.T) {
	system, err := New()
	if err != nil {
		t.Fatal(err)
	}
	for name, a := range map[string]Alarm{"the system's": system, "a sleeper": NewSleeper(time.Millisecond)} {
		t.Run(name, func(t *testing.T) {
			defer a.Close()
			at, woken := time.Now().Add(20*time.Millisecond), 0
			for ; time.Now().Before(at); woken++ {
				a.Set(at)
				a.Wait()
			}
			if woken > 5 {
				t.Errorf("it woke up %d times for one instant", woken)
			}
		})
	}
}

// BenchmarkLateness tells how late an alarm 1 ms ahead comes.
func BenchmarkLateness(b *testing.B) {
	a, err := New()
	if err != nil {
		b.Fatal(err)
	}
	defer a.Close()
	var late []time.Duration
	for b.Loop() {
		at := time.Now().Add(time.Millisecond)
		a.Set(at)
		for time.Now().Before(at) {
			a.Wait()
		}
		late = append(late, time.Since(at))
	}
	slices.Sort(late)
	b.ReportMetric(float64(late[len(late)/2])/1e3, "p50-µs")
	b.ReportMetric(float64(late[len(late)*99/100])/1e3, "p99-µs")
	b.ReportMetric(float64(a.Cost())/1e3/float64(len(late)), "cost-µs")
}
