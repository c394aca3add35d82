package schedule

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/wsimg/wsimg/loadgen/record"
)

// How arrivals are spread.
const (
	// Poisson arrivals come as those of many independent users do: the gaps
	// are exponential, and bursts happen.
	Poisson = record.Poisson
	// Constant arrivals are evenly spread.
	Constant = record.Constant
)

// ParseArrivals checks the name of a way to spread arrivals.
func ParseArrivals(name string) error {
	if name != Poisson && name != Constant {
		return fmt.Errorf("unknown arrivals %q: use %s or %s", name, Poisson, Constant)
	}
	return nil
}

// Arrivals is when the images of one client are due. They belong to it
// beforehand and never move to another that happens to be idle: a slow
// server shows as waiting. Not safe for concurrent use.
type Arrivals struct {
	plan    Plan
	clients float64
	at      float64   // in numbers of all clients' images
	source  *rand.PCG // nil: constant
	random  *rand.Rand
}

// NewArrivals returns the arrivals of one client, from 0, of that many. All
// clients' together have the plan's rate. Constant: image k of all is due at
// Λ⁻¹(k) and belongs to client k mod clients. Poisson: every client has a
// process of its own, whose numbers follow from seed.
func NewArrivals(kind string, plan Plan, client, clients int, seed uint64) *Arrivals {
	a := &Arrivals{plan: plan, clients: float64(clients)}
	if kind == Constant {
		a.at = float64(client)
		return a
	}
	a.source = rand.NewPCG(seed, uint64(client))
	a.random = rand.New(a.source)
	a.at = a.gap()
	return a
}

// gap is how many images of all clients come between two of this one.
func (a *Arrivals) gap() float64 {
	if a.random == nil {
		return a.clients
	}
	return a.clients * a.random.ExpFloat64()
}

// Peek returns when the client's next image is due, from the start of the
// plan. It reports false when there is none.
func (a *Arrivals) Peek() (time.Duration, bool) { return a.plan.Instant(a.at) }

// Next is Peek, and goes on to the image after.
func (a *Arrivals) Next() (time.Duration, bool) {
	due, ok := a.Peek()
	if ok {
		a.at += a.gap()
	}
	return due, ok
}

// Skip goes on to the first image that is due at an instant or after it.
func (a *Arrivals) Skip(to time.Duration) {
	for due, ok := a.Peek(); ok && due < to; due, ok = a.Peek() {
		a.at += a.gap()
	}
}

// Clone returns arrivals that go on from the same place by themselves.
func (a *Arrivals) Clone() *Arrivals {
	c := *a
	if a.source != nil {
		source := *a.source
		c.source = &source
		c.random = rand.New(c.source)
	}
	return &c
}
