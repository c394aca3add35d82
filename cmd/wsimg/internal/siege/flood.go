package siege

import (
	"context"
	"time"
)

// fragments sends one message in pieces of a byte, and never ends it.
type fragments struct {
	batch int // sent at once
	every time.Duration
}

func (c fragments) behave(ctx context.Context, l *line) ending {
	return l.listenWhile(ctx, func(ctx context.Context) {
		batch := appendFrame(nil, binaryImage, 1, []byte{0})
		for {
			for range c.batch {
				batch = appendFrame(batch, continuation, 1, []byte{0})
			}
			if _, err := l.Write(batch); err != nil || !sleep(ctx, c.every) {
				return
			}
			batch = batch[:0]
		}
	})
}

// pings asks for pongs, many at a time, and reads them: no more than a
// nuisance, which must stay one.
type pings struct {
	batch int // sent at once
	every time.Duration
}

func (c pings) behave(ctx context.Context, l *line) ending {
	var batch []byte
	payload := make([]byte, 125)
	for range c.batch {
		batch = appendFrame(batch, final|ping, len(payload), payload)
	}
	return l.listenWhile(ctx, func(ctx context.Context) {
		for {
			if _, err := l.Write(batch); err != nil || !sleep(ctx, c.every) {
				return
			}
		}
	})
}
