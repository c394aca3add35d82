package plan

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/wsimg/wsimg/reports"
)

// What a malformed quantity gets to read.
var (
	errBitRate = errors.New("give a number of kbit, Mbit or Gbit (a second), such as 10Gbit")
	errPrice   = errors.New("give a price and the volume it is for, such as 0.08/GB")
	errDays    = errors.New("give a number of days, hours or weeks, such as 30d, 12h or 4w")
	errShare   = errors.New("give a share, such as 30% or 0.3")
)

// ParseBitRate reads the speed of a link, such as 10Gbit, 10Gbit/s or 2.5Gbps,
// in bits a second. Prefixes are powers of 1,000.
func ParseBitRate(s string) (float64, error) {
	text := strings.TrimSuffix(s, "/s")
	for _, u := range []struct {
		name string
		bits float64
	}{{"kbit", 1e3}, {"Mbit", 1e6}, {"Gbit", 1e9}, {"Tbit", 1e12}, {"kbps", 1e3}, {"Mbps", 1e6}, {"Gbps", 1e9}, {"Tbps", 1e12}} {
		if amount, ok := strings.CutSuffix(text, u.name); ok {
			x, ok := decimal(amount)
			if !ok || x == 0 || x > most {
				break
			}
			return x * u.bits, nil
		}
	}
	return 0, fmt.Errorf("%q: %w", s, errBitRate)
}

// ParsePrice reads a price such as 0.08/GB, for 10^9 bytes. Prefixes are powers
// of 1,000, or of 1,024 as in GiB.
func ParsePrice(s string) (perGB float64, err error) {
	amount, volume, _ := strings.Cut(s, "/")
	for _, u := range []struct {
		name string
		gb   float64
	}{{"MB", 1e-3}, {"GB", 1}, {"TB", 1e3}, {"GiB", (1 << 30) / 1e9}, {"TiB", (1 << 40) / 1e9}} {
		if volume == u.name {
			if x, ok := decimal(amount); ok && x <= most {
				return x / u.gb, nil
			}
		}
	}
	return 0, fmt.Errorf("%q: %w", s, errPrice)
}

// ParseDays reads a time such as 30d, 12h or 4w, in days.
func ParseDays(s string) (float64, error) {
	for _, u := range []struct {
		name string
		days float64
	}{{"h", 1.0 / 24}, {"d", 1}, {"w", 7}} {
		if amount, ok := strings.CutSuffix(s, u.name); ok {
			if x, ok := decimal(amount); ok && x > 0 && x <= most {
				return x * u.days, nil
			}
		}
	}
	return 0, fmt.Errorf("%q: %w", s, errDays)
}

// ParseShare reads a share such as 30% or 0.3. What lies within its bounds is
// for [Input.Validate] to say.
func ParseShare(s string) (float64, error) {
	amount, percent := strings.CutSuffix(s, "%")
	x, ok := decimal(strings.TrimSpace(amount))
	if !ok || x > most {
		return 0, fmt.Errorf("%q: %w", s, errShare)
	}
	if percent {
		x /= 100
	}
	return x, nil
}

// decimal reads a plain number, at least 0: no sign, no exponent, no words.
func decimal(s string) (float64, bool) {
	if s == "" || strings.Trim(s, "0123456789.") != "" {
		return 0, false
	}
	x, err := strconv.ParseFloat(s, 64)
	return x, err == nil && !math.IsInf(x, 0)
}

// volume writes a number of bytes as the tables do, up to PB.
func volume(x float64) string {
	unit := "B"
	for _, u := range []string{"KB", "MB", "GB", "TB", "PB"} {
		if x < 999.5 {
			break
		}
		x, unit = x/1000, u
	}
	return reports.FormatNumber(x) + " " + unit
}
