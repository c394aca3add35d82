package proof

// bar is a number of runs out of so many. A trial with fewer runs is held to
// the same share, rounded in its favour.
type bar struct{ runs, of int }

// atMost returns the most of n runs that clear the bar as an upper one.
func (b bar) atMost(n int) int { return (b.runs*n + b.of - 1) / b.of }

// share returns the most of n, rounded down, but one may always be.
func (b bar) share(n int) int { return max(1, b.runs*n/b.of) }

// atLeast returns the fewest of n runs that clear the bar as a lower one.
func (b bar) atLeast(n int) int { return b.runs * n / b.of }

// The bars.
var (
	// A perfect tool has a chance of 0.0007 to show more than 7 of 40
	// intervals at 95 % that exclude the truth: 2 are to be expected.
	mostExcluding  = bar{7, 40}
	leastContained = bar{33, 40}
	// Of all intervals of all metrics, where chance evens out.
	mostOfAll = bar{8, 100}
	// A difference many times the half-width of the interval is always found.
	leastFound = bar{38, 40}
	// Eight of ten is what is left to chance and to the other runs' own error.
	leastReproduced = bar{8, 10}
	// What is found with a probability of 80 % is found in 32 of 40 runs,
	// ± 2.5. Less than 25 has a chance of 0.3 %, 40 one of 0.01 %. That is
	// wide, for the difference injected is itself estimated, and a tenth of it
	// more or less moves the expectation by three runs.
	leastPower, mostPower = bar{25, 40}, bar{39, 40}
)
