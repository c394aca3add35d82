package siege

import (
	"context"
	"encoding/binary"
	"errors"
	"strconv"
)

// ending is how a connection ended: the close code as a number, HTTP and a
// status, or one of the words below.
type ending string

const (
	// cut is a connection that the target closed or reset without a word that
	// reached the client.
	cut ending = "cut"
	// held is one that lasted until the client was told to stop.
	held ending = "held"
	// unreached is one that never was.
	unreached ending = "unreached"
)

// closed is an ending by a close code (RFC 6455 section 7.4).
func closed(code int) ending { return ending(strconv.Itoa(code)) }

// answered is an ending by an HTTP status.
func answered(status int) ending { return ending("HTTP " + strconv.Itoa(status)) }

// failed tells what an error in the middle of a connection amounts to.
func failed(ctx context.Context, err error) ending {
	switch refused, ok := errors.AsType[refusal](err); {
	case ctx.Err() != nil:
		return held
	case ok:
		return answered(int(refused))
	default:
		return cut
	}
}

// listen reads until the connection ends, and tells how it did. Pings are
// answered if that is wanted.
func (l *line) listen(ctx context.Context, pongs bool) ending {
	for {
		opcode, payload, err := l.next()
		if err != nil {
			return failed(ctx, err)
		}
		switch {
		case opcode == closing && len(payload) >= 2:
			return closed(int(binary.BigEndian.Uint16(payload)))
		case opcode == closing:
			const noStatus = 1005 // RFC 6455 section 7.1.5
			return closed(noStatus)
		case opcode == ping && pongs:
			if err := l.send(final|pong, payload); err != nil {
				return failed(ctx, err)
			}
		}
	}
}

// listenWhile has a client act and listens meanwhile, as a well-behaved one does:
// it is how the target ended the connection that counts, not that a write
// failed thereafter. The act is over when the context it is given is done; it
// may return early, and the client goes on listening.
func (l *line) listenWhile(ctx context.Context, act func(ctx context.Context)) ending {
	acting, stop := context.WithCancel(ctx)
	over := make(chan struct{})
	go func() {
		defer close(over)
		act(acting)
	}()
	how := l.listen(ctx, true)
	stop()
	l.hangUp() // a write may hang
	<-over
	return how
}
