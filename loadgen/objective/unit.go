package objective

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Unit is what a metric is measured in.
type Unit string

const (
	Time  Unit = "time"  // in seconds; written 150ms, 1.5s or 200µs
	Share Unit = "share" // of 1; written 0.1%
)

// parse reads a limit that has its unit.
func (u Unit) parse(text string) (float64, error) {
	number := strings.TrimRight(text, "abcdefghijklmnopqrstuvwxyzµμ%")
	unit := text[len(number):]
	number = strings.TrimSpace(number)
	if strings.Trim(number, "0123456789.") != "" || number == "" {
		return 0, fmt.Errorf("%q is no number and unit", text)
	}
	switch {
	case u == Share && unit == "":
		return 0, fmt.Errorf("%q is a share without its %%", text)
	case u == Share && unit != "%":
		return 0, fmt.Errorf("%q is no share", text)
	case u == Share:
		x, err := strconv.ParseFloat(number+"e-2", 64)
		if err != nil {
			return 0, fmt.Errorf("%q is no share", text)
		}
		return x, nil
	case unit == "":
		return 0, fmt.Errorf("%q is a time without its unit", text)
	}
	d, err := time.ParseDuration(number + unit)
	if err != nil {
		return 0, fmt.Errorf("%q is no time", text)
	}
	return d.Seconds(), nil
}

// write writes a limit as parse reads it, all its digits.
func (u Unit) write(x float64) string {
	if u == Time {
		return inWords(time.Duration(nanoseconds(x)))
	}
	return percent(strconv.FormatFloat(x, 'f', -1, 64)) + "%"
}

// round writes a value to three digits.
func (u Unit) round(x float64) string {
	if x == 0 || math.IsInf(x, 0) || math.IsNaN(x) {
		return u.write(0)
	}
	unit := math.Pow(10, math.Floor(math.Log10(math.Abs(x)))-2)
	digits, err := strconv.ParseFloat(strconv.FormatFloat(math.Round(x/unit)*unit, 'g', 3, 64), 64)
	if err != nil {
		return u.write(x)
	}
	return u.write(digits)
}

// inWords is a time as Go writes it, in the one unit that suits it.
func inWords(d time.Duration) string {
	if d >= time.Minute {
		return strconv.FormatFloat(d.Seconds(), 'f', -1, 64) + "s"
	}
	return d.String()
}

// percent is a hundred times a decimal number without an exponent, digit by
// digit: in floating point 0.07·100 is 7.000000000000001.
func percent(decimal string) string {
	whole, part, _ := strings.Cut(decimal, ".")
	part += "00"
	digits := strings.TrimLeft(whole+part[:2], "0")
	if digits == "" {
		digits = "0"
	}
	if rest := strings.TrimRight(part[2:], "0"); rest != "" {
		return digits + "." + rest
	}
	return digits
}
