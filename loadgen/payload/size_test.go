package payload

import (
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestParseSize(t *testing.T) {
	for _, c := range []struct {
		name, in string
		want     int64
	}{
		{"bytes", "512B", 512},
		{"powers of 1,000", "10KB", 10_000},
		{"powers of 1,024", "100KiB", 102_400},
		{"megabytes", "1MB", 1_000_000},
		{"mebibytes", "1MiB", 1_048_576},
		{"gigabytes", "2GB", 2_000_000_000},
		{"gibibytes", "1GiB", 1_073_741_824},
		{"a fraction that comes out whole", "1.5MB", 1_500_000},
		{"a fraction floating point can't hold", "1.1MB", 1_100_000},
		{"a fraction of a power of 1,024", "0.5KiB", 512},
		{"zeros in front are decimal, not octal", "010KB", 10_000},
		{"zeros behind", "1.000KB", 1_000},
		{"the largest", "9223372036854775807B", math.MaxInt64},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := ParseSize(c.in)
			if err != nil || got != c.want {
				t.Errorf("ParseSize(%q) = %d, %v; want %d", c.in, got, err, c.want)
			}
		})
	}
}

func TestParseSizeRefuses(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"a bare number", "100", "has no unit"},
		{"nothing", "", "decimal number"},
		{"a unit alone", "KB", "decimal number"},
		{"a negative size", "-1KB", "decimal number"},
		{"two points", "1.2.3KB", "decimal number"},
		{"a point alone", ".5KB", "decimal number"},
		{"a point at the end", "5.KB", "decimal number"},
		{"an exponent", "1e3B", `no unit "e3B"`},
		{"a space", "1 KB", `no unit " KB"`},
		{"another spelling", "1kb", `no unit "kb"`},
		{"an unknown unit", "1TB", `no unit "TB"`},
		{"digits behind the unit", "1KB2", `no unit "KB2"`},
		{"zero", "0MB", "is zero"},
		{"part of a byte", "1.5B", "whole number of bytes"},
		{"part of a byte after scaling", "1.0005KB", "whole number of bytes"},
		{"one more than the largest", "9223372036854775808B", "too large"},
		{"far too much", "99999999999999999999GiB", "too large"},
	} {
		t.Run(c.name, func(t *testing.T) {
			n, err := ParseSize(c.in)
			if err == nil {
				t.Fatalf("ParseSize(%q) = %d, want an error", c.in, n)
			}
			for _, want := range []string{c.want, "write 512B, 10KB"} {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("ParseSize(%q) fails with %q, want %q in it", c.in, err, want)
				}
			}
		})
	}
}

func TestFormatSize(t *testing.T) {
	for _, c := range []struct {
		name string
		in   int64
		want string
	}{
		{"a round number", 100_000, "100KB"},
		{"a round number of 1,024s", 102_400, "100KiB"},
		{"no round number", 1_234, "1234B"},
		{"a fraction is shorter than bytes", 1_500_000, "1.5MB"},
		{"equally short: the larger unit", 12_500, "12.5KB"},
		{"a fraction of 1,024s", 1_572_864, "1.5MiB"},
		{"text of 100KB", 133_336, "133336B"},
		{"one byte", 1, "1B"},
		{"zero", 0, "0B"},
		{"negative", -1_000, "-1000B"},
		{"the largest", math.MaxInt64, "9223372036854775807B"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := FormatSize(c.in); got != c.want {
				t.Errorf("FormatSize(%d) = %q, want %q", c.in, got, c.want)
			}
		})
	}
}

func TestSizeRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		unit := rapid.SampledFrom(units()).Draw(t, "unit")
		n := rapid.Int64Range(1, math.MaxInt64/unit.bytes).Draw(t, "count") * unit.bytes
		s := FormatSize(n)
		if got, err := ParseSize(s); err != nil || got != n {
			t.Fatalf("ParseSize(FormatSize(%d) = %q) = %d, %v; want the number back", n, s, got, err)
		}
	})
}

func FuzzParseSize(f *testing.F) {
	for _, s := range []string{"10KB", "1.5MiB", "100", "0.001KB", "1e3B", "9223372036854775808B"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, err := ParseSize(s)
		if err != nil {
			return
		}
		if n <= 0 {
			t.Fatalf("ParseSize(%q) = %d, want a positive number", s, n)
		}
		printed := FormatSize(n)
		if got, err := ParseSize(printed); err != nil || got != n {
			t.Fatalf("ParseSize(%q) = %d, printed %q, parsed back as %d, %v", s, n, printed, got, err)
		}
	})
}
