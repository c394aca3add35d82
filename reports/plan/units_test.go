package plan

import (
	"math"
	"strings"
	"testing"
)

type parser struct {
	name  string
	parse func(string) (float64, error)
	most  float64
	zero  bool // 0 is among what it accepts
}

var parsers = []parser{
	{"bit rate", ParseBitRate, most * 1e12, false},
	{"price", ParsePrice, most * 1e3, true},
	{"days", ParseDays, most * 7, false},
	{"share", ParseShare, most, true},
}

func TestParse(t *testing.T) {
	for i, cases := range []map[string]float64{
		{"10Gbit": 10e9, "2.5Gbit/s": 2.5e9, "100Mbps": 100e6, "64kbit": 64e3, "1Tbit": 1e12},
		{"0.08/GB": 0.08, "0/GB": 0, "80/TB": 0.08, "0.08/GiB": 0.08 * 1e9 / (1 << 30), "0.001/MB": 1},
		{"30d": 30, "12h": 0.5, "4w": 28, "0.5d": 0.5},
		{"30%": 0.3, "0.3": 0.3, "0": 0, "100%": 1, "12.5 %": 0.125},
	} {
		for s, want := range cases {
			if got, err := parsers[i].parse(s); err != nil || math.Abs(got-want) > 1e-12*want {
				t.Errorf("%s %q: got %v, %v; want %v", parsers[i].name, s, got, err, want)
			}
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for i, tt := range []struct {
		bad  []string
		says string
	}{
		{[]string{"", "10", "Gbit", "10GB", "-1Gbit", "0Gbit", "1e3Mbit", "NaNGbit", "10 Gbit", "10Gbit/h"}, "such as 10Gbit"},
		{[]string{"", "0.08", "/GB", "0.08/", "-1/GB", "0.08/Gb", "a/GB", "$0.08/GB", "1/2/GB"}, "such as 0.08/GB"},
		{[]string{"", "30", "d", "0d", "-1d", "30days", "1m"}, "such as 30d"},
		{[]string{"", "%", "-1%", "much", "1e-1", "30%%", "Inf"}, "such as 30% or 0.3"},
	} {
		for _, s := range tt.bad {
			if got, err := parsers[i].parse(s); err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("%s %q: got %v, %v; want it refused with what to give", parsers[i].name, s, got, err)
			}
		}
	}
}

// FuzzParse accepts nothing but finite numbers within bounds.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"10Gbit", "2.5Gbps", "0.08/GB", "1/TiB", "30d", "4w", "30%", "0.3", "1..2d", ".%", "/", "9999999999999999999999Gbit"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, p := range parsers {
			x, err := p.parse(s)
			if err != nil {
				if x != 0 || !strings.Contains(err.Error(), "give ") {
					t.Fatalf("%s %q: %v with %v, which does not say what to give", p.name, s, x, err)
				}
				continue
			}
			if math.IsNaN(x) || x < 0 || x > p.most || x == 0 && !p.zero {
				t.Fatalf("%s %q is %v", p.name, s, x)
			}
		}
	})
}
