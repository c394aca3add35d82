package connect

import "time"

// The bounds of an adaptive limit.
const (
	firstLimit = 32    // attempts at the same time, to begin with
	mostLimit  = 1_024 // and at most
	// fewLimit is how few attempts slowness alone leaves: what is that little
	// makes no queue worth shortening, and keeps a bad estimate of the fastest
	// from stopping everything.
	fewLimit = 16
	// slack is how many times as long as the fastest attempt another may take.
	// One that takes longer was waiting for others most of the time.
	slack = 4
	// growth is how many successes buy one more attempt before there was trouble:
	// a fourth more with every round trip. A server that lets in so many a second
	// shows nothing until it refuses, and then refuses all that are under way.
	growth = 4

	firstRest = 10 * time.Millisecond // after a refusal that does not say how long
	mostRest  = time.Second           // after many in a row
	// catchUp is how late an attempt of a given rate may be for the next ones to
	// make up for it. Timers alone are a millisecond late, four attempts at
	// 4,000 a second.
	catchUp = 50 * time.Millisecond
	// mostPatience bounds what a server may ask for: it is asked again sooner,
	// by few, than a run is given up.
	mostPatience = 5 * time.Second
)

// limit is how many attempts may be under way at the same time. It is a rule
// and nothing else: it has no clock and waits for nobody.
//
//	success, as fast as usual   one more for every fourth; past the last trouble
//	                            for as many as are allowed
//	success, slow               one less, as far as fewLimit
//	refusal                     half of them, and a rest for everybody
//	refusal until later         few of them, and a rest until then
//
// What is slow is measured by the fastest attempt, as TCP Vegas does (L. Brakmo
// and L. Peterson, "TCP Vegas: End to End Congestion Avoidance on a Global
// Internet", 1995): when half of the attempts take more than slack times as
// long, the rest of that time was spent in a queue, and more of them would only
// make it longer. What follows a refusal is that of TCP Reno (RFC 5681): fast
// growth to half of what was too much, then slow.
//
// Refusals of attempts that had begun before the limit was cut say nothing new.
// While nothing succeeds, cuts and rests go on, but growth afterwards is fast
// to half of where it all began: a server that was gone has not become smaller.
// One that says when to come again is there, and has had enough.
type limit struct {
	allowed   int           // attempts at the same time
	running   int           // attempts under way
	threshold int           // where fast growth ends
	credit    int           // successes towards one more
	fastest   time.Duration // attempt so far; 0: none
	epoch     int           // cuts so far
	hopeless  bool          // nothing has succeeded since the last one
	rest      time.Duration // after the next refusal
	until     time.Time     // everybody rests

	// What is allowed may be fixed, and a rate may be given.
	blind bool          // attempts end by leave and forgo alone: the limit does not adapt
	gap   time.Duration // between attempts; 0: none
	next  time.Time     // the earliest of the next one
}

func newLimit() limit { return limit{allowed: firstLimit, threshold: mostLimit, rest: firstRest} }

// fixedLimit allows MaxAttempts, of which one begins every gap.
func fixedLimit(perSecond float64) limit {
	gap := min(float64(time.Second)/perSecond, float64(24*time.Hour))
	return limit{allowed: MaxAttempts, blind: true, gap: max(1, time.Duration(gap))}
}

// begin starts an attempt, and returns the epoch to end it with. When it must
// not begin yet, wait is how long nobody may; 0: until another one ends.
func (l *limit) begin(now time.Time) (epoch int, wait time.Duration, ok bool) {
	if wait = max(l.until.Sub(now), l.next.Sub(now)); wait > 0 {
		return 0, wait, false
	}
	if l.running >= l.allowed {
		return 0, 0, false
	}
	if l.gap > 0 {
		if now.Sub(l.next) > catchUp {
			l.next = now
		}
		l.next = l.next.Add(l.gap)
	}
	l.running++
	return l.epoch, 0, true
}

// leave ends an attempt that says nothing about the server's capacity.
func (l *limit) leave() { l.running-- }

// forgo takes back an attempt that was not made: another one has its turn.
func (l *limit) forgo() {
	l.running--
	l.next = l.next.Add(-l.gap)
}

// succeed ends an attempt of that epoch that came to be a connection.
func (l *limit) succeed(epoch int, took time.Duration) {
	used := 2*l.running >= l.allowed // what nobody uses need not grow
	l.running--
	if l.fastest == 0 || took < l.fastest {
		l.fastest = took
	}
	if epoch != l.epoch {
		return
	}
	l.hopeless, l.rest = false, firstRest
	switch {
	case l.allowed >= fewLimit && took > slack*l.fastest:
		l.allowed = max(fewLimit, l.allowed-1)
		l.credit = 0
	case !used || l.allowed == mostLimit:
	default:
		price := growth
		if l.allowed >= l.threshold {
			price = max(growth, l.allowed)
		}
		if l.credit++; l.credit >= price {
			l.allowed++
			l.credit = 0
		}
	}
}

// refuse ends an attempt of that epoch that the server did not take. It may
// have said when to come again; 0: it has not.
func (l *limit) refuse(now time.Time, epoch int, retryAfter time.Duration) {
	l.running--
	rest := min(retryAfter, mostPatience)
	if epoch == l.epoch {
		l.epoch++
		l.allowed = max(1, l.allowed/2)
		l.credit = 0
		switch {
		case retryAfter > 0:
			l.allowed = min(l.allowed, fewLimit)
			l.threshold = l.allowed
		case !l.hopeless:
			l.threshold = l.allowed
		}
		l.hopeless = true
		rest = max(rest, l.rest)
		l.rest = min(2*l.rest, mostRest)
	}
	if until := now.Add(rest); until.After(l.until) {
		l.until = until
	}
}
