package loadgen

import (
	"errors"
	"fmt"
	"time"

	"github.com/wsimg/wsimg/loadgen/churn"
	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/schedule"
)

// Load says when images are due. The zero value is a closed loop, back to
// back.
type Load struct {
	// Plan makes it an open loop: images are due by plan, whatever the server
	// does.
	Plan schedule.Plan
	// Arrivals is schedule.Poisson or Constant; empty: Poisson. Those of one
	// Seed are the same whatever is sent.
	Arrivals string
	Seed     uint64

	// Think is the time from a verified reply to the next image of a client,
	// in a closed loop.
	Think time.Duration
}

// Open reports whether images are due by plan.
func (l Load) Open() bool { return len(l.Plan) > 0 }

// Block says what a fleet is to do next: the traffic of one cell under one
// load.
type Block struct {
	Traffic *Traffic
	Load    Load
	// Length is that of the window; in an open loop the plan has its own.
	Length time.Duration
	// RampIn is how much of an open loop's beginning is left out of the window.
	RampIn time.Duration
	// Redial has clients that fail in the middle come back; in an open loop
	// they always do, and what was due meanwhile waits for them.
	Redial bool
	// Active is how many clients send, those with the lowest numbers; 0: all that
	// are connected. The others answer pings, and come back like anybody else.
	Active int
	// Ramp has the clients that are not connected yet come evenly over so long
	// before the window opens, the active ones evenly among the others. Each begins
	// to send when it has come; in an open loop the rate grows with the active, and
	// the plan begins when the ramp ends.
	Ramp time.Duration
	// Lifetime ends connections, once all they owe was answered; the client
	// opens another. Ages are spread at the start, so that not all end at once.
	Lifetime churn.Lifetime
	// Cuts are the instants, from the opening of the window, at which all
	// connections are ended at once without a word, as when a server dies.
	Cuts []time.Duration
	// Watch is given a Point each Every, to complete it; the sample keeps them.
	// It is called by one goroutine. May be nil.
	Watch func(*record.Point)
	Every time.Duration
	// Enough is asked of each point of the window that Watch has completed; true
	// closes the window at that instant as if the plan, or Length, ended there: what
	// was due before is still sent and answered, and nothing is due later. Where
	// the window has not opened yet, nothing was measured. May be nil.
	Enough func(*record.Point) bool
}

// Validate reports everything that is wrong with b in one error.
func (b Block) Validate() error {
	var faults []error
	if b.Traffic == nil {
		faults = append(faults, errors.New("no traffic"))
	}
	if b.Load.Open() {
		faults = append(faults, b.Load.Plan.Validate())
		if b.Load.Arrivals != "" {
			faults = append(faults, schedule.ParseArrivals(b.Load.Arrivals))
		}
		if b.Load.Think != 0 {
			faults = append(faults, errors.New("think time belongs to a closed loop: in an open one the plan says when images are due"))
		}
		if b.RampIn < 0 || b.RampIn >= b.Load.Plan.Length() {
			faults = append(faults, fmt.Errorf("ramp-in of %v in a plan of %v: leave something to measure", b.RampIn, b.Load.Plan.Length()))
		}
	} else if b.Length <= 0 {
		faults = append(faults, fmt.Errorf("length %v: ask for a positive duration", b.Length))
	}
	if b.Load.Think < 0 {
		faults = append(faults, fmt.Errorf("think time %v: ask for a positive duration", b.Load.Think))
	}
	if b.Active < 0 {
		faults = append(faults, fmt.Errorf("%d active clients: ask for at least 1, or for 0, which is all", b.Active))
	}
	if b.Ramp < 0 {
		faults = append(faults, fmt.Errorf("ramp of %v: ask for a positive duration", b.Ramp))
	}
	if b.Lifetime.Images < 0 || b.Lifetime.Time < 0 {
		faults = append(faults, fmt.Errorf("lifetime of %d images or %v: ask for positive ones", b.Lifetime.Images, b.Lifetime.Time))
	}
	for _, at := range b.Cuts {
		if at < 0 || at >= b.window() {
			faults = append(faults, fmt.Errorf("cut at %v of a block of %v: it must lie within", at, b.window()))
		}
	}
	if b.Watch != nil && b.Every <= 0 {
		faults = append(faults, fmt.Errorf("points every %v: ask for a positive duration", b.Every))
	}
	if b.Enough != nil && b.Watch == nil {
		faults = append(faults, errors.New("there are no points to ask Enough of: set Watch, too"))
	}
	return errors.Join(faults...)
}

// active is how many of so many clients send.
func (b Block) active(clients int) int {
	if b.Active == 0 {
		return clients
	}
	return min(b.Active, clients)
}

// accounted reports whether it is told what became of connections.
func (b Block) accounted() bool {
	return b.Watch != nil || b.Ramp > 0 || b.Lifetime.Limited() || len(b.Cuts) > 0
}

// window is how long the block is measured.
func (b Block) window() time.Duration {
	if b.Load.Open() {
		return b.Load.Plan.Length() - b.RampIn
	}
	return b.Length
}
