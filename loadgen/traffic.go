package loadgen

import (
	"fmt"
	"io"
	"math/rand/v2"

	"github.com/wsimg/wsimg/loadgen/frame"
	"github.com/wsimg/wsimg/loadgen/payload"
	"github.com/wsimg/wsimg/loadgen/record"
)

// Traffic is what the clients of a block send and expect back: the images of
// one source in one mode. It remembers where each client stopped, so that a
// block goes on from the one before; Start sets all modes to the same images.
// Blocks that share a Traffic must not overlap.
type Traffic struct {
	images   [][]byte
	opcode   frame.Opcode
	messages messages
	sender   sender
	deflated bool
	verify   func(c *client, typ int, r io.Reader, t *Traffic, i int) (*mismatch, error)
	turns    []turns // by client
	order    []int   // the image at each place in turn
	book     Book    // nil: nobody keeps one
}

// Book counts images for an audit, by their place in the source. Clients call
// it concurrently.
type Book interface {
	// Sent is called before the first byte of an image is sent; nothing of it
	// may be, when the connection fails.
	Sent(image int)
	// Verified is called when the image was answered as it should be, and in
	// time. Of a late answer nothing is said.
	Verified(image int)
}

// Audit has book count every image from now on, warm-ups included. It must not
// be called while a block runs.
func (t *Traffic) Audit(book Book) { t.book = book }

// NewTraffic returns the traffic of source in mode for that many clients, sent
// live or prepared, answered by record.Echo or record.Ack. Consecutive images
// of a client differ, unless there is only one. A mode that compresses is for
// fleets that do, by Settings.Deflate.
func NewTraffic(source *payload.Source, mode payload.Mode, sending, reply string, clients int) (*Traffic, error) {
	images := source.Images()
	t := &Traffic{
		images:   images,
		opcode:   frame.Binary,
		messages: images,
		turns:    deal(images, clients),
		order:    arrange(images),
	}
	switch reply {
	case record.Echo:
		t.verify = (*client).echoed
	case record.Ack:
		t.verify = (*client).acknowledged
	default:
		return nil, fmt.Errorf("unknown reply %q: use %s or %s", reply, record.Echo, record.Ack)
	}
	live := liveSender{images: images, opcode: frame.Binary}
	if mode.Kind == payload.Text {
		t.opcode, t.messages = frame.Text, source.Texts()
		live.opcode, live.codec = frame.Text, mode.Codec.New()
	}
	t.sender = live
	if mode.Deflate.On {
		deflated, err := newDeflatedSender(live, mode.Deflate.Level)
		if err != nil {
			return nil, err
		}
		t.sender, t.deflated = deflated, true
	}
	switch sending {
	case Live:
	case Prepared:
		t.sender = newPreparedSender(t.sender, len(images))
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
	own := n >= 2*clients && uniform(images)
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

// uniform reports whether all images are of one size.
func uniform(images [][]byte) bool {
	for _, image := range images {
		if len(image) != len(images[0]) {
			return false
		}
	}
	return true
}

// arrange returns the order in which images are sent: as they are, unless
// their sizes differ. Then they are mixed, always in the same way, for the
// size of a file may well go by its name.
func arrange(images [][]byte) []int {
	order := make([]int, len(images))
	for i := range order {
		order[i] = i
	}
	if !uniform(images) {
		rng := rand.New(rand.NewPCG(1, uint64(len(images))))
		rng.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	}
	return order
}

// Start has every client begin a round where the round's number says, so that
// all modes begin with the same images, however many they got to before. It
// must not be called while a block runs.
func (t *Traffic) Start(round int) {
	for c := range t.turns {
		own := &t.turns[c]
		n := own.last - own.first
		// Steps of the golden section reach all parts of the images soon.
		at := (t.begin(c) + round*max(1, n*618/1000)) % n
		if before := own.next - own.first - 1 + n; at == before%n {
			at = (at + 1) % n // not the image it sent last
		}
		own.next = own.first + at
	}
}

// begin returns how far into its images client c begins.
func (t *Traffic) begin(c int) int {
	if t.turns[c].first > 0 || t.turns[c].last < len(t.images) {
		return 0 // they are its own
	}
	return c * len(t.images) / len(t.turns) % len(t.images)
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
	image := t.order[i]
	if t.book != nil {
		t.book.Sent(image)
	}
	return image
}

// Unsent returns how many of the images no client has sent yet. It is to be
// asked between blocks, before the first Start.
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
