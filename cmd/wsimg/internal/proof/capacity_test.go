//go:build slow

package proof

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/wsimg/wsimg/cmd/wsimg/internal/outcome"
	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/reports"
)

const (
	// nearCeiling is how near to the truth every answer must be.
	nearCeiling = 0.05
	// narrowCapacity is how wide half an interval of the ratio may be at most,
	// relative to it.
	narrowCapacity = 0.08
)

// TestCeiling finds the capacity of a server whose ceiling is known, in images/s
// and in clients.
func TestCeiling(t *testing.T) {
	p := newProgram(t)
	n := runs(3)
	o := &outcome.Outcome{
		Program: "Ceiling",
		Header:  []string{"found", "run", "truth", "text", "95 % interval", "binary", "95 % interval", "binary : text", "95 % interval", "probes"},
	}
	var env record.Environment
	for _, of := range []struct {
		name  string
		share float64 // of the ceiling in images/s
		args  []string
	}{
		{"images/s", 1, nil},
		{"clients of 2/s", 0.5, []string{"--find", "clients", "--per-client", "2/s"}},
	} {
		for i := range n {
			c, err := serveCeiling(4, 5*time.Millisecond)
			if err != nil {
				t.Fatal(err)
			}
			run, err := p.capacity(append([]string{"--url", c.url, "--size", "10KB", "--time-budget", "90s", "--seed", fmt.Sprint(i + 1)}, of.args...)...)
			c.close()
			if err != nil {
				t.Fatal(err)
			}
			env = run.Environment
			truth := of.share * c.most()
			found := analyze(t, []*record.Run{run})[0].Capacity
			row := []any{of.name, i + 1, reports.FormatNumber(truth)}
			for _, mode := range []string{"text", "binary"} {
				a := answerOf(found, mode)
				row = append(row, written(a.Load), interval(a.Low, a.High))
				if a.Load == nil || math.Abs(*a.Load/truth-1) > nearCeiling {
					o.Missf("run %d, %s: %s carries %s and not %s", i+1, of.name, mode, written(a.Load), reports.FormatNumber(truth))
				}
			}
			r := found.Ratios[0]
			o.Row(append(row, written(r.Ratio), interval(r.Low, r.High), len(found.Probes))...)
			t.Logf("%s, run %d of %d: %v", of.name, i+1, n, row)
		}
	}
	o.Setting = p.Setting(env, "%d runs of each kind against a server that saves 4 images at a time, each in 5 ms", n)
	p.Finish(t, o, place)
}

// TestCapacity finds the capacity of the bundled target again and again. The
// intervals of the ratio must be narrow, and overlap.
func TestCapacity(t *testing.T) {
	p := newProgram(t)
	n := runs(3)
	o := &outcome.Outcome{
		Program: "Capacity",
		Header:  []string{"run", "text, images/s", "95 % interval", "binary, images/s", "95 % interval", "binary : text", "95 % interval", "± half of it", "at most", "probes", "verdict"},
	}
	var env record.Environment
	var lows, highs []float64
	for i := range n {
		run, err := p.capacity("--size", "200KB")
		if err != nil {
			t.Fatal(err)
		}
		env = run.Environment
		report := analyze(t, []*record.Run{run})[0]
		found := report.Capacity
		text, binary, r := answerOf(found, "text"), answerOf(found, "binary"), found.Ratios[0]
		half := "–"
		switch {
		case r.Low == nil:
			o.Missf("run %d gave no interval of the ratio", i+1)
		default:
			lows, highs = append(lows, *r.Low), append(highs, *r.High)
			width := (*r.High - *r.Low) / 2 / *r.Ratio
			if half = percent(width); width > narrowCapacity {
				o.Missf("run %d: half an interval is %s wide", i+1, half)
			}
		}
		o.Row(i+1, written(text.Load), interval(text.Low, text.High), written(binary.Load), interval(binary.Low, binary.High),
			written(r.Ratio), interval(r.Low, r.High), half, percent(narrowCapacity), len(found.Probes), report.Verdict.Kind)
		t.Logf("run %d of %d: %s", i+1, n, report.Conclusion)
	}
	if len(lows) > 0 && slices.Max(lows) > slices.Min(highs) {
		o.Missf("the intervals of the ratio do not all overlap: one begins at %s, another ends at %s", reports.FormatNumber(slices.Max(lows)), reports.FormatNumber(slices.Min(highs)))
	}
	o.Setting = p.Setting(env, "%d default runs at 200 KB", n)
	p.Finish(t, o, place)
}

// capacity runs wsimg capacity and returns the run that it saved.
func (p program) capacity(args ...string) (*record.Run, error) {
	return p.saved("capacity", 4*time.Minute, args...)
}

// answerOf is the answer for a mode.
func answerOf(c *reports.Capacity, mode string) reports.CapacityAnswer {
	for _, a := range c.Answers {
		if a.Mode == mode {
			return a
		}
	}
	return reports.CapacityAnswer{}
}

func written(x *float64) string {
	if x == nil {
		return "–"
	}
	return reports.FormatNumber(*x)
}

func interval(low, high *float64) string { return written(low) + "–" + written(high) }
