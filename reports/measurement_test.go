package reports

import (
	"slices"
	"testing"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/stats"
)

// TestDistributionIsTheLibrarys compares the short way through a histogram with
// the library's own, over the whole range.
func TestDistributionIsTheLibrarys(t *testing.T) {
	h := record.NewHistogram()
	for v := int64(1); v <= int64(record.Highest); v *= 2 {
		for _, near := range []int64{v - 1, v, v + 1, v + v/3} {
			if near <= int64(record.Highest) {
				if err := h.RecordValues(near, near%7+1); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	if err := h.RecordValue(int64(record.Highest)); err != nil {
		t.Fatal(err)
	}
	frozen, err := record.Encode(h)
	if err != nil {
		t.Fatal(err)
	}
	got, err := distribution(frozen)
	if err != nil {
		t.Fatal(err)
	}
	var want stats.Distribution
	for _, bar := range h.Distribution() {
		if bar.Count > 0 {
			want = append(want, stats.Bar{Value: bar.To, Count: bar.Count})
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %d bars %v, want %d bars %v", len(got), got, len(want), want)
	}
}
