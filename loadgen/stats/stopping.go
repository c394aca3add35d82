package stats

import "math"

// MinStopping is the fewest rounds after which [Precise] lets a comparison
// end. At so few the order statistics still cover 97 % and more, which is
// what looking often costs.
const MinStopping = 16

// Precise reports whether rounds that are measured until their interval is
// narrow enough may end: whether the half-width of the interval is at most
// precision, relative to the ratio (0.03 is 3 %). Logs are the log ratios of
// the rounds so far, in the order they were measured.
//
// Who stops at the first narrow interval stops too early: in a sample that
// looks calmer than it is. Fixed-width sequential intervals keep their level
// only as the width goes to zero (Chow & Robbins, On the asymptotic theory of
// fixed-width sequential confidence intervals for the mean, Ann. Math. Statist.
// 36, 1965; for those of order statistics Geertsema, Sequential confidence
// intervals based on rank tests, Ann. Math. Statist. 41, 1970). Three things
// keep the loss small:
//
//   - no end before [MinStopping] rounds,
//   - looks at even numbers of rounds alone, which also leaves as many rounds
//     in the order AB as in BA,
//   - the interval must have been narrow enough an eighth of the rounds ago
//     already, so that a lucky look is not the last.
//
// With them the interval covers in 93 % and more of all comparisons, be the
// log ratios normal, heavy-tailed or skewed.
func Precise(logs []float64, precision float64) bool {
	n := len(logs) &^ 1
	return n >= MinStopping && narrow(logs[:n], precision) && narrow(logs[:lookBefore(n)], precision)
}

// RoundsNeeded estimates how many rounds like these there will be when they
// are [Precise]; 0 where nothing can be told yet. The half-width shrinks with
// the square root of their number.
func RoundsNeeded(logs []float64, precision float64) int {
	if len(logs) == 0 {
		return 0
	}
	width, ok := ofLogs(logs).HalfWidth()
	if !ok {
		return 0
	}
	return max(MinStopping, int(math.Ceil(float64(len(logs))*math.Pow(width/precision, 2))))
}

// lookBefore returns how many rounds there were at the look that confirms one
// at n.
func lookBefore(n int) int { return (n - n/8) &^ 1 }

func narrow(logs []float64, precision float64) bool {
	width, ok := ofLogs(logs).HalfWidth()
	return ok && width <= precision
}
