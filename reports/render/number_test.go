package render

import (
	"strings"
	"testing"
)

func TestScaleOfSuitsTheSmallestAndFitsTheLargest(t *testing.T) {
	for _, c := range []struct {
		name string
		q    quantity
		xs   []float64
		want string
	}{
		{"nothing", duration, nil, "µs"},
		{"all small", duration, []float64{60, 900}, "µs"},
		{"the smallest decides", duration, []float64{60, 8000}, "µs"},
		{"all large", duration, []float64{2000, 80_000}, "ms"},
		{"the largest would be too wide", duration, []float64{60, 2e6}, "ms"},
		{"bytes of three sizes", volume, []float64{10_000, 1.3e6}, "KB"},
		{"zero says nothing", volume, []float64{0, 1.3e6}, "MB"},
		{"rates have one unit", rates, []float64{60_000}, "/s"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var xs []*float64
			for i := range c.xs {
				xs = append(xs, &c.xs[i])
			}
			if got := c.q.scaleOf(append(xs, nil)); got.unit != c.want {
				t.Errorf("scaleOf(%v) = %q, want %q", c.xs, got.unit, c.want)
			}
		})
	}
}

func TestSigned(t *testing.T) {
	for _, c := range []struct {
		ratio float64
		want  string
	}{{1.3334, "+33.3"}, {0.77, "−23.0"}, {1.0004, "0.0"}, {0.9996, "0.0"}, {15, "+1,400"}} {
		if got := signed(c.ratio); got != c.want {
			t.Errorf("signed(%v) = %q, want %q", c.ratio, got, c.want)
		}
	}
}

func TestWrap(t *testing.T) {
	for _, c := range []struct {
		name string
		text string
		want string
	}{
		{"short", "one two", "· one two"},
		{"breaks between words", "one two three four", "· one two|  three four"},
		{"a number keeps its per cent", "roughly 12 % more", "· roughly|  12 % more"},
		{"a word too long is cut", "abcdefghijklmnopq", "· abcdefghij|  klmnopq"},
		{"a wide word is cut by columns", "写真写真写真", "· 写真写真写|  真"},
		{"nothing", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := strings.Join(wrap(c.text, 12, "· ", "  "), "|"); got != c.want {
				t.Errorf("wrap(%q) = %q, want %q", c.text, got, c.want)
			}
		})
	}
}

func TestShorten(t *testing.T) {
	for _, c := range []struct {
		s     string
		width int
		want  string
	}{
		{"binary", 6, "binary"},
		{"text+codec=std", 9, "text…=std"},
		{"写真写真.jpg", 8, "写真…pg"},
		{"text", 1, "…"},
	} {
		if got := shorten(c.s, c.width); got != c.want {
			t.Errorf("shorten(%q, %d) = %q, want %q", c.s, c.width, got, c.want)
		}
	}
}
