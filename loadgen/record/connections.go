package record

import "fmt"

// Connections is what became of connections in a stretch of time. Histograms
// are of those that came to be, in ns.
type Connections struct {
	Dialed    uint64  `json:"dialed"`            // attempts
	Connected uint64  `json:"connected"`         // attempts that came to be a connection
	Seconds   float64 `json:"seconds,omitempty"` // first attempt → last connection; told of connecting alone

	TCP     Histogram `json:"tcp"`     // dial → established; names are resolved in it
	TLS     Histogram `json:"tls"`     // handshake; empty without TLS
	Upgrade Histogram `json:"upgrade"` // request written → 101 read
	Connect Histogram `json:"connect"` // all of them together

	Lost    uint64 `json:"lost,omitempty"`    // failed, or were given up: for a wrong reply, or one that did not come
	Retired uint64 `json:"retired,omitempty"` // ended by us: their lifetime was over
	Cut     uint64 `json:"cut,omitempty"`     // ended by us, all at the same instant
	// Vacant is how many clients had no connection at the end.
	Vacant uint64 `json:"vacant,omitempty"`

	// Reconnect is, of connections that took the place of another, the time from
	// the end of that one until the client could send again, back-off included.
	Reconnect Histogram `json:"reconnect"`
	// LostImages were in flight on connections that were lost or cut: whether
	// they were saved is not known. DelayedImages became due while their client
	// had no connection, and waited for one.
	LostImages    uint64 `json:"lost_images,omitempty"`
	DelayedImages uint64 `json:"delayed_images,omitempty"`
}

// Add adds the stretch that came after c: counts and times add up, and Vacant
// is that of its end. The error is of a histogram that does not decode; c has
// then taken part of o.
func (c *Connections) Add(o Connections) error {
	c.Dialed += o.Dialed
	c.Connected += o.Connected
	c.Seconds += o.Seconds
	c.Lost += o.Lost
	c.Retired += o.Retired
	c.Cut += o.Cut
	c.Vacant = o.Vacant
	c.LostImages += o.LostImages
	c.DelayedImages += o.DelayedImages
	for _, h := range []struct {
		of   *Histogram
		more Histogram
	}{{&c.TCP, o.TCP}, {&c.TLS, o.TLS}, {&c.Upgrade, o.Upgrade}, {&c.Connect, o.Connect}, {&c.Reconnect, o.Reconnect}} {
		sum, err := h.of.Plus(h.more)
		if err != nil {
			return fmt.Errorf("add up connections: %w", err)
		}
		*h.of = sum
	}
	return nil
}

// merged returns the connections of two runs together: Vacant is that of the
// run that had more, whichever came first.
func (c *Connections) merged(o *Connections) (*Connections, error) {
	switch {
	case c == nil:
		return o, nil
	case o == nil:
		return c, nil
	}
	both := *c
	err := both.Add(*o)
	both.Vacant = max(c.Vacant, o.Vacant)
	return &both, err
}

// check returns what can't be of that many clients' connections.
func (c *Connections) check(clients int) error {
	if c == nil {
		return nil
	}
	switch {
	case c.Connected > c.Dialed:
		return fmt.Errorf("connected is %d of %d dialed", c.Connected, c.Dialed)
	case c.Vacant > uint64(clients):
		return fmt.Errorf("vacant is %d of %d clients", c.Vacant, clients)
	}
	connect, err := c.Connect.Count()
	if err != nil {
		return within("connect", err)
	}
	for _, phase := range []struct {
		name string
		of   Histogram
		may  bool // be empty
	}{{"tcp", c.TCP, false}, {"tls", c.TLS, true}, {"upgrade", c.Upgrade, false}} {
		n, err := phase.of.Count()
		switch {
		case err != nil:
			return within(phase.name, err)
		case n != connect && (n != 0 || !phase.may):
			return fmt.Errorf("%s counts %d and connect %d, want as many", phase.name, n, connect)
		}
	}
	switch again, err := c.Reconnect.Count(); {
	case err != nil:
		return within("reconnect", err)
	case connect > int64(c.Dialed):
		return fmt.Errorf("connect counts %d of %d dialed", connect, c.Dialed)
	case again > int64(c.Dialed):
		return fmt.Errorf("reconnect counts %d of %d dialed", again, c.Dialed)
	}
	return nil
}
