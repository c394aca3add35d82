package site

import (
	"fmt"
	"math"
	"strconv"
)

// count prints a number to be read, its thousands apart. What is to be typed, as
// in ulimit -n 20001, is printed as it is.
func count[N int | int64 | uint64](n N) string {
	digits := strconv.FormatInt(int64(n), 10)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// perSecond prints a rate to be read.
func perSecond(rate float64) string {
	if rate < 1000 {
		return fmt.Sprintf("%.6g", rate)
	}
	return count(int64(math.Round(rate)))
}
