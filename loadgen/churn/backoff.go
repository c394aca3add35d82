package churn

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// Defaults of Backoff: the first attempt is soon enough not to be seen where
// nothing was wrong, and every client is back some seconds after a server is.
const (
	DefaultBase = 100 * time.Millisecond
	DefaultMost = 5 * time.Second
)

// Backoff is how long a client without a connection waits before it tries
// again.
type Backoff struct {
	Base time.Duration // bounds the wait before the first attempt
	Most time.Duration // bounds every wait
}

// DefaultBackoff is DefaultBase and DefaultMost.
func DefaultBackoff() Backoff { return Backoff{Base: DefaultBase, Most: DefaultMost} }

// ParseBackoff reads "100ms..5s": base and most.
func ParseBackoff(s string) (Backoff, error) {
	base, most, ok := strings.Cut(s, "..")
	var b Backoff
	var errBase, errMost error
	b.Base, errBase = time.ParseDuration(base)
	b.Most, errMost = time.ParseDuration(most)
	if !ok || errBase != nil || errMost != nil || b.Validate() != nil {
		return Backoff{}, fmt.Errorf("%q is no back-off: give the bounds of the first wait and of every wait, such as %v", s, DefaultBackoff())
	}
	return b, nil
}

// Validate reports what is wrong with b.
func (b Backoff) Validate() error {
	if b.Base <= 0 || b.Most < b.Base {
		return fmt.Errorf("back-off %v: ask for a positive duration and one that is no shorter", b)
	}
	return nil
}

// Bound is the longest wait after so many failures in a row: base × 2^failures,
// at most the most.
func (b Backoff) Bound(failures int) time.Duration {
	bound := b.Base
	for range failures {
		if bound >= b.Most/2 {
			return b.Most
		}
		bound *= 2
	}
	return min(bound, b.Most)
}

// Wait draws a wait after so many failures in a row: evenly from nothing to
// Bound.
func (b Backoff) Wait(failures int, random *rand.Rand) time.Duration {
	return time.Duration(random.Int64N(int64(b.Bound(failures)) + 1))
}

// String is what ParseBackoff reads.
func (b Backoff) String() string { return b.Base.String() + ".." + b.Most.String() }
