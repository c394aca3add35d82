package calibrate

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"github.com/wsimg/wsimg/cmd/wsimg/internal/yardstick"
	"github.com/wsimg/wsimg/loadgen/record"
)

// shown is how many messages the yardstick's clients go through.
const shown = 64

// tcpEcho drives the yardstick with messages as long as the images of one
// size, and as long as those in Base64. As a fleet of WebSocket clients it has
// connections for each size, and the same ones for both lengths.
type tcpEcho struct {
	fleet *yardstick.Fleet
	// messages is what the fleet was given to send. It looks only while it
	// runs, so they are exchanged in between.
	messages   [][]byte
	raw, texts [][]byte
}

func newTCPEcho(ctx context.Context, addr string, clients int, of *images) (*tcpEcho, error) {
	e := &tcpEcho{
		messages: make([][]byte, shown),
		raw:      yardstick.Messages(int(of.size), seed),
		texts:    yardstick.Messages(of.textSize(), seed),
	}
	var err error
	if e.fleet, err = yardstick.Dial(ctx, addr, clients, e.messages); err != nil {
		return nil, fmt.Errorf("connect to the yardstick: %w", err)
	}
	return e, nil
}

// rate returns how many of the messages return a second.
func (e *tcpEcho) rate(ctx context.Context, messages [][]byte, d time.Duration) (float64, error) {
	for i := range e.messages {
		e.messages[i] = messages[i%len(messages)]
	}
	block, err := e.fleet.Run(ctx, d)
	return block.Messages / block.Seconds, err
}

// warmUp has both lengths sent for d together.
func (e *tcpEcho) warmUp(ctx context.Context, d time.Duration) error {
	for _, messages := range [][][]byte{e.texts, e.raw} {
		if _, err := e.rate(ctx, messages, d/2); err != nil {
			return err
		}
	}
	return nil
}

func (e *tcpEcho) close() error {
	e.fleet.Close()
	return nil
}

// tcpCeilings returns what the yardstick allows.
func tcpCeilings(all []*images, echoes map[*images]*tcpEcho) []ceiling {
	one := func(name, note string, messages func(*tcpEcho) [][]byte) ceiling {
		return &sized{
			about:  record.Ceiling{Name: name, Kind: record.YardstickCeiling, Cores: runtime.GOMAXPROCS(0), Note: note},
			weight: echoWeight,
			images: all,
			rate: func(ctx context.Context, of *images, d time.Duration) (float64, error) {
				e := echoes[of]
				return e.rate(ctx, messages(e), d)
			},
		}
	}
	return []ceiling{
		one("raw TCP echo", "as many bytes as the image has, behind their length",
			func(e *tcpEcho) [][]byte { return e.raw }),
		one("raw TCP echo, as long as text", "as many bytes as its Base64 has",
			func(e *tcpEcho) [][]byte { return e.texts }),
	}
}
