package reports_test

import (
	"math"
	"strings"
	"testing"

	"github.com/wsimg/wsimg/reports"
)

func TestFormatNumber(t *testing.T) {
	for _, c := range []struct {
		x    float64
		want string
	}{
		{0, "0"}, {0.000_04, "0.0000"}, {0.0123, "0.0123"}, {0.1234, "0.123"}, {1.234, "1.23"},
		{9.996, "10.0"}, {12.34, "12.3"}, {99.96, "100"}, {123.4, "123"}, {999.6, "1,000"},
		{1234, "1,230"}, {56_789, "56,800"}, {1_234_567, "1,230,000"}, {4.2e12, "4.20e+12"},
	} {
		if got := reports.FormatNumber(c.x); got != c.want {
			t.Errorf("FormatNumber(%v) = %q, want %q", c.x, got, c.want)
		}
	}
}

func TestFormatRate(t *testing.T) {
	for _, c := range []struct {
		perS float64
		want string
	}{
		{350, "350/s"}, {0.2, "0.2/s"}, {0.25, "0.25/s"}, {12.5, "12.5/s"}, {20, "20/s"}, {1500, "1,500/s"}, {20_234, "20,200/s"}, {2e9, "2.00e+09/s"},
	} {
		if got := reports.FormatRate(c.perS); got != c.want {
			t.Errorf("FormatRate(%v) = %q, want %q", c.perS, got, c.want)
		}
	}
}

func TestFormatCount(t *testing.T) {
	for _, c := range []struct {
		n    uint64
		want string
	}{{0, "0"}, {999, "999"}, {1234, "1,234"}, {999_999_999, "999,999,999"}, {4_200_000_000, "4.20e+09"}} {
		if got := reports.FormatCount(c.n); got != c.want {
			t.Errorf("FormatCount(%d) = %q, want %q", c.n, got, c.want)
		}
	}
}

func TestFormatDifference(t *testing.T) {
	for _, c := range []struct {
		ratio float64
		want  string
	}{
		{1.3334, "+33.3 %"}, {0.77, "−23.0 %"}, {1, "0.0 %"}, {0.9996, "0.0 %"}, {10.9994, "+999.9 %"}, {10.9996, "+1,000 %"},
		{45.21456, "+4,421 %"}, {101.35, "+10,035 %"},
	} {
		if got := reports.FormatDifference(c.ratio); got != c.want {
			t.Errorf("FormatDifference(%v) = %q, want %q", c.ratio, got, c.want)
		}
	}
}

// TestNoNumberIsWrittenThatIsNone: a dash says that there is nothing to say.
func TestNoNumberIsWrittenThatIsNone(t *testing.T) {
	for _, x := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		for name, got := range map[string]string{
			"FormatNumber": reports.FormatNumber(x), "FormatFixed": reports.FormatFixed(x, 1), "FormatRate": reports.FormatRate(x),
			"FormatDifference": reports.FormatDifference(x), "FormatPoints": reports.FormatPoints(x, 1), "FormatSpan": reports.FormatSpan(x),
		} {
			if !strings.HasPrefix(got, "–") || strings.ContainsAny(got, "INae") {
				t.Errorf("%s(%v): got %q, want a dash", name, x, got)
			}
		}
	}
}
