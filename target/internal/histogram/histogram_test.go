package histogram

import (
	"math/rand/v2"
	"testing"
	"time"
)

func TestRecorderAgreesWithHdrHistogram(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	var r Recorder
	want := New()
	for range 100_000 {
		d := time.Duration(1) << rnd.IntN(36)
		d += time.Duration(rnd.Int64N(int64(d)))
		d = min(d, Highest)
		r.Record(d)
		if err := want.RecordValue(int64(d)); err != nil {
			t.Fatal(err)
		}
	}
	got := New()
	if err := r.AddTo(got); err != nil {
		t.Fatal(err)
	}
	if !got.Equals(want) {
		t.Errorf("quantiles differ: got p50 %d p99 %d, want p50 %d p99 %d",
			got.ValueAtQuantile(50), got.ValueAtQuantile(99), want.ValueAtQuantile(50), want.ValueAtQuantile(99))
	}
}

func TestRecorderCountsWhatIsOutsideAtTheEdge(t *testing.T) {
	for _, tc := range []struct {
		name string
		d    time.Duration
		want int64 // at least, within one bucket
	}{
		{"below zero", -time.Second, 0},
		{"zero", 0, 0},
		{"the highest", Highest, int64(Highest)},
		{"above the highest", time.Hour, int64(Highest)},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var r Recorder
			r.Record(tc.d)
			h := New()
			if err := r.AddTo(h); err != nil {
				t.Fatal(err)
			}
			if got := h.TotalCount(); got != 1 {
				t.Fatalf("count: got %d, want 1", got)
			}
			if got := h.Max(); got < tc.want || float64(got) > float64(tc.want)*1.01 {
				t.Errorf("value: got %d, want %d within 1 %%", got, tc.want)
			}
		})
	}
}

func BenchmarkRecord(b *testing.B) {
	var r Recorder
	d := time.Duration(1)
	for b.Loop() {
		r.Record(d)
		d = (d*5 + 3) & (1<<24 - 1)
	}
}
