package reports

import (
	"fmt"

	"github.com/wsimg/wsimg/loadgen/record"
)

// Connections is what became of a load's connections, as far as it was
// recorded.
type Connections struct {
	Before *Dialing `json:"before"`  // until the first block began; nil: not recorded
	InLoad *Dialing `json:"in_load"` // in the blocks

	Lost    uint64 `json:"lost"`    // failed, or were given up: for a wrong reply, or one that did not come
	Retired uint64 `json:"retired"` // ended by their clients: their lifetime was over
	Cut     uint64 `json:"cut"`     // ended by their clients, all at the same instant
	Vacant  uint64 `json:"vacant"`  // clients without a connection at the end

	// Reconnect is the time from a connection's end until its client could send
	// over another, of those that came back.
	Reconnects uint64  `json:"reconnects"`
	Reconnect  Latency `json:"reconnect_us"`

	LostImages    uint64 `json:"lost_images"`    // in flight on connections that were lost or cut
	DelayedImages uint64 `json:"delayed_images"` // due while their client had no connection
}

// Dialing is attempts to connect and what they took.
type Dialing struct {
	Dialed    uint64   `json:"dialed"`    // attempts
	Connected uint64   `json:"connected"` // that came to be a connection
	Seconds   float64  `json:"seconds"`   // first attempt → last connection; 0 in a load
	PerS      *float64 `json:"per_s"`     // connections a second; nil in a load
	Phases    []Phase  `json:"phases"`    // in their order, then all of them together
}

// The phases of an attempt to connect.
const (
	TCPPhase     = "TCP" // names are resolved in it
	TLSPhase     = "TLS"
	UpgradePhase = "upgrade" // the request that asks for a WebSocket, and its answer
	WholePhase   = "all"
)

// Phase is how long one phase took, of the attempts that came to be a
// connection.
type Phase struct {
	Name    string  `json:"phase"`
	Samples uint64  `json:"samples"`
	Time    Latency `json:"time_us"`
}

// connections returns nil where nothing of them was recorded.
func (m *measurement) connections() (*Connections, error) {
	var load *record.Connections
	for b := range m.estimates {
		if b.Connections == nil {
			continue
		}
		if load == nil {
			load = new(record.Connections)
		}
		if err := load.Add(*b.Connections); err != nil {
			return nil, err
		}
	}
	if m.Connecting == nil && load == nil {
		return nil, nil
	}
	c := new(Connections)
	var err error
	if c.Before, err = dialing(m.Connecting); err != nil {
		return nil, err
	}
	if c.InLoad, err = dialing(load); err != nil {
		return nil, err
	}
	if load == nil {
		c.Vacant = m.Connecting.Vacant
		return c, nil
	}
	c.Lost, c.Retired, c.Cut, c.Vacant = load.Lost, load.Retired, load.Cut, load.Vacant
	c.LostImages, c.DelayedImages = load.LostImages, load.DelayedImages
	c.Reconnects, c.Reconnect, err = samplesOf(load.Reconnect)
	return c, err
}

// dialing returns nil of nothing.
func dialing(c *record.Connections) (*Dialing, error) {
	if c == nil {
		return nil, nil
	}
	d := &Dialing{Dialed: c.Dialed, Connected: c.Connected, Seconds: significant(c.Seconds), Phases: []Phase{}}
	if c.Seconds > 0 {
		d.PerS = number(float64(c.Connected) / c.Seconds)
	}
	for _, phase := range []struct {
		name string
		of   record.Histogram
	}{{TCPPhase, c.TCP}, {TLSPhase, c.TLS}, {UpgradePhase, c.Upgrade}, {WholePhase, c.Connect}} {
		if phase.of.Empty() {
			continue
		}
		n, time, err := samplesOf(phase.of)
		if err != nil {
			return nil, fmt.Errorf("read how long connections took: %w", err)
		}
		d.Phases = append(d.Phases, Phase{phase.name, n, time})
	}
	return d, nil
}

// samplesOf returns how many times were recorded, and what they come to.
func samplesOf(h record.Histogram) (uint64, Latency, error) {
	d, err := distribution(h)
	return uint64(d.Count()), latency(d), err
}

// Eventful reports whether connections came or went in the load.
func (c *Connections) Eventful() bool {
	return c != nil && (c.InLoad != nil && c.InLoad.Dialed > 0 || c.Lost+c.Retired+c.Cut+c.Vacant > 0)
}

// conclude says how clients that lost their connections came back, where no
// gap says so; empty where nothing of the kind happened.
func (c *Connections) conclude(clients int) string {
	if c == nil || c.Lost+c.Cut == 0 {
		return ""
	}
	ended := ""
	if c.Cut > 0 {
		ended = was(c.Cut, "connection") + " cut"
	}
	if c.Lost > 0 {
		if ended != "" {
			ended += " and "
		}
		ended += was(c.Lost, "connection") + " lost or given up"
	}
	switch {
	case c.Vacant > 0:
		return fmt.Sprintf("%s, and %s of %s had none at the end.", ended, FormatCount(c.Vacant), count(uint64(clients), "client"))
	case c.Reconnect.Max == nil:
		return ended + "."
	}
	return fmt.Sprintf("%s; every client could send again within %s.", ended, FormatSpan(*c.Reconnect.Max))
}

// concludeImages says what images had to do with connections that ended.
func (c *Connections) concludeImages() string {
	if c == nil || c.LostImages+c.DelayedImages == 0 {
		return ""
	}
	lost := was(c.LostImages, "image") + " in flight and lost"
	if c.LostImages == 0 {
		lost = "No image was lost"
	}
	if c.DelayedImages == 0 {
		return lost + "."
	}
	return fmt.Sprintf("%s, %s waited for a connection.", lost, FormatCount(c.DelayedImages))
}
