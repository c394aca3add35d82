package payload

import (
	"errors"
	"fmt"
	"math/big"
	"strconv"
	"strings"
)

// unit is a suffix of a size and the bytes it stands for.
type unit struct {
	name  string
	bytes int64
}

// units lists every suffix; of equally short forms FormatSize takes the later.
func units() []unit {
	return []unit{
		{"B", 1},
		{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30},
		{"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9},
	}
}

// ParseSize returns the number of bytes s stands for: a decimal number and one
// of the units B, KB, MB, GB (powers of 1,000), KiB, MiB, GiB (powers of
// 1,024), spelled exactly so and without a space: 100KB is 100,000 bytes,
// 1.5MiB is 1,572,864.
//
// A bare number is refused, for whoever wrote 100 meant something else than
// 100 bytes; so is anything but a whole, positive number of bytes that fits an
// int64.
func ParseSize(s string) (int64, error) {
	name := strings.TrimLeft(s, "0123456789.")
	number := strings.TrimSuffix(s, name)
	if !isDecimal(number) {
		return 0, sizeError(s, "it must start with a decimal number")
	}
	if name == "" {
		return 0, sizeError(s, "it has no unit")
	}
	for _, u := range units() {
		if u.name == name {
			n, err := multiply(number, u.bytes)
			if err != nil {
				return 0, sizeError(s, err.Error())
			}
			return n, nil
		}
	}
	return 0, sizeError(s, fmt.Sprintf("there is no unit %q", name))
}

func sizeError(s, why string) error {
	return fmt.Errorf("size %q: %s; write 512B, 10KB, 1.5MB or 1GB (powers of 1,000), or 100KiB, 1MiB or 1GiB (powers of 1,024)", s, why)
}

// isDecimal reports whether s is digits, or digits, a point and digits.
func isDecimal(s string) bool {
	whole, fraction, point := strings.Cut(s, ".")
	return isDigits(whole) && (!point || isDigits(fraction))
}

func isDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// multiply returns number × bytes exactly; number is as isDecimal wants it.
// Floating point would turn 1.1MB into something next to it.
func multiply(number string, bytes int64) (int64, error) {
	r, ok := new(big.Rat).SetString(number)
	if !ok {
		return 0, errors.New("it must start with a decimal number")
	}
	r.Mul(r, new(big.Rat).SetInt64(bytes))
	switch {
	case r.Sign() == 0:
		return 0, errors.New("it is zero")
	case !r.IsInt():
		return 0, errors.New("it is not a whole number of bytes")
	case !r.Num().IsInt64():
		return 0, errors.New("it is too large")
	}
	return r.Num().Int64(), nil
}

// FormatSize prints n bytes in the shortest form that is exact and that
// ParseSize reads back: 100000 is 100KB, 102400 is 100KiB, 1234 is 1234B. Of
// equally short forms it takes the one in powers of 1,000, then the larger
// unit. Zero and negative numbers, which no image has, are printed in bytes.
func FormatSize(n int64) string {
	shortest := strconv.FormatInt(n, 10) + "B"
	for _, u := range units() {
		if u.bytes > n {
			continue // 0.1MB is short, but nobody writes so
		}
		r := big.NewRat(n, u.bytes)
		digits, _ := r.FloatPrec() // exact: every unit is made of twos and fives
		if s := r.FloatString(digits) + u.name; len(s) <= len(shortest) {
			shortest = s
		}
	}
	return shortest
}
