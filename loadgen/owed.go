package loadgen

// owed is an image that was sent and not yet answered; instants on the fleet's
// clock.
type owed struct {
	image int
	due   int64
	ready int64 // the later of due and the connection being free, had the generator not been late
	begin int64 // when the client turned to it, before encoding
	start int64 // the write call; 0: not yet
	sent  int   // WebSocket bytes
}

// late is how late the generator was with it.
func (o owed) late() int64 { return o.begin - o.ready }

// debts are the images a client owes, oldest first: a ring of as many as it
// may. Replies come in this order.
type debts struct {
	ring  []owed
	first int
	n     int
}

func (d *debts) full() bool { return d.n == len(d.ring) }

// push returns the place of o, which it keeps until it is popped.
func (d *debts) push(o owed) *owed {
	at := d.first + d.n
	if at >= len(d.ring) {
		at -= len(d.ring)
	}
	d.ring[at] = o
	d.n++
	return &d.ring[at]
}

// oldest must not be called when nothing is owed.
func (d *debts) oldest() *owed { return &d.ring[d.first] }

func (d *debts) pop() {
	if d.first++; d.first == len(d.ring) {
		d.first = 0
	}
	d.n--
}

// sends reports whether image i of a block is among them.
func (d *debts) sends(i int) bool {
	for k := range d.n {
		if d.ring[(d.first+k)%len(d.ring)].image == i {
			return true
		}
	}
	return false
}
