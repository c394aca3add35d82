package reports

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/wsimg/wsimg/loadgen/record"
)

// Gap is a stretch of a load over time in which nothing went: consecutive
// points without a verified image, after there had been one, a step of a second
// or more, in which
//
//   - less than half of the clients that there had been had a connection at
//     the end of a point, and something was due, or
//   - so much was due that none of it being verified can't be chance: 20
//     images or more. Of a closed load, that is how many there would have been
//     at its mean rate; it may also think that long.
//
// So the empty seconds of a low rate are no gap, however many there are, nor a
// client here and there that reconnects. Where only the former holds, a gap
// ends when half of the clients are back, whether something was due by then or
// not. It ends with the window in any case: behind that nothing is due.
//
// A series tells of no instant within a step, so a gap lasted from Seconds to
// MostSeconds: the steps without an image are what it lasted at least, and it may
// have begun in the one before, behind the first image there, and ended in the
// one after. It is what the clients saw, their back-off included.
type Gap struct {
	AtSeconds   float64  `json:"at_seconds"`   // where its first whole step begins, from the start of the load
	Seconds     float64  `json:"seconds"`      // at least
	MostSeconds *float64 `json:"most_seconds"` // nil: it lasted to the end of the window, and who knows for how long
	Clients     *uint64  `json:"clients"`      // that had a connection before it; nil: not known
	Fewest      *uint64  `json:"fewest"`       // in it; nil: not known
	// BackSeconds is from the end of the gap until as many clients had a
	// connection as before it; nil: they never had, or it is not known.
	BackSeconds *float64 `json:"back_seconds"`
	Failures    uint64   `json:"failures"` // found in it, and in the point before it
}

const (
	// gapSeconds is the shortest gap: a step of a second, which a clock that
	// rings late has cut short at its beginning.
	gapSeconds = 0.9
	gapImages  = 20 // e^−20: Poisson arrivals leave out as many once in 10^8 times
)

// gaps returns those of a load, in their order.
func (m *measurement) gaps(s record.Settings) []Gap {
	var gaps []Gap
	for b := range m.estimates {
		end := s.RampSeconds + s.Seconds
		if s.Seconds == 0 {
			end = math.Inf(1)
		}
		gaps = append(gaps, newOutage(b.Series, m.Clients, end, m.Load == record.Open, s.ThinkSeconds).gaps()...)
	}
	return gaps
}

// outage looks for gaps in one series.
type outage struct {
	points  []record.Point
	clients uint64
	within  int // how many points are not behind the window
	open    bool
	think   float64 // seconds
	rate    float64 // images a second, on average
}

// newOutage looks into the points before end, in seconds of the load.
func newOutage(points []record.Point, clients int, end float64, open bool, think float64) outage {
	o := outage{points: points, clients: uint64(max(clients, 0)), within: len(points), open: open, think: think}
	if first := slices.IndexFunc(points, func(p record.Point) bool { return p.AtSeconds-p.Seconds/2 > end }); first >= 0 {
		o.within = first
	}
	var images, seconds float64
	for _, p := range points[:o.within] {
		images, seconds = images+float64(p.Images), seconds+p.Seconds
	}
	o.rate = images / max(seconds, 1e-9)
	return o
}

func (o outage) gaps() []Gap {
	var gaps []Gap
	var most uint64 // clients with a connection so far
	verified := false
	for i := 0; i < o.within; i++ {
		if p := o.points[i]; p.Images > 0 || !verified {
			verified = verified || p.Images > 0
			most = max(most, connected(p))
			continue
		}
		first := i
		for i+1 < o.within && o.points[i+1].Images == 0 {
			i++
		}
		if v := o.judge(first, i+1, most); v.gap {
			gaps = append(gaps, o.gap(v))
		}
		for _, p := range o.points[first : i+1] {
			most = max(most, connected(p))
		}
	}
	return gaps
}

// finding is what of some points, in which nothing was verified, is a gap.
type finding struct {
	from, to int
	gap      bool
	away     bool // it goes by connections at the ends of points, and not by images
}

// judge looks at the points from one to another, in which nothing was verified.
func (o outage) judge(from, to int, most uint64) finding {
	due, seconds := o.due(from, to)
	if due >= gapImages && seconds >= gapSeconds+o.think {
		return finding{from, to, true, false}
	}
	missing := func(i int) bool { return o.points[i].Connected != nil && *o.points[i].Connected < (most+1)/2 }
	for from < to && !missing(from) {
		from++
	}
	for to > from && !missing(to-1) {
		to--
	}
	due, seconds = o.due(from, to)
	return finding{from, to, due > 0 && seconds >= gapSeconds, true}
}

// span returns how long a gap lasted at least and at most. Connections that are
// missing at the end of a step went in it; images that none follows may have
// been verified at the beginning of the step before.
func (o outage) span(f finding) (least float64, most *float64) {
	first, last := o.points[f.from], o.points[f.to-1]
	lost := first.AtSeconds - first.Seconds
	least = last.AtSeconds - lost
	if f.away {
		least = last.AtSeconds - first.AtSeconds
	} else if f.from > 0 {
		lost -= o.points[f.from-1].Seconds
	}
	if f.to < o.within {
		most = number(o.points[f.to].AtSeconds - lost)
	}
	return significant(least), most
}

// due returns how many images were due in these points, or would have been, and
// how long they are.
func (o outage) due(from, to int) (images, seconds float64) {
	for _, p := range o.points[from:to] {
		seconds += p.Seconds
	}
	if o.open {
		return float64(o.scheduled(from, to)), seconds
	}
	return o.rate * seconds, seconds
}

func (o outage) scheduled(from, to int) (n uint64) {
	for _, p := range o.points[from:to] {
		n += p.Scheduled
	}
	return n
}

// gap describes what was found.
func (o outage) gap(f finding) Gap {
	from, to := f.from, f.to
	end := o.points[to-1].AtSeconds
	g := Gap{AtSeconds: significant(o.points[from].AtSeconds - o.points[from].Seconds)}
	g.Seconds, g.MostSeconds = o.span(f)
	for _, p := range o.points[max(from-1, 0):to] {
		for _, n := range p.Errors {
			g.Failures += n
		}
	}
	if !o.known(from, to) {
		return g
	}
	before := o.before(from)
	fewest := before
	for _, p := range o.points[from:to] {
		fewest = min(fewest, connected(p))
	}
	g.Clients, g.Fewest = &before, &fewest
	for i := to - 1; i < len(o.points); i++ {
		if p := o.points[i]; p.Connected != nil && *p.Connected >= before {
			g.BackSeconds = number(max(p.AtSeconds-end, 0))
			break
		}
	}
	return g
}

// before returns how many clients had a connection before the gap that begins
// with a point. Whoever was lost in the one before it was still there at its
// beginning. In a ramp there may have been more of them before they were lost
// than at the end of any point: those lost in one, and those left of them.
func (o outage) before(from int) uint64 {
	before := connected(o.points[from-1])
	if from > 1 {
		before = max(before, connected(o.points[from-2]))
	}
	for i := max(from-1, 1); i <= from; i++ {
		if p := o.points[i]; connected(p) < connected(o.points[i-1]) {
			before = max(before, min(connected(p)+p.Lost, o.clients))
		}
	}
	return before
}

// known reports whether it is of all these points, and the one before them, how
// many clients had a connection.
func (o outage) known(from, to int) bool {
	for _, p := range o.points[max(from-1, 0):to] {
		if p.Connected == nil {
			return false
		}
	}
	return from > 0
}

// connected returns how many clients had a connection at the end of p, as far
// as it is known.
func connected(p record.Point) uint64 {
	if p.Connected == nil {
		return 0
	}
	return *p.Connected
}

// lost reports whether it is known that clients were without a connection in
// the gap.
func (g Gap) lost() bool { return g.Clients != nil && *g.Fewest < *g.Clients }

// conclude says when a gap was and who came back from it; kept says that no
// connection ended in the whole load, which the ends of seconds can't tell, and
// stay that nobody was to come back.
func (g Gap) conclude(kept, stay bool) string {
	when := fmt.Sprintf("a gap of %s that began at about %s", span(g.Seconds, g.MostSeconds), seconds(g.AtSeconds))
	switch {
	case g.Clients != nil && !g.lost() && kept:
		return fmt.Sprintf("There was %s, and every client kept its connection.", when)
	case !g.lost(), stay:
		return "There was " + when + "."
	case g.BackSeconds == nil:
		return fmt.Sprintf("Not all of %s came back after %s.", count(*g.Clients, "client"), when)
	case *g.BackSeconds == 0:
		return fmt.Sprintf("All %s were back at the end of %s.", count(*g.Clients, "client"), when)
	}
	return fmt.Sprintf("All %s were back %s after %s.", count(*g.Clients, "client"), seconds(*g.BackSeconds), when)
}

// seconds writes a time no finer than it is known: "4 s", "0.5 s".
func seconds(s float64) string {
	return strings.TrimSuffix(FormatFixed(s, 1), ".0") + " s"
}

// span writes a time that lies between two: "4 to 6 s", "up to 2 s", "5 s or
// more" where most is nil.
func span(least float64, most *float64) string {
	from := seconds(least)
	switch {
	case most == nil:
		return from + " or more"
	case least == 0:
		return "up to " + seconds(*most)
	case from == seconds(*most):
		return from
	}
	return strings.TrimSuffix(from, " s") + " to " + seconds(*most)
}

// concludeGaps says what gaps there were, the longest in full, and what became
// of connections where that does not; stay says that nobody was to come back.
func (c Cell) concludeGaps(stay bool) string {
	if len(c.Gaps) == 0 {
		return c.Connections.conclude(c.Clients)
	}
	longest := slices.MaxFunc(c.Gaps, func(a, b Gap) int { return cmp.Compare(a.Seconds, b.Seconds) })
	text := longest.conclude(c.Connections != nil && c.Connections.Lost+c.Connections.Cut == 0, stay)
	if n := len(c.Gaps) - 1; n > 0 {
		text += fmt.Sprintf(" There %s more, shorter.", were(uint64(n), "gap"))
	}
	if longest.lost() && !stay {
		return text
	}
	return strings.TrimSpace(text + " " + c.Connections.conclude(c.Clients))
}

func were(n uint64, noun string) string {
	if n == 1 {
		return "was 1 " + noun
	}
	return "were " + count(n, noun)
}
