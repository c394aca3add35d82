package record

import (
	"encoding/json"
	"fmt"
	"iter"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// The range and precision of every latency histogram. Values are integer
// nanoseconds: with microseconds a round trip of 60 µs could only be told to
// within 1.6 %.
const (
	Lowest  = time.Microsecond
	Highest = 60 * time.Second
	Digits  = 3
)

// NewHistogram returns an empty recording histogram in nanoseconds with the
// range above. It takes some 220 KB; keep one a shard, never one a connection.
func NewHistogram() *hdrhistogram.Histogram {
	return hdrhistogram.New(1, int64(Highest), Digits)
}

// Histogram is a finished histogram in nanoseconds, kept in the standard
// compressed encoding of HdrHistogram (V2, deflated, Base64), which other HDR
// tools open. The zero value is an empty histogram. It is a value: safe to
// copy and to share.
type Histogram struct {
	encoded string
}

// Encode freezes h. An empty h becomes the zero value.
func Encode(h *hdrhistogram.Histogram) (Histogram, error) {
	if h.TotalCount() == 0 {
		return Histogram{}, nil
	}
	b, err := h.Encode(hdrhistogram.V2CompressedEncodingCookieBase)
	if err != nil {
		return Histogram{}, fmt.Errorf("encode histogram: %w", err)
	}
	return Histogram{encoded: string(b)}, nil
}

// Decode returns a fresh histogram the caller owns.
func (h Histogram) Decode() (*hdrhistogram.Histogram, error) {
	if h.encoded == "" {
		return NewHistogram(), nil
	}
	d, err := hdrhistogram.Decode([]byte(h.encoded))
	if err != nil {
		return nil, fmt.Errorf("decode histogram: %w", err)
	}
	return d, nil
}

// Plus returns h and o together.
func (h Histogram) Plus(o Histogram) (Histogram, error) {
	switch {
	case o.Empty():
		return h, nil
	case h.Empty():
		return o, nil
	}
	sum, err := h.Decode()
	if err != nil {
		return h, err
	}
	other, err := o.Decode()
	if err != nil {
		return h, err
	}
	sum.Merge(other)
	return Encode(sum)
}

// Empty reports whether nothing was recorded.
func (h Histogram) Empty() bool { return h.encoded == "" }

// Count returns how many values were recorded. It decodes h.
func (h Histogram) Count() (int64, error) {
	if h.Empty() {
		return 0, nil
	}
	d, err := h.Decode()
	if err != nil {
		return 0, err
	}
	return d.TotalCount(), nil
}

// Bars returns the values that were recorded, ascending, each bucket at its
// highest value as HDR tools have it, and how often. It decodes h; of the some
// 25,000 buckets it takes only those that hold anything further than a look, so
// it is cheap enough for every step of a series.
func (h Histogram) Bars() (iter.Seq2[int64, int64], error) {
	if h.Empty() {
		return func(func(int64, int64) bool) {}, nil
	}
	decoded, err := h.Decode()
	if err != nil {
		return nil, err
	}
	counts := decoded.Export().Counts
	return func(yield func(value, count int64) bool) {
		for i, count := range counts {
			if count > 0 && !yield(bucketTop(i), count) {
				return
			}
		}
	}, nil
}

// bucketTop is the highest value of bucket i of a histogram that [NewHistogram]
// made: 2,048 of width 1, then 1,024 each of width 2, 4, 8 and so on.
func bucketTop(i int) int64 {
	const half = 1024
	shift := max(0, i/half-1)
	return int64(i-shift*half+1)<<shift - 1
}

// MarshalJSON writes the encoded form as one string, empty when Empty.
func (h Histogram) MarshalJSON() ([]byte, error) { return json.Marshal(h.encoded) }

// Equal reports whether h and o hold the same, for tests that compare records.
func (h Histogram) Equal(o Histogram) bool { return h == o }

// UnmarshalJSON reads what MarshalJSON wrote and refuses what does not decode,
// or has another range or precision than [NewHistogram]: merging would lose
// some of it.
func (h *Histogram) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return err
	}
	n := Histogram{encoded: s}
	d, err := n.Decode()
	switch {
	case err != nil:
		return err
	case d.LowestTrackableValue() != 1 || d.HighestTrackableValue() != int64(Highest) || d.SignificantFigures() != Digits:
		return fmt.Errorf("decode histogram: its range is %d to %d with %d digits, want 1 to %d with %d",
			d.LowestTrackableValue(), d.HighestTrackableValue(), d.SignificantFigures(), int64(Highest), Digits)
	case d.TotalCount() > maxCount:
		return fmt.Errorf("decode histogram: it counts %d, want at most %d", d.TotalCount(), int64(maxCount))
	case d.TotalCount() == 0:
		n = Histogram{}
	}
	*h = n
	return nil
}
