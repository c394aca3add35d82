package siege

import "context"

// deaf sends images and never reads what comes back.
type deaf struct {
	imageBytes int
}

func (c deaf) behave(ctx context.Context, l *line) ending {
	image := appendFrame(nil, final|binaryImage, c.imageBytes, make([]byte, c.imageBytes))
	for {
		if _, err := l.Write(image); err != nil {
			return failed(ctx, err)
		}
	}
}

// numb is half-open: it takes part no more, though its machine still
// acknowledges what arrives. It does not even answer pings; what it is told
// at last is read.
type numb struct{}

func (numb) behave(ctx context.Context, l *line) ending { return l.listen(ctx, false) }

// mute connects, says at most the beginning of a request, and waits.
type mute struct {
	first string
}

func (c mute) behave(ctx context.Context, l *line) ending {
	if _, err := l.Write([]byte(c.first)); err != nil {
		return failed(ctx, err)
	}
	return l.answer(ctx)
}

// wrench resets its connection in the middle of a message, as a crash does.
type wrench struct {
	imageBytes int
}

func (c wrench) behave(ctx context.Context, l *line) ending {
	if _, err := l.Write(appendFrame(nil, final|binaryImage, c.imageBytes, make([]byte, c.imageBytes/2))); err != nil {
		return failed(ctx, err)
	}
	l.reset()
	return cut
}
