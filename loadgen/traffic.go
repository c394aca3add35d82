package loadgen

import (
	"fmt"

	"github.com/wsimg/wsimg/loadgen/frame"
	"github.com/wsimg/wsimg/loadgen/payload"
)

// Traffic is what the clients of a block send and expect back: the images of
// one source in one mode. It remembers where each client stopped, so that
// blocks of one cell go on from one another, and both modes of a pair send the
// same images in the same order. Blocks that share a Traffic must not overlap.
type Traffic struct {
	images   [][]byte
	opcode   frame.Opcode
	messages messages
	sender   sender
	turns    []turns // by client
}

// NewTraffic returns the traffic of source in mode for that many clients, sent
// live or prepared. Consecutive images of a client differ, unless there is only
// one.
func NewTraffic(source *payload.Source, mode payload.Mode, sending string, clients int) (*Traffic, error) {
	images := source.Images()
	t := &Traffic{
		images:   images,
		opcode:   frame.Binary,
		messages: images,
		turns:    deal(images, clients),
	}
	live := liveSender{images: images, opcode: frame.Binary}
	if mode.Kind == payload.Text {
		t.opcode, t.messages = frame.Text, source.Texts()
		live.opcode, live.codec = frame.Text, mode.Codec.New()
	}
	switch sending {
	case Live:
		t.sender = live
	case Prepared:
		t.sender = newPreparedSender(live)
	default:
		return nil, fmt.Errorf("unknown sender %q: use %s or %s", sending, Live, Prepared)
	}
	return t, nil
}

// turns is where a client stands in the images from first to last (excluded),
// which it sends in turn.
type turns struct{ first, last, next, sent int }

// deal gives each client its turns. As long as every client can have two
// images or more of its own, and it makes no difference which, each has its
// own: a reply that went to the wrong client is then told by what it holds.
// Else all clients go through all images, from evenly spread beginnings.
func deal(images [][]byte, clients int) []turns {
	n := len(images)
	own := n >= 2*clients
	for _, image := range images {
		own = own && len(image) == len(images[0])
	}
	dealt := make([]turns, clients)
	for c := range dealt {
		first := c * n / clients % n
		if own {
			dealt[c] = turns{first: first, last: (c + 1) * n / clients, next: first}
		} else {
			dealt[c] = turns{last: n, next: first}
		}
	}
	return dealt
}

// turn returns the image client c sends now. Different clients may take their
// turns at the same time.
func (t *Traffic) turn(c int) int {
	own := &t.turns[c]
	own.sent++
	i := own.next
	if own.next++; own.next == own.last {
		own.next = own.first
	}
	return i
}

// Unsent returns how many of the images no client has sent yet. It is to be
// asked between blocks.
func (t *Traffic) Unsent() int {
	sent := make([]bool, len(t.images))
	for _, own := range t.turns {
		n := own.last - own.first
		for k := range min(own.sent, n) {
			sent[own.first+(own.next-own.first-1-k+n)%n] = true
		}
	}
	unsent := 0
	for _, s := range sent {
		if !s {
			unsent++
		}
	}
	return unsent
}
