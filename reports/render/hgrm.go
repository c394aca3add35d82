package render

import (
	"fmt"
	"io"
	"math"
	"strings"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/stats"
	"github.com/wsimg/wsimg/reports"
)

var _ Writer = Hgrm

// hgrmTicks is how many percentiles are told for each halving of what is left
// to 100 %: as the HdrHistogram libraries do by default.
const hgrmTicks = 5

// Hgrm writes the latencies of r as percentile distributions, in the text that
// the HdrHistogram libraries print and their plotters read. Values are in
// microseconds. There is a block for each cell's response and service time,
// with comments before it that say which, and up to which percentile its values
// are supported: beyond, a report has none. One block is what plotters take as
// one line: split the output into a file for each block, after its #[Buckets.
func Hgrm(w io.Writer, r *reports.Report) error {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s · %s · verdict %s\n", printable(title(r)), r.Started.Format(time.RFC3339), r.Verdict.Kind)
	b.WriteString("# Latency in microseconds. A plotter takes one block a file: split after each line that begins with #[Buckets.\n")
	b.WriteString(faultComment(r))
	for _, c := range r.Cells {
		for _, kind := range []struct {
			name string
			of   func(record.Sample) record.Histogram
		}{
			{"response time", func(s record.Sample) record.Histogram { return s.Response }},
			{"service time", func(s record.Sample) record.Histogram { return s.Service }},
		} {
			h, err := merged(c.Samples, kind.of)
			if err != nil {
				return fmt.Errorf("write %s of %s: %w", kind.name, c.Mode, err)
			}
			fmt.Fprintf(&b, "\n# %s: %s\n", printable(cellLabel(c)), kind.name)
			if kind.name == "response time" && c.Censored > 0 && c.Response.LowerBoundFrom != nil {
				fmt.Fprintf(&b, "# %d of %d values are of images that were given up: from %.3f on, values are lower bounds.\n",
					c.Censored, c.ResponseSamples(), *c.Response.LowerBoundFrom)
			}
			if h.TotalCount() == 0 {
				b.WriteString("# Nothing was measured.\n")
				continue
			}
			fmt.Fprintf(&b, "# %d values support percentiles up to %.6f; beyond, they are what these images happened to take.\n",
				h.TotalCount(), supported(h.TotalCount()))
			if _, err := h.PercentilesPrint(&b, hgrmTicks, float64(time.Microsecond)); err != nil {
				return fmt.Errorf("write %s of %s: %w", kind.name, c.Mode, err)
			}
		}
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("write report as HdrHistogram percentiles: %w", err)
	}
	return nil
}

// supported returns the highest quantile that n samples support, by the rule of
// [stats.SamplesNeeded].
func supported(n int64) float64 { return math.Pow(1-stats.Confidence, 1/float64(n)) }

// cellLabel names a cell in full: "text at 100 KB, closed load, 16 clients".
func cellLabel(c reports.Cell) string {
	label := fmt.Sprintf("%s at %s, %s load, %s", c.Mode, reports.FormatSize(c.SizeBytes), c.Load, clients([]reports.Cell{c}))
	if c.RequestedPerS != nil {
		label += ", " + reports.FormatRate(*c.RequestedPerS)
	}
	if c.Source != record.Synthetic {
		label += ", images from " + c.Source
	}
	return label
}

// merged returns what samples hold as one histogram.
func merged(samples []record.Sample, of func(record.Sample) record.Histogram) (*hdrhistogram.Histogram, error) {
	sum := record.NewHistogram()
	for _, s := range samples {
		h, err := of(s).Decode()
		if err != nil {
			return nil, err
		}
		sum.Merge(h)
	}
	return sum, nil
}
