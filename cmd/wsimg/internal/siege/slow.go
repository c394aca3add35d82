package siege

import (
	"context"
	"time"
)

// trickle sends a message a byte at a time, and takes its time.
type trickle struct {
	every time.Duration
}

func (c trickle) behave(ctx context.Context, l *line) ending {
	return l.listenWhile(ctx, func(ctx context.Context) {
		rest := appendFrame(nil, final|binaryImage, 1000, make([]byte, 1000))
		for ; len(rest) > 0; rest = rest[1:] {
			if _, err := l.Write(rest[:1]); err != nil || !sleep(ctx, c.every) {
				return
			}
		}
	})
}

// promise announces a large message, sends the beginning, and no more.
type promise struct {
	bytes int // announced
	kept  int // sent
}

func (c promise) behave(ctx context.Context, l *line) ending {
	return l.listenWhile(ctx, func(context.Context) {
		l.Write(appendFrame(nil, final|binaryImage, c.bytes, make([]byte, c.kept)))
	})
}

// almost sends all of a large message but the last byte, as fast as it is taken: so
// it holds the most memory for the longest time.
type almost struct {
	bytes int // announced
}

func (c almost) behave(ctx context.Context, l *line) ending {
	return l.listenWhile(ctx, func(context.Context) {
		if _, err := l.Write(appendFrame(nil, final|binaryImage, c.bytes, nil)); err != nil {
			return
		}
		// There are hundreds: none has the whole of it.
		var piece [32 << 10]byte
		for left := c.bytes - 1; left > 0; {
			n, err := l.Write(piece[:min(left, len(piece))])
			if err != nil {
				return
			}
			left -= n
		}
	})
}
