package objective

import (
	"math"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/stats"
)

const (
	// tolerated is how much of a load may be left undone, in seconds of its rate,
	// where no objective allows more: a pipe is never empty.
	tolerated = 0.1
	// hopeless is how much there is when a probe is ended early, and risings how
	// many points in a row it has then grown. A stall of 300 ms leaves 0.3 s of the
	// rate, and is being worked off behind it.
	hopeless = 0.5
	risings  = 4
	// horizon is the time, in seconds, in which a load must not leave undone more than
	// is allowed, though a probe be shorter: one of 4 s at 103 % of the capacity ends
	// with 120 ms undone, and would meet 150 ms for want of time. Simulated, probes of
	// 2 s of a server that can do 800/s and no more failed as often as not at 848/s by
	// response time alone, and at some 830/s with this.
	horizon = 10
	// plenty is how many images it takes before excursions of a random queue, that a
	// server catches up with, are small beside its load.
	plenty = 1000
	// chance is how many standard deviations of what Poisson arrivals may bring by
	// themselves, √n of n, are no sign of anything.
	chance = 4
)

// Backlog tells from the points of an open load, as they come, whether what is
// left undone grows without end. It is certain of it when that has grown for four
// points in a row, is worth more than half a second of the load and more than
// twice what the objectives allow, and is beyond chance. A service that takes more
// than half a second for each image has that under way at any load: an objective
// must allow it, or it is taken for overloaded. The zero value is ready, and
// allows nothing.
type Backlog struct {
	allowed float64 // seconds of the load

	scheduled float64 // until now
	seconds   float64
	undone    float64
	rising    int // points in a row
}

// NewBacklog returns one for objectives: a service that may take 2 s to answer
// may have 2 s of its load under way.
func NewBacklog(objectives []Objective) *Backlog { return &Backlog{allowed: allowed(objectives)} }

// Add takes the next point and reports whether the load is certainly too much.
func (b *Backlog) Add(p record.Point) (growing bool) {
	more := left(&p)
	b.scheduled += float64(p.Scheduled)
	b.seconds += p.Seconds
	b.undone += more
	if b.rising++; more <= 0 {
		b.rising = 0
	}
	return b.rising >= risings &&
		b.undone*b.seconds > max(hopeless, 2*b.allowed)*b.scheduled &&
		b.undone > chance*math.Sqrt(b.scheduled)
}

// left is how much more of what was due was left undone in a point. What failed
// is done with; an attempt to connect that did is taken for an image, for a point
// can't tell, and so rather too little is.
func left(p *record.Point) float64 {
	more := float64(p.Scheduled) - float64(p.Images)
	for _, n := range p.Errors {
		more -= float64(n)
	}
	return more
}

// allowed is how long images may take by the objectives, in seconds; by Little's
// law so many seconds of the load may be under way.
func allowed(objectives []Objective) float64 {
	most := 0.0
	for _, o := range objectives {
		if m, _ := find(o.Metric); m.of == response && m.timed() || m.of == wait {
			most = max(most, o.Limit)
		}
	}
	return most
}

// backlogged reports whether more and more was left undone: it grew from
// sub-window to sub-window, by more than those differ among themselves or, of
// plenty of images, by half of that, which chance brings about one time in five:
// a search weighs many verdicts; there was
// more of it at the end than is allowed, or would be within the horizon; and it
// grew in the second half of the window too, by a third of the whole at least, or
// it might be a pipe that was filled, or one stall. So it is where Backlog is
// certain when the window ends.
func (w span) backlogged(objectives []Objective) bool {
	b := NewBacklog(objectives)
	for _, p := range w.before {
		b.Add(p)
	}
	certain := false
	opened, middle := b.undone, b.undone
	growth := make([]stats.Total, 0, len(w.points))
	for i, p := range w.points {
		certain = b.Add(p)
		growth = append(growth, stats.Total{Amount: left(&p), Over: p.Seconds})
		if i+1 == len(w.points)/2 {
			middle = b.undone
		}
	}
	if certain {
		return true
	}
	mean, bounds, ok := stats.BatchMeans(growth)
	likely := bounds.Low
	if b.scheduled >= plenty {
		likely = (mean + bounds.Low) / 2
	}
	soon := max(b.undone, likely*horizon)
	return ok && likely > 0 &&
		soon*b.seconds > max(tolerated, b.allowed)*b.scheduled &&
		b.undone-middle > (b.undone-opened)/3
}
