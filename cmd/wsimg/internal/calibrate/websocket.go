package calibrate

import (
	"context"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"time"

	"github.com/wsimg/wsimg/loadgen"
	"github.com/wsimg/wsimg/loadgen/payload"
	"github.com/wsimg/wsimg/loadgen/record"
)

// manner is a way to send images.
type manner struct {
	name, note string
	mode       payload.Mode
	sender     string
}

// manners returns those that are measured.
func manners() []manner {
	binary, text := payload.Mode{Kind: payload.Binary}, payload.Mode{Kind: payload.Text}
	return []manner{
		{"binary, prepared", "masked beforehand", binary, loadgen.Prepared},
		{"binary, live", "masked as it is sent", binary, loadgen.Live},
		{"text, live", "encoded and masked as it is sent", text, loadgen.Live},
	}
}

// webSocketEcho drives the bundled target by a real fleet, with images of one
// size in all manners. Each size has connections of its own: on those that also
// carried 1 MB, 100 KB ran at 0.6 of the rate, presumably because their windows,
// once opened so far, hold more than the cache does.
type webSocketEcho struct {
	fleet   *loadgen.Fleet
	traffic []*loadgen.Traffic // by manner
}

func newWebSocketEcho(ctx context.Context, url string, clients int, of *images) (*webSocketEcho, error) {
	e := &webSocketEcho{}
	for _, m := range manners() {
		t, err := loadgen.NewTraffic(of.source, m.mode, m.sender, record.Echo, clients)
		if err != nil {
			return nil, err
		}
		e.traffic = append(e.traffic, t)
	}
	var err error
	e.fleet, err = loadgen.Dial(ctx, loadgen.Settings{URL: url, Clients: clients})
	return e, err
}

// rate returns how many images a second are echoed and verified.
func (e *webSocketEcho) rate(ctx context.Context, t *loadgen.Traffic, d time.Duration) (float64, error) {
	sample, examples, err := e.fleet.Run(ctx, loadgen.Block{Traffic: t, Length: d})
	if err != nil {
		return 0, err
	}
	if len(sample.Errors) > 0 {
		kind := slices.Sorted(maps.Keys(sample.Errors))[0]
		return 0, fmt.Errorf("%d images failed with %s: %s", sample.Errors[kind], kind, examples[kind].Detail)
	}
	if sample.Seconds == 0 {
		return 0, nil
	}
	return sample.Credit / sample.Seconds, nil
}

// warmUp has images sent in all manners for d together.
func (e *webSocketEcho) warmUp(ctx context.Context, d time.Duration) error {
	for _, t := range slices.Backward(e.traffic) {
		if _, err := e.rate(ctx, t, d/time.Duration(len(e.traffic))); err != nil {
			return err
		}
	}
	return nil
}

func (e *webSocketEcho) close() error {
	e.fleet.Close()
	return nil
}

// webSocketCeilings returns what WebSocket echoes allow.
func webSocketCeilings(all []*images, echoes map[*images]*webSocketEcho) []ceiling {
	var found []ceiling
	for i, m := range manners() {
		found = append(found, &sized{
			about: record.Ceiling{
				Name: "WebSocket echo, " + m.name, Kind: record.EchoCeiling,
				Cores: runtime.GOMAXPROCS(0), Note: m.note + "; the target's store is off",
			},
			weight: echoWeight,
			images: all,
			rate: func(ctx context.Context, of *images, d time.Duration) (float64, error) {
				e := echoes[of]
				return e.rate(ctx, e.traffic[i], d)
			},
		})
	}
	return found
}
