package churn

import (
	"fmt"
	"strconv"
	"time"
)

// Lifetime is how long a connection is used before its client ends it and
// opens another. The zero value has no limit.
type Lifetime struct {
	Images int           // sent; 0: no limit
	Time   time.Duration // since it was opened; 0: no limit
}

// ParseLifetime reads a number of images, as "50", or a duration, as "30s".
func ParseLifetime(s string) (Lifetime, error) {
	if n, err := strconv.Atoi(s); err == nil && n > 0 {
		return Lifetime{Images: n}, nil
	}
	if d, err := time.ParseDuration(s); err == nil && d > 0 {
		return Lifetime{Time: d}, nil
	}
	return Lifetime{}, fmt.Errorf("%q is no lifetime: give a number of images such as 50, or a duration such as 30s", s)
}

// Limited reports whether there is an end to it.
func (l Lifetime) Limited() bool { return l != Lifetime{} }

// String is what ParseLifetime reads; empty without a limit.
func (l Lifetime) String() string {
	switch {
	case l.Images > 0:
		return strconv.Itoa(l.Images)
	case l.Time > 0:
		return l.Time.String()
	}
	return ""
}
