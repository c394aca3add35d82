package siege

import (
	"context"
	"math/rand/v2"
	"net/http"
)

// answer reads the HTTP response to whatever was said.
func (l *line) answer(ctx context.Context) ending {
	resp, err := http.ReadResponse(l.in, nil)
	if err != nil {
		return failed(ctx, err)
	}
	resp.Body.Close()
	return answered(resp.StatusCode)
}

// raving says random bytes where a handshake belongs.
type raving struct{}

func (raving) behave(ctx context.Context, l *line) ending {
	said := make([]byte, 4096)
	for i := range said {
		said[i] = byte(rand.Uint32())
	}
	l.Write(append(said, "\r\n\r\n"...)) // the answer may come before its end
	return l.answer(ctx)
}

// noise says random bytes where frames belong. The first of them has a reserved
// bit set, that nobody may take them for a message.
type noise struct{}

func (noise) behave(ctx context.Context, l *line) ending {
	said := make([]byte, 4096)
	for i := range said {
		said[i] = byte(rand.Uint32())
	}
	const reserved = 0x30 // RSV2 and RSV3
	said[0] |= reserved
	return l.listenWhile(ctx, func(context.Context) { l.Write(said) })
}
