package record

import "fmt"

// Churn is when connections end, and how they come back.
type Churn struct {
	LifetimeImages  int     `json:"lifetime_images,omitempty"`  // images a connection carries; 0: no limit
	LifetimeSeconds float64 `json:"lifetime_seconds,omitempty"` // its age; 0: no limit
	// Reconnecting waits a random time up to base × 2^n, at most the most, after
	// the nth failure in a row. NoReconnect: lost connections stay lost.
	BackoffSeconds    float64   `json:"backoff_seconds,omitempty"`
	MaxBackoffSeconds float64   `json:"max_backoff_seconds,omitempty"`
	NoReconnect       bool      `json:"no_reconnect,omitempty"`
	Storm             bool      `json:"storm,omitempty"`        // all clients dial at the same time
	CutsSeconds       []float64 `json:"cuts_seconds,omitempty"` // when all connections were cut, from the start of the window
}

// check returns what nobody can have asked of a run of that many seconds.
func (c *Churn) check(seconds float64) error {
	if c == nil {
		return nil
	}
	if c.MaxBackoffSeconds < c.BackoffSeconds {
		return fmt.Errorf("max_backoff_seconds is %v, want at least backoff_seconds, %v", c.MaxBackoffSeconds, c.BackoffSeconds)
	}
	for i, at := range c.CutsSeconds {
		if at > seconds {
			return fmt.Errorf("cuts_seconds[%d] is %v, want it within the %v s of the run", i, at, seconds)
		}
	}
	return nil
}
