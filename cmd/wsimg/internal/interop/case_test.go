package interop

import (
	"bytes"
	"context"
	"testing"

	"github.com/wsimg/wsimg/target"
	"github.com/wsimg/wsimg/target/store"
)

// suiteCase is a case of the suite.
type suiteCase struct {
	number string
	about  string
	steps  []step
	// bare is set where no extension may be agreed on.
	bare bool
}

// step is a part of a case: something is sent, or must come.
type step func(*peer)

// talk makes a case of its steps.
func talk(number, about string, steps ...step) suiteCase {
	return suiteCase{number: number, about: about, steps: steps}
}

// bare is for a case that RSV1 would have another meaning in.
func bare(c suiteCase) suiteCase {
	c.bare = true
	return c
}

// send sends frames together.
func send(frames ...frame) step {
	return func(p *peer) { p.send(frames...) }
}

// sendEach sends frames one after the other.
func sendEach(frames ...frame) step {
	return func(p *peer) {
		for _, f := range frames {
			p.send(f)
		}
	}
}

// sendChopped sends frames in pieces of size bytes, whatever they cut apart.
func sendChopped(size int, frames ...frame) step {
	return func(p *peer) {
		var b []byte
		for _, f := range frames {
			b = f.appendTo(b)
		}
		for len(b) > 0 {
			n := min(size, len(b))
			p.write(b[:n])
			b = b[n:]
		}
	}
}

// sendPart sends the payload of a frame from one byte to another, and the header
// with its first byte.
func sendPart(f frame, from, to int) step {
	return func(p *peer) {
		b := f.appendTo(nil)
		header := len(b) - len(f.payload)
		start := header + from
		if from == 0 {
			start = 0
		}
		p.write(b[start : header+to])
	}
}

// hear expects frames.
func hear(frames ...frame) step {
	return func(p *peer) {
		p.t.Helper()
		for _, f := range frames {
			p.hear(f)
		}
	}
}

// ends expects a close frame with this code, and then the end.
func ends(code int) step {
	return func(p *peer) {
		p.t.Helper()
		p.ends(code)
	}
}

// What most cases end with: the client's goodbye, or a violation that the
// target answers.
const (
	normal     = 1000
	violation  = 1002
	notUTF8    = 1007
	noCodeSent = 0
)

// bye closes and expects the same back.
func bye(p *peer) {
	p.t.Helper()
	p.send(goodbye(normal, ""))
	p.ends(normal)
}

// echoed sends a message with one write, and expects it back.
func echoed(message frame) []step { return []step{send(message), hear(message), bye} }

// refused sends frames with one write, and expects a violation to be seen.
func refused(frames ...frame) []step { return []step{send(frames...), ends(violation)} }

// echoServer is a target with its store off, what clients offer it, and what it
// agrees on.
type echoServer struct {
	name   string
	addr   string
	offer  string
	agreed string
}

// startEcho starts a target that ends with the test.
func startEcho(t *testing.T, deflate bool) (addr string) {
	t.Helper()
	srv, err := target.Listen(target.Settings{Addr: "127.0.0.1:0", Store: store.Off, Deflate: deflate})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- srv.Serve(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-served; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	return srv.Addr().String()
}

// prose returns n bytes of UTF-8 in which a shift would show, and most of whose
// characters can be cut apart.
func prose(n int) string {
	const phrase = "Müßiggang, naïveté, 日本語 und 🎈🎈: "
	b := bytes.Repeat([]byte(phrase), n/len(phrase)+1)[:n]
	for i := range n % len(phrase) {
		b[n-1-i] = byte('a' + i%26) // no character is cut off
	}
	return string(b)
}

// noise returns n bytes in which a shift would show.
func noise(n int) []byte {
	b := make([]byte, n)
	state := uint32(n)
	for i := range b {
		state = state*1664525 + 1013904223
		b[i] = byte(state >> 24)
	}
	return b
}
