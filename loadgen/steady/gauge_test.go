package steady

import (
	"testing"
	"testing/synctest"
	"time"
)

// TestGaugeWaitsForNoTarget reads a target that freezes now and then.
func TestGaugeWaitsForNoTarget(t *testing.T) {
	const never = -1
	for _, tt := range []struct {
		name  string
		takes []time.Duration // of the readings, one a second
		want  []int64         // CPU of the steps between; never: unknown
	}{
		{"a quick target", []time.Duration{0, time.Millisecond, 50 * time.Millisecond}, []int64{10, 10}},
		{"it freezes for a second and a half", []time.Duration{0, 1500 * time.Millisecond, 0, 0, 0}, []int64{never, never, never, 10}},
		{"it freezes for half a second", []time.Duration{0, 500 * time.Millisecond, 0, 0}, []int64{never, never, 10}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				reading, spent := 0, int64(0)
				g := gauge{read: func() *int64 {
					time.Sleep(tt.takes[min(reading, len(tt.takes)-1)])
					reading++
					spent += 10
					now := spent
					return &now
				}}
				g.step()
				for i, want := range tt.want {
					time.Sleep(time.Second)
					began := time.Now()
					got := g.step()
					if held := time.Since(began); held > patience {
						t.Errorf("step %d held the load up for %v, want at most %v", i, held, patience)
					}
					if (got == nil) != (want == never) || got != nil && *got != want {
						t.Errorf("step %d: got %v, want %d", i, got, want)
					}
				}
				g.close()
			})
		})
	}
}

func TestGaugeOfATargetThatDoesNotTell(t *testing.T) {
	g := gauge{read: func() *int64 { return nil }}
	for range 3 {
		if got := g.step(); got != nil {
			t.Errorf("got %d, want nothing", *got)
		}
	}
	g.close()
}
