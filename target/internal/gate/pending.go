package gate

import (
	"container/list"
	"net"
	"net/netip"
	"sync"
	"time"
)

// pending is the connections that are no sessions yet, in the order they came. It
// is safe for concurrent use.
type pending struct {
	share int // of one address

	mu      sync.Mutex
	known   map[net.Conn]*list.Element
	order   list.List // of *newcomer, the oldest in front
	sources map[netip.Addr]int
}

// patience is how long a connection that has sent no request may keep its place
// while others wait for one. Who is honest needs milliseconds; but 512 handshakes
// with TLS at once take one slow core a second, and a packet that was lost is sent
// again after 0.2, 0.6 and 1.4 seconds (Linux; RFC 6298 doubles the time).
const patience = 2 * time.Second

// localPatience is the same for loopback, whose clients share the cores with us:
// of 15,000 that come at the same instant some find no time to send their request
// for seconds.
const localPatience = 10 * time.Second

// newcomer is one of them.
type newcomer struct {
	conn  net.Conn // the innermost
	from  netip.Addr
	since time.Time
	local bool // it comes from loopback
	busy  bool // its request is in progress
}

// patience is how long it may stay silent.
func (n *newcomer) patience() time.Duration {
	if n.local {
		return localPatience
	}
	return patience
}

// newPending returns none, of which one address may have share.
func newPending(share int) *pending {
	return &pending{share: share, known: map[net.Conn]*list.Element{}, sources: map[netip.Addr]int{}}
}

// count counts a connection for its address, and reports whether that may have it.
func (p *pending) count(conn net.Conn) (from netip.Addr, ok bool) {
	from, exempt := sourceOf(remote(conn.RemoteAddr().String()))
	if exempt {
		return from, true
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.sources[from] >= p.share {
		return from, false
	}
	p.sources[from]++
	return from, true
}

// discount takes back what count counted.
func (p *pending) discount(from netip.Addr) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.forget(from)
}

// add adds a connection that was counted.
func (p *pending) add(conn net.Conn, from netip.Addr, now time.Time) {
	conn = innermost(conn)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.known[conn] = p.order.PushBack(&newcomer{conn: conn, from: from, local: from.IsLoopback(), since: now})
}

// remove removes a connection, and reports whether it was there.
func (p *pending) remove(conn net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	e, ok := p.known[innermost(conn)]
	if ok {
		p.drop(e)
	}
	return ok
}

// setBusy notes whether the request of a connection is in progress.
func (p *pending) setBusy(conn net.Conn, busy bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if e, ok := p.known[innermost(conn)]; ok {
		e.Value.(*newcomer).busy = busy
	}
}

// removeSilent removes the connection whose patience has been over for longest and
// that is not busy, and returns it. If there is none it returns nil, and how long it
// will be until there is; patience if all are busy.
func (p *pending) removeSilent(now time.Time) (net.Conn, time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var first *list.Element
	wait := patience
	for e := p.order.Front(); e != nil; e = e.Next() {
		n := e.Value.(*newcomer)
		left := n.patience() - now.Sub(n.since)
		if !n.busy && (first == nil || left < wait) {
			first, wait = e, left
		}
	}
	if first == nil || wait > 0 {
		return nil, wait
	}
	p.drop(first)
	return first.Value.(*newcomer).conn, 0
}

// drop removes a connection; mu is held.
func (p *pending) drop(e *list.Element) {
	n := p.order.Remove(e).(*newcomer)
	delete(p.known, n.conn)
	p.forget(n.from)
}

// forget counts one connection less for an address, if any was; mu is held.
func (p *pending) forget(from netip.Addr) {
	if p.sources[from]--; p.sources[from] <= 0 {
		delete(p.sources, from)
	}
}
