package loadgen

import (
	"math"
	"time"

	"github.com/wsimg/wsimg/loadgen/schedule"
)

// never is the instant of what is not due.
const never = math.MaxInt64

// agenda tells a client when its next image is due. It belongs to the client's
// number and survives its connection. Guarded by the client that has it.
type agenda interface {
	// due is the instant of the next image; never when none is known.
	due() int64
	// sent takes the next image off.
	sent()
	// answered tells that an image was.
	answered(now int64)
	// begin tells that a client begins to work on the agenda; the first counts.
	begin(now int64)
}

var (
	_ agenda = (*backToBack)(nil)
	_ agenda = (*planned)(nil)
	_ agenda = idle{}
)

// backToBack is a closed loop: an image is due a think time after another was
// answered.
type backToBack struct {
	think int64
	dues  []int64 // a ring as large as the images a client may owe
	first int
	known int
	begun bool
}

func newBackToBack(think time.Duration, inFlight int) *backToBack {
	return &backToBack{think: int64(think), dues: make([]int64, inFlight)}
}

func (a *backToBack) due() int64 {
	if a.known == 0 {
		return never
	}
	return a.dues[a.first]
}

func (a *backToBack) sent() {
	if a.first++; a.first == len(a.dues) {
		a.first = 0
	}
	a.known--
}

func (a *backToBack) answered(now int64) {
	at := a.first + a.known
	if at >= len(a.dues) {
		at -= len(a.dues)
	}
	a.dues[at] = now + a.think
	a.known++
}

func (a *backToBack) begin(now int64) {
	if a.begun {
		return
	}
	a.begun, a.first, a.known = true, 0, len(a.dues)
	for i := range a.dues {
		a.dues[i] = now
	}
}

// planned is an open loop: an image is due when the plan says.
type planned struct {
	start    int64 // of the plan
	arrivals *schedule.Arrivals
	next     int64
}

func newPlanned(start int64, arrivals *schedule.Arrivals) *planned {
	a := &planned{start: start, arrivals: arrivals}
	a.sent()
	return a
}

func (a *planned) due() int64 { return a.next }

func (a *planned) sent() {
	a.next = never
	if due, ok := a.arrivals.Next(); ok {
		a.next = a.start + int64(due)
	}
}

func (a *planned) answered(int64) {}
func (a *planned) begin(int64)    {}

// idle is the agenda of a client that sends nothing.
type idle struct{}

func (idle) due() int64     { return never }
func (idle) sent()          {}
func (idle) answered(int64) {}
func (idle) begin(int64)    {}
