package target

import (
	"context"

	"github.com/wsimg/wsimg/target/internal/compression"
	"github.com/wsimg/wsimg/target/internal/frame"
	"github.com/wsimg/wsimg/target/internal/machine"
	"github.com/wsimg/wsimg/target/internal/readahead"
)

// What a target's memory is made of, in bytes, beside the messages.
const (
	// processBytes is the program, its counters, and what it needs to start.
	processBytes = 64 << 20
	// pendingBytes is a connection that is no session yet: its goroutine, the
	// buffers and headers of net/http, a TLS handshake perhaps.
	pendingBytes = 96 << 10
	// idleBytes is a session that waits: its goroutine's stack, and its objects.
	idleBytes = 10 << 10
	// stackBytes is by how much the stack of a session grows that is at work.
	stackBytes = 16 << 10
	// connectionBytes is a session that has been sent more than it took yet.
	connectionBytes = idleBytes + stackBytes + readahead.Size
	// secureBytes is what TLS adds: its state, and a record in each direction.
	secureBytes = 48 << 10
)

// keptPart is which part of InFlight the buffers may take that wait to be used
// again: one in four.
const keptPart = 4

// garbage is by how much the heap may outgrow what is alive until the next
// collection, with the runtime's default of GOGC=100.
const garbage = 2

// MemoryBound returns how many bytes of memory a target with these settings can
// be made to use on this machine, whatever its clients do. The formula is in the
// documentation of this package.
func (s Settings) MemoryBound() int64 {
	return s.on(machine.Read(context.Background())).memoryBound()
}

// memoryBound is MemoryBound of settings that are complete.
func (s Settings) memoryBound() int64 {
	return s.fixedBound() + garbage*(int64(s.Limits.Connections)*s.connectionBound()+s.sharedBound())
}

// affordable returns for how many connections the bound stays within memory.
func (s Settings) affordable(memory int64) int64 {
	return ((memory-s.fixedBound())/garbage - s.sharedBound()) / s.connectionBound()
}

// fixedBound returns what a target takes without clients: itself, and the store's
// books, in which garbage counts already.
func (s Settings) fixedBound() int64 { return processBytes + s.Keep.MemoryBound() }

// connectionBound returns what one session takes at most, beside its message.
func (s Settings) connectionBound() int64 {
	if s.Access.TLS != nil {
		return connectionBytes + secureBytes
	}
	return connectionBytes
}

// sharedBound returns what all sessions together take at most, and those who
// want to have one.
func (s Settings) sharedBound() int64 {
	n := s.Limits.InFlight + s.Limits.InFlight/keptPart + s.largestExchange() + pendingConnections*pendingBytes
	if s.Deflate {
		n += compression.NewPool().MemoryBound()
	}
	return n
}

// largestExchange returns how much one message can have in flight: the buffers of
// itself and of its image; compressed, also of what it is inflated to, and of what
// its reply is compressed to.
func (s Settings) largestExchange() int64 {
	largest := int64(frame.Room + s.largestMessage())
	if s.Deflate {
		return 4*largest + compression.ReaderBytes
	}
	return 2 * largest
}
