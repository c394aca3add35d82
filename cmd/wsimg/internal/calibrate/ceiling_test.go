package calibrate

import (
	"context"
	"errors"
	"math"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wsimg/wsimg/loadgen/record"
)

func TestSizedReportsTheMedianAndItsRange(t *testing.T) {
	small, large := &images{size: 1_000}, &images{size: 10_000}
	rates := map[*images][]float64{small: {7, 3, 0, 5}, large: {0}} // 0: no time to tell
	c := &sized{
		about:  record.Ceiling{Name: "a copy"},
		images: []*images{small, large},
		rate: func(_ context.Context, of *images, _ time.Duration) (float64, error) {
			next := rates[of][0]
			rates[of] = rates[of][1:]
			return next, nil
		},
	}
	slots := c.slots()
	for i := range 4 {
		if err := slots[0].measure(t.Context(), 0); err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			_ = slots[1].measure(t.Context(), 0)
		}
	}
	got, ok := c.record()
	want := record.Ceiling{Name: "a copy", Allows: []record.Allowance{
		{SizeBytes: 1_000, ImagesPerS: 5, BytesPerS: 5_000, Repetitions: 3, Low: 3, High: 7},
	}}
	if diff := cmp.Diff(want, got); diff != "" || !ok {
		t.Errorf("ok %v (-want +got):\n%s", ok, diff)
	}
}

func TestSizedNamesWhatFailed(t *testing.T) {
	broken := errors.New("broken")
	c := &sized{
		about:  record.Ceiling{Name: "a copy"},
		images: []*images{{size: 10_000}},
		rate:   func(context.Context, *images, time.Duration) (float64, error) { return 0, broken },
	}
	err := c.slots()[0].measure(t.Context(), 0)
	if !errors.Is(err, broken) || !strings.Contains(err.Error(), "measure a copy at 10KB") {
		t.Errorf("got %v, want what was measured and at which size", err)
	}
	if _, ok := c.record(); ok {
		t.Error("it has something to report, though nothing was measured")
	}
}

func TestTimerTellsHowLateItsWaiterIs(t *testing.T) {
	for _, tt := range []struct {
		name     string
		measured time.Duration // 4 naps in each 6 ms
		p99      bool
	}{
		{"enough for p99", 450 * time.Millisecond, true},
		{"too few for p99", 300 * time.Millisecond, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				naps := 0
				c := &timer{waiter: waiter{until: func(due time.Time) {
					late := 200 * time.Microsecond
					if naps++; naps%4 == 0 {
						late = 1400 * time.Microsecond
					}
					time.Sleep(time.Until(due) + late)
				}}}
				for range 2 {
					if err := c.slots()[0].measure(t.Context(), tt.measured/2); err != nil {
						t.Fatal(err)
					}
				}
				got, ok := c.record()
				if !ok || len(got.Figures) != 2 {
					t.Fatalf("got %+v, want p50 and p99", got)
				}
				p50, p99 := got.Figures[0], got.Figures[1]
				if p50.Value == nil || *p50.Value != 200 || p50.Repetitions != 2 || p50.Low != 200 || p50.High != 200 {
					t.Errorf("p50: got %+v, want 200 µs from 2 repetitions", p50)
				}
				if (p99.Value != nil) != tt.p99 || tt.p99 && *p99.Value != 1400 {
					t.Errorf("p99 of %d naps: got %+v", naps, p99)
				}
			})
		})
	}
}

func TestTimedCountsWhatIsDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		next := 0
		rate, err := timed(time.Second, func(i int) error {
			if i != next {
				t.Fatalf("told it has been done %d times, want %d", i, next)
			}
			next++
			time.Sleep(time.Millisecond)
			return nil
		})
		if err != nil || math.Abs(rate-1000) > 1e-6 {
			t.Errorf("got %v a second and %v, want 1000", rate, err)
		}
	})
	broken := errors.New("broken")
	if _, err := timed(time.Hour, func(int) error { return broken }); err != broken {
		t.Errorf("got error %v, want %v", err, broken)
	}
}

func TestWithinKnowsFoldersFromNames(t *testing.T) {
	for _, tt := range []struct {
		folder, mountpoint string
		want               bool
	}{
		{"/mnt/images", "/", true},
		{"/mnt/images", "/mnt", true},
		{"/mnt", "/mnt", true},
		{"/mnt/images", "/mnt/im", false},
		{"/mnt", "/mnt/images", false},
	} {
		if got := within(filepath.FromSlash(tt.folder), filepath.FromSlash(tt.mountpoint)); got != tt.want {
			t.Errorf("%s within %s: got %v, want %v", tt.folder, tt.mountpoint, got, tt.want)
		}
	}
}
