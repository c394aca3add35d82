//go:build slow

package siege

import (
	"fmt"
	"time"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/stats"
	"github.com/wsimg/wsimg/reports"
)

// distribution is what a histogram counted, in ns.
func distribution(h record.Histogram) (d stats.Distribution) {
	bars, err := h.Bars()
	if err != nil {
		panic(err) // it was checked when it was read
	}
	for value, count := range bars {
		d = append(d, stats.Bar{Value: value, Count: count})
	}
	return d
}

// quantiles writes the median and the 99th percentile in a unit.
func quantiles(h record.Histogram, unit time.Duration) string {
	d := distribution(h)
	return fmt.Sprintf("%s and %s", quantile(d, 0.5, unit), quantile(d, 0.99, unit))
}

// quantile writes a quantile in a unit, or a dash where there are too few.
func quantile(d stats.Distribution, q float64, unit time.Duration) string {
	ns, ok := d.Quantile(q)
	if !ok {
		return "–"
	}
	return reports.FormatNumber(float64(ns) / float64(unit))
}

// most writes the largest in a unit, or a dash where there is none.
func most(d stats.Distribution, unit time.Duration) string {
	ns, ok := d.Max()
	if !ok {
		return "–"
	}
	return reports.FormatNumber(float64(ns) / float64(unit))
}
