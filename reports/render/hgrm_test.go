package render_test

import (
	"bufio"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/reports/internal/specimen"
	"github.com/wsimg/wsimg/reports/render"
)

func TestHgrmGolden(t *testing.T) {
	golden(t, "staged.hgrm", output(t, render.Hgrm, staged(t)))
}

// TestHgrmAgreesWithTheReport: a plotter that reads a block finds the report's
// percentiles in it.
func TestHgrmAgreesWithTheReport(t *testing.T) {
	r := overloaded(t)
	blocks := strings.Split(output(t, render.Hgrm, r), "\n\n# ")[1:] // behind the heading
	if want := 2 * len(r.Cells); len(blocks) != want {
		t.Fatalf("%d blocks, want %d: response and service time of each cell", len(blocks), want)
	}
	for i, c := range r.Cells {
		values := readHgrm(t, blocks[2*i])
		for _, p := range []struct {
			quantile float64
			want     *float64
		}{{0.5, c.Response.P50}, {0.9, c.Response.P90}, {1, c.Response.Max}} {
			got, ok := values[p.quantile]
			if !ok || p.want == nil || math.Abs(got / *p.want - 1) > 0.001 {
				t.Errorf("%s at %d bytes, %s: got %v at %v, want %v", c.Mode, c.SizeBytes, c.Load, got, p.quantile, show(p.want))
			}
		}
		bounds := strings.Contains(blocks[2*i], "values are lower bounds")
		if want := c.Censored > 0; bounds != want {
			t.Errorf("%s, %s: lower bounds told: %v, want %v", c.Mode, c.Load, bounds, want)
		}
		if strings.Contains(blocks[2*i+1], "lower bounds") {
			t.Errorf("%s, %s: service time has lower bounds, but only what was answered is in it", c.Mode, c.Load)
		}
	}
}

// readHgrm reads the values of a block by their quantile, as plotters do:
// four columns, comments and the head skipped.
func readHgrm(t *testing.T, block string) map[float64]float64 {
	t.Helper()
	values := map[float64]float64{}
	lines := bufio.NewScanner(strings.NewReader("# " + block))
	for lines.Scan() {
		columns := strings.Fields(lines.Text())
		if strings.HasPrefix(lines.Text(), "#") || len(columns) != 4 || columns[0] == "Value" {
			continue
		}
		value, err := strconv.ParseFloat(columns[0], 64)
		quantile, bad := strconv.ParseFloat(columns[1], 64)
		if err != nil || bad != nil {
			t.Fatalf("%q is no line of a distribution", lines.Text())
		}
		values[quantile] = value
	}
	if !regexp.MustCompile(`(?m)^#\[Mean {4}= +[\d.]+, StdDeviation {3}= +[\d.]+\]$`).MatchString(block) {
		t.Errorf("there is no footer in\n%s", block)
	}
	return values
}

func show(p *float64) any {
	if p == nil {
		return "nil"
	}
	return *p
}

func TestHgrmTellsWhatTheSampleSupports(t *testing.T) {
	text := output(t, render.Hgrm, staged(t))
	for _, want := range []string{
		"# 18750 values support percentiles up to 0.999840; beyond,", // ¹⁸⁷⁵⁰√0.05
		"split after each line that begins with #[Buckets.",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the distribution lacks %q:\n%.600s", want, text)
		}
	}
}

func TestHgrmOfNothing(t *testing.T) {
	run := specimen.Broken()
	run.Cells = run.Cells[:1]
	run.Cells[0].Samples = []record.Sample{{}}
	if text := output(t, render.Hgrm, analyze(t, run)); !strings.Contains(text, "# Nothing was measured.") || strings.Contains(text, "NaN") {
		t.Errorf("got\n%s\nwant that nothing was measured", text)
	}
}
