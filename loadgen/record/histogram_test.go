package record_test

import (
	"slices"
	"testing"

	"github.com/wsimg/wsimg/loadgen/record"
)

// TestBarsAreTheLibrarys compares the short way through a histogram with the
// library's own, over the whole range.
func TestBarsAreTheLibrarys(t *testing.T) {
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
	bars, err := frozen.Bars()
	if err != nil {
		t.Fatal(err)
	}
	type bar struct{ value, count int64 }
	var got, want []bar
	for value, count := range bars {
		got = append(got, bar{value, count})
	}
	for _, b := range h.Distribution() {
		if b.Count > 0 {
			want = append(want, bar{b.To, b.Count})
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %d bars %v, want %d bars %v", len(got), got, len(want), want)
	}
}

func TestBarsOfNothing(t *testing.T) {
	bars, err := record.Histogram{}.Bars()
	if err != nil {
		t.Fatal(err)
	}
	for value, count := range bars {
		t.Errorf("got %d × %d, want no bar", count, value)
	}
}
