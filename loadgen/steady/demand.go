package steady

import (
	"math"
	"strings"

	"github.com/wsimg/wsimg/loadgen"
	"github.com/wsimg/wsimg/loadgen/payload"
	"github.com/wsimg/wsimg/loadgen/site"
)

// demand is what the run takes of this machine and of the target.
func (s Settings) demand() site.Demand {
	return site.Demand{
		Connections: s.Clients,
		ConnectRate: s.connectRate(),
		Bundled:     s.Bundled,
		Store:       s.Store,
		LocalAddrs:  s.LocalAddrs,
		ImageBytes:  s.Source.MaxBytes(),
		SourceBytes: s.sourceBytes(),
		InFlight:    s.underWay(),
		TLS:         strings.HasPrefix(s.URL, "wss:"),
		Deflate:     s.Mode.Deflate.On,
	}
}

// connectRate is how many connections are begun a second at most; 0: as many as
// are taken.
func (s Settings) connectRate() float64 {
	if s.Ramp > 0 {
		return float64(s.Clients-s.pioneers()) / s.Ramp.Seconds()
	}
	return s.ConnectRate
}

// sourceBytes is what images and messages take that are kept for the whole run.
func (s Settings) sourceBytes() int64 {
	images := s.Source.SizeBytes() * int64(s.Source.Len())
	sum, message := images, images
	if s.Mode.Kind == payload.Text {
		message = images * 4 / 3
		sum += message // replies are compared with it
	}
	if s.Sender == loadgen.Prepared {
		sum += message
	}
	return sum
}

// underWay is how many images are on their way at the same time at most. One
// that is due by plan is given up after its timeout: no more can be than have
// become due in that time, however many clients there are.
func (s Settings) underWay() int {
	most := s.active() * s.InFlight
	if !s.Load.Open() {
		return most
	}
	var rate float64
	for _, stage := range s.Load.Plan {
		rate = max(rate, stage.From, stage.To)
	}
	return min(most, 1+int(math.Ceil(rate*s.Timeout.Seconds())))
}
