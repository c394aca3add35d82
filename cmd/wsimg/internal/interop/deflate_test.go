package interop

import (
	"bytes"
	"compress/flate"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
)

// shape is a size of messages, and of the fragments that they are sent in; 0 is
// one for all. A shape's number is its place in the suite's list.
type shape struct{ number, size, fragment int }

// shapes are all that the suite has, or those that differ from one another.
func shapes() []shape {
	all := []shape{
		{1, 16, 0}, {2, 64, 0}, {3, 256, 0}, {4, 1 << 10, 0}, {5, 4 << 10, 0}, {6, 8 << 10, 0}, {7, 16 << 10, 0}, {8, 32 << 10, 0}, {9, 64 << 10, 0}, {10, 128 << 10, 0},
		{11, 8 << 10, 256}, {12, 16 << 10, 256}, {13, 32 << 10, 256}, {14, 64 << 10, 256}, {15, 128 << 10, 256},
		{16, 128 << 10, 1 << 10}, {17, 128 << 10, 4 << 10}, {18, 128 << 10, 32 << 10},
	}
	if thorough {
		return all
	}
	return slices.DeleteFunc(all, func(s shape) bool { return !slices.Contains([]int{1, 5, 10, 11, 18}, s.number) })
}

// offers are the suite's, in its order, and what comes of each: windows are agreed
// on as asked for.
var offers = []struct {
	about, offer, agreed string
}{
	{"no demands", offer, agreement},
	{"no takeover of context", offer + "; server_no_context_takeover", agreement},
	{"a window of 512 bytes", offer + "; server_max_window_bits=9", agreement + "; server_max_window_bits=9"},
	{"a window of 32 KB", offer + "; server_max_window_bits=15", agreement + "; server_max_window_bits=15"},
	{"no takeover, a window of 512 bytes", offer + "; server_no_context_takeover; server_max_window_bits=9", agreement + "; server_max_window_bits=9"},
	{"no takeover, a window of 32 KB", offer + "; server_no_context_takeover; server_max_window_bits=15", agreement + "; server_max_window_bits=15"},
	{"one after the other", strings.Join([]string{
		offer + "; server_no_context_takeover; server_max_window_bits=9",
		offer + "; server_no_context_takeover",
		offer,
	}, ", "), agreement + "; server_max_window_bits=9"},
}

// offer is what all offers have in common.
const offer = "permessage-deflate; client_no_context_takeover; client_max_window_bits"

// compressed holds the cases with compressed messages: of different contents,
// and after different offers.
func compressed(t *testing.T, addr string) {
	kinds := contents()
	for i, c := range kinds {
		for _, s := range shapes() {
			t.Run(fmt.Sprintf("12.%d.%d", i+1, s.number), func(t *testing.T) {
				t.Logf("%s, messages of %d bytes in fragments of %d", c.about, s.size, s.fragment)
				p := dial(t, addr, offer)
				p.hold(c, s)
			})
		}
	}
	for i, o := range offers {
		for _, s := range shapes() {
			t.Run(fmt.Sprintf("13.%d.%d", i+1, s.number), func(t *testing.T) {
				t.Logf("%s, messages of %d bytes in fragments of %d", o.about, s.size, s.fragment)
				p := dial(t, addr, o.offer)
				if p.extensions != o.agreed {
					t.Fatalf("offered %q: agreed on %q, want %q", o.offer, p.extensions, o.agreed)
				}
				p.hold(kinds[0], s)
			})
		}
	}
}

// hold sends messages, compressed, as the one before comes
// back, and says goodbye.
func (p *peer) hold(c content, s shape) {
	p.t.Helper()
	for i := range compressedTrips {
		message := frame{opcode: c.opcode, payload: c.message(i, s.size)}
		sent := message
		sent.rsv, sent.payload = rsv1, deflated(message.payload)
		cut := s.fragment
		if cut == 0 {
			cut = len(sent.payload)
		}
		p.send(sent.fragments(cut)...)
		p.hearInflated(message)
	}
	bye(p)
}

// hearInflated expects a message as an echo, compressed.
func (p *peer) hearInflated(want frame) {
	p.t.Helper()
	got, err := readFrame(p.in)
	if err != nil {
		p.t.Fatalf("got error %v, want %v, compressed", err, want)
	}
	if got.opcode != want.opcode || got.more || got.rsv != rsv1 {
		p.t.Fatalf("got %v, want %v, compressed", got, want)
	}
	message, err := inflated(got.payload)
	if err != nil || !bytes.Equal(message, want.payload) {
		p.t.Fatalf("got %d bytes, which make %d, error %v, want %v", len(got.payload), len(message), err, want)
	}
}

// flushed ends what a compressor has flushed, and is not sent (RFC 7692 section
// 7.2.1). With a last block behind it, compress/flate comes to an end.
const flushed = "\x00\x00\xff\xff"

// deflated compresses a message.
func deflated(message []byte) []byte {
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, flate.BestSpeed)
	if err != nil {
		panic(err) // the level is wrong
	}
	w.Write(message)
	w.Flush()
	return bytes.TrimSuffix(b.Bytes(), []byte(flushed))
}

// inflated is the opposite.
func inflated(payload []byte) ([]byte, error) {
	return io.ReadAll(flate.NewReader(io.MultiReader(bytes.NewReader(payload), strings.NewReader(flushed+"\x01\x00\x00\xff\xff"))))
}

// content is something that messages are cut from.
type content struct {
	about  string
	opcode byte
	data   []byte
}

// message returns message i of n bytes.
func (c content) message(i, n int) []byte {
	start := i * 1009 % (len(c.data) - n)
	return c.data[start : start+n]
}

// contents are of the kinds that the suite has, in its order.
func contents() []content {
	const size = 160 << 10
	kind := func(about string, opcode byte, part func(i int, random byte) string) content {
		var b []byte
		for i, random := 0, noise(size); len(b) < size; i++ {
			b = append(b, part(i, random[i])...)
		}
		return content{about, opcode, b[:size]}
	}
	return []content{
		kind("JSON", opText, func(i int, random byte) string {
			return fmt.Sprintf(`{"id":%d,"name":"image %d","size":[%d,%d]},`, i, random, int(random)*8, i%480)
		}),
		kind("a bitmap", opBinary, func(i int, random byte) string { return string([]byte{byte(i/512) + random&3}) }),
		kind("prose", opBinary, func(i int, random byte) string {
			return strings.Fields("habe nun ach Philosophie Juristerei und Medizin durchaus studiert mit heißem Bemühn")[random%12] + " "
		}),
		kind("a web page", opText, func(i int, random byte) string {
			return fmt.Sprintf("<tr class=\"row%d\"><td>%d</td><td>&uuml;</td></tr>\n", i%2, random)
		}),
		{"what doesn't grow smaller", opBinary, noise(size)},
	}
}
