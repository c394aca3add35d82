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
