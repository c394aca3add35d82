package loadgen

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"

	"github.com/wsimg/wsimg/loadgen/churn"
)

// state is what may become of a client. Its transitions:
//
//	ready    send → ready, owing one more; right reply → ready, owing one less
//	ready    the oldest image owed takes too long → overdue
//	ready    wrong reply, or one that is not owed → spoiled
//	overdue  any reply → spoiled, counted late; grace is up → spoiled, unanswered
//	any      connection fails → gone
type state uint8

const (
	ready state = iota
	overdue
	spoiled // to be redialed: what still comes proves nothing
	gone
)

// client is one connection. One goroutine, listen, always reads, between
// blocks too: pings, closes and stray replies come at any time. Sending is a
// task, pump, that one goroutine at a time has: with one image in flight it is
// the listener, which goes on as soon as a reply is verified; after a pause, or
// with several images in flight, it is one of its own, for who reads must not
// be held up by a server that does not.
//
// After the handshake gorilla/websocket never writes here: its control writes
// leave a deadline of one second on the connection, under which an image in
// progress dies half-way.
type client struct {
	id     int
	clock  clock
	ws     *websocket.Conn
	wire   *wire
	intake intake // the wire's
	roster roster // the fleet's, to tell whose a foreign reply is
	ended  chan struct{}

	fleet    *Fleet
	failures *failures // the fleet's
	opened   int64     // instant
	again    bool      // its number had a connection before

	// Writing: held for one frame at a time.
	writing  sync.Mutex
	until    time.Time // write deadline of the block
	writeErr error
	pong     atomic.Pointer[string] // to answer, as soon as nobody writes

	// What is due and owed.
	mu      sync.Mutex
	state   state
	block   *block
	agenda  agenda
	debts   debts
	freeAt  int64 // when the connection last became free, had the generator not been late
	broken  bool  // a write has failed: the listener will find out why
	pumping bool  // somebody is at it
	paced   bool  // the pacer will rouse it
	inBlock bool  // a part of the block
	greeted bool  // has told the window of its first reply
	parted  bool  // no longer counted as connected
	served  served

	// Lifetime.
	lifetime churn.Lifetime // what follows goes by it
	left     int            // images that may still be sent
	expires  int64          // instant
	retiring bool           // it is over: nothing more is sent
	retired  int64          // instant of our close frame; 0: there was none

	last settled // the listener's own
}

// served is an image of some traffic; a client remembers the last one verified.
type served struct {
	traffic *Traffic
	image   int
}

func (s served) len() int { return len(s.traffic.messages[s.image]) }

// roster lists a fleet's clients by number; one that is being redialed is nil.
type roster []atomic.Pointer[client]

// newClient takes over a connection after its handshake and starts to listen.
func newClient(id int, f *Fleet, ws *websocket.Conn, w *wire, in intake) *client {
	c := &client{
		id: id, clock: f.clock, ws: ws, wire: w, intake: in, roster: f.clients,
		fleet: f, failures: &f.failures, opened: f.clock.now(),
		debts: debts{ring: make([]owed, f.settings.InFlight)},
		again: f.met[id], ended: make(chan struct{}),
	}
	f.met[id] = true
	ws.SetPingHandler(c.pinged)
	ws.SetPongHandler(c.ponged)
	ws.SetCloseHandler(c.closed)
	w.take()
	f.present.Add(1)
	f.listening.Go(c.listen)
	return c
}

// enlist makes the client part of b; open has it begin. One that came in the
// block has greeted: its number has been told of. It reports false when its
// connection has failed meanwhile.
func (c *client) enlist(b *block, came bool) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state != ready || c.debts.n > 0 {
		return false
	}
	c.paced = false             // by a pacer that is gone
	c.pumping = c.id < b.active // open will; until then nobody may think that it has nothing to do
	c.block, c.agenda = b, b.agenda(c.id)
	c.inBlock, c.greeted = true, came
	c.age(b, !came || !c.again)
	return true
}

// part takes the client out of the number of those connected; c.mu is held.
func (c *client) part() {
	if !c.parted {
		c.parted = true
		c.fleet.present.Add(-1)
	}
}

// forgo tells the agenda that all the client owes is to be sent no more: in a
// closed loop the next images are due from now on; c.mu is held.
func (c *client) forgo(now int64) {
	for range c.debts.n {
		c.agenda.answered(now)
	}
}

// leave leaves the client's number vacant for the next, and counts the failure
// if e says one; it unlocks c.mu. It takes the oldest image owed, and what else
// was owed is lost with the connection.
func (c *client) leave(e failure) {
	b, in, greeted := c.block, c.inBlock, c.greeted
	c.inBlock, c.greeted = false, true
	now := c.clock.now()
	if since := c.retired; since != 0 {
		c.retired = 0
		c.mu.Unlock()
		b.replace(c.id, since, now)
		return
	}
	if in {
		c.forgo(now)
	}
	owed, failed := c.debts.n, c.state == gone
	inFlight := owed
	if !failed {
		inFlight = max(0, owed-1) // the oldest was answered wrongly
	}
	good := c.served.traffic != nil || now-c.opened >= int64(c.fleet.settings.Backoff.Most)
	if !c.parted {
		c.part()
		c.fleet.book.lost.Add(1)
		c.fleet.book.lostImages.Add(uint64(inFlight))
	}
	c.mu.Unlock()
	if good {
		c.fleet.book.used.Store(now)
	}
	if e.kind != "" || e.err != nil {
		e.n, e.at = 1, now
		c.blame(e, owed > 0)
		if owed > 1 {
			c.blame(failure{kind: Lost, n: uint64(owed - 1), detail: "its connection failed before it was answered", at: now}, true)
		}
	}
	if !in {
		return
	}
	if !greeted {
		b.arrive(c.id, now)
	}
	if good && !failed && b.redial {
		b.replace(c.id, now, now) // the server is there, and we ended it
		return
	}
	b.lose(c.id, now, good)
}

// fail counts a failure and makes the connection one to be redialed.
func (c *client) fail(kind, detail string) {
	c.mu.Lock()
	if c.state == spoiled || c.state == gone {
		c.mu.Unlock()
		return
	}
	c.state = spoiled
	c.leave(failure{kind: kind, detail: detail})
	c.wire.Close() // nobody else may, when the client is to stay without
}

// blame counts a failure of the client on this connection, and whether it took
// images with it.
func (c *client) blame(e failure, images bool) {
	e.client, e.over = c.id, c
	if images {
		c.failures.add(e)
		return
	}
	c.failures.addConnection(e)
}

// ends are the addresses of the connection's ends.
func (c *client) ends() (local, remote string) {
	return address(c.wire.LocalAddr()), address(c.wire.RemoteAddr())
}

// sweep looks after an image that takes too long, which no reply will. It
// returns the instant at which there may be something to do again, at the
// latest one timeout from now: what is sent meanwhile can't be overdue before.
func (c *client) sweep(now int64, timeout int64) (next int64) {
	c.mu.Lock()
	b := c.block
	if b == nil || !c.inBlock || c.debts.n == 0 {
		c.mu.Unlock()
		return now + timeout
	}
	o := *c.debts.oldest()
	switch {
	case c.state == ready && now-o.begin > timeout:
		c.state = overdue
		greeted := c.greeted
		c.greeted = true
		c.mu.Unlock()
		if !greeted {
			b.arrive(c.id, now)
		}
		b.censor(o.due, now)
		return now + int64(grace) + 1
	case c.state == overdue && now-o.begin > timeout+int64(grace):
		c.giveUp(b, now, "image %d was not answered in %v: the timeout, and "+grace.String()+" in which it would have been late", "")
		return now + timeout
	case c.state == overdue:
		timeout += int64(grace)
	}
	c.mu.Unlock()
	return o.begin + timeout + 1 // an answer at that very instant is in time
}

// settle has a client rest that may have to finish its block now that the
// window is over.
func (c *client) settle(b *block) {
	c.mu.Lock()
	if c.block != b || !c.inBlock || c.debts.n > 0 {
		c.mu.Unlock()
		return
	}
	c.rest(b)
}

// giveUp counts all that is owed as never answered and ends the connection; it
// unlocks c.mu. What says so of an image and the time it has waited, and remedy
// what to do; empty: the usual.
func (c *client) giveUp(b *block, now int64, what, remedy string) {
	oldest, known := *c.debts.oldest(), c.state == overdue // then the oldest is in the record
	dues := make([]int64, 0, c.debts.n)
	for ; c.debts.n > 0; c.debts.pop() {
		dues = append(dues, c.debts.oldest().due)
		c.agenda.answered(now)
	}
	c.state = spoiled
	c.leave(failure{})
	c.blame(failure{
		kind: Unanswered, n: uint64(len(dues)), remedy: remedy, at: now,
		say: func() string { return fmt.Sprintf(what, oldest.image, rounded(now-oldest.begin)) },
	}, true)
	for k, due := range dues {
		if k > 0 || !known {
			b.censor(due, now)
		}
	}
	c.wire.Close()
}

// abandon has the client finish b, which has no more time: what it owes is
// unanswered.
func (c *client) abandon(b *block, now int64, interrupted bool) {
	c.mu.Lock()
	if c.block != b {
		c.mu.Unlock()
		return
	}
	if !c.inBlock || c.debts.n == 0 {
		c.mu.Unlock()
		b.finish(c.id)
		return
	}
	if interrupted {
		c.giveUp(b, now, "image %d had waited %v for its answer when the run was interrupted and ended", "nothing: it might still have been answered in time")
		return
	}
	c.giveUp(b, now, "image %d had waited %v for its answer when the run ended", "")
}

// usable reports whether the connection can take part in a block.
func (c *client) usable() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state == ready && c.debts.n == 0
}

// close says goodbye, ends the connection and waits for the listener. One that
// is retiring has said it, and ends by itself.
func (c *client) close() {
	c.mu.Lock()
	if c.retired != 0 {
		c.mu.Unlock()
		<-c.ended
		return
	}
	idle := c.state == ready && c.debts.n == 0
	if idle {
		c.state = spoiled // what the server answers to the close is no failure
		c.part()
	}
	c.mu.Unlock()
	if idle && c.writing.TryLock() {
		c.bid()
		c.writing.Unlock()
	}
	c.wire.Close()
	<-c.ended
}
