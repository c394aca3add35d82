package capacity

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/wsimg/wsimg/loadgen"
	"github.com/wsimg/wsimg/loadgen/payload"
	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/site"
)

// mostTried is how many clients are tried at most where nothing else bounds
// them.
const mostTried = 1 << 20

// demand is what so many clients take of this machine and of the target.
func (s Settings) demand(clients int) site.Demand {
	images := s.Source.SizeBytes() * int64(s.Source.Len())
	texts := images * 4 / 3
	sum := images
	isText := func(m payload.Mode) bool { return m.Kind == payload.Text }
	if slices.ContainsFunc(s.Modes, isText) {
		sum += texts // replies are compared with them
	}
	if s.Sender == loadgen.Prepared {
		for _, m := range s.Modes {
			if isText(m) {
				sum += texts
			} else {
				sum += images
			}
		}
	}
	return site.Demand{
		Connections: clients,
		ConnectRate: s.ConnectRate,
		Bundled:     s.Bundled,
		Store:       s.Store,
		LocalAddrs:  s.LocalAddrs,
		ImageBytes:  s.Source.MaxBytes(),
		SourceBytes: sum,
		InFlight:    min(clients*s.InFlight, inFlightTried),
		TLS:         strings.HasPrefix(s.URL, "wss:"),
		Deflate:     s.Compresses(),
	}
}

// inFlightTried is how many images are taken to be under way at a time at most:
// a probe ends when it leaves so many undone that they take long.
const inFlightTried = 1000

// Connections is how many clients a run may have at the same time, as far as
// the settings say; 0: as many as are allowed.
func (s Settings) Connections() int {
	s = s.withDefaults()
	if s.Find == record.FindRate {
		return max(s.Clients, weighed)
	}
	return s.mostClients()
}

// bound finds out how many clients are allowed where that was left open, and
// whether those are that were asked for.
func (s *Settings) bound(ctx context.Context, here *site.Site) error {
	allowed := func(clients int) error {
		if err := site.Allows(ctx, s.URL, s.demand(clients)); err != nil {
			return err
		}
		return here.Admits(ctx, s.demand(clients))
	}
	if s.Find == record.FindRate && s.Most == 0 {
		s.Most = maxRate
	}
	if s.Most > 0 {
		return allowed(s.mostClients())
	}
	if err := allowed(int(s.Least)); err != nil {
		return err
	}
	low, high := int(s.Least), mostTried
	for low < high-1 && ctx.Err() == nil {
		middle := low + (high-low)/2
		switch err := allowed(middle); {
		case err == nil:
			low = middle
		case errors.Is(err, site.ErrLimit):
			high = middle
		default:
			return err
		}
	}
	s.Most = float64(low)
	return ctx.Err()
}

// maxRate is the highest rate that is tried.
const maxRate = 1 << 24
