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
// not. It ends with the window in any case: behind that nothing is due. A series tells of no instant within a step, so both ends are told to about
// a second: an outage may have begun in the step before, behind its last image,
// and ended in the one after.
type Gap struct {
	AtSeconds float64 `json:"at_seconds"` // its beginning, from the start of the load
	Seconds   float64 `json:"seconds"`
	Clients   *uint64 `json:"clients"` // that had a connection before it; nil: not known
	Fewest    *uint64 `json:"fewest"`  // in it; nil: not known
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
		gaps = append(gaps, newOutage(b.Series, end, m.Load == record.Open, s.ThinkSeconds).gaps()...)
	}
	return gaps
}

// outage looks for gaps in one series.
type outage struct {
	points []record.Point
	within int // how many of them are not behind the window
	open   bool
	think  float64 // seconds
	rate   float64 // images a second, on average
}

// newOutage looks into the points before end, in seconds of the load.
func newOutage(points []record.Point, end float64, open bool, think float64) outage {
	o := outage{points: points, within: len(points), open: open, think: think}
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
		if from, to, ok := o.judge(first, i+1, most); ok {
			gaps = append(gaps, o.gap(from, to))
		}
		for _, p := range o.points[first : i+1] {
			most = max(most, connected(p))
		}
	}
	return gaps
}

// judge returns what of the points from one to another, in which nothing was
// verified, is a gap, and false when it is none.
func (o outage) judge(from, to int, most uint64) (int, int, bool) {
	due, seconds := o.due(from, to)
	if due >= gapImages && seconds >= gapSeconds+o.think {
		return from, to, true
	}
	missing := func(i int) bool { return o.points[i].Connected != nil && *o.points[i].Connected < (most+1)/2 }
	for from < to && !missing(from) {
		from++
	}
	for to > from && !missing(to-1) {
		to--
	}
	due, seconds = o.due(from, to)
	return from, to, due > 0 && seconds >= gapSeconds
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

// gap describes the points from one to another.
func (o outage) gap(from, to int) Gap {
	begin := o.points[from].AtSeconds - o.points[from].Seconds
	end := o.points[to-1].AtSeconds
	g := Gap{AtSeconds: significant(begin), Seconds: significant(end - begin)}
	for _, p := range o.points[max(from-1, 0):to] {
		for _, n := range p.Errors {
			g.Failures += n
		}
	}
	if !o.known(from, to) {
		return g
	}
	// Whoever was lost in the second before was still there at its beginning.
	before := connected(o.points[from-1])
	if from > 1 {
		before = max(before, connected(o.points[from-2]))
	}
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
// connection ended in the whole load, which the ends of seconds can't tell.
func (g Gap) conclude(kept bool) string {
	when := fmt.Sprintf("a gap of about %s that began at about %s", seconds(g.Seconds), seconds(g.AtSeconds))
	switch {
	case g.Clients != nil && !g.lost() && kept:
		return fmt.Sprintf("There was %s, and every client kept its connection.", when)
	case !g.lost():
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

// concludeGaps says what gaps there were, the longest in full, and what became
// of connections where that does not.
func (c Cell) concludeGaps() string {
	if len(c.Gaps) == 0 {
		return c.Connections.conclude(c.Clients)
	}
	longest := slices.MaxFunc(c.Gaps, func(a, b Gap) int { return cmp.Compare(a.Seconds, b.Seconds) })
	text := longest.conclude(c.Connections != nil && c.Connections.Lost+c.Connections.Cut == 0)
	if n := len(c.Gaps) - 1; n > 0 {
		text += fmt.Sprintf(" There %s more, shorter.", were(uint64(n), "gap"))
	}
	if longest.lost() {
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
