package bench

import (
	"slices"
	"strings"

	"github.com/wsimg/wsimg/loadgen"
	"github.com/wsimg/wsimg/loadgen/payload"
	"github.com/wsimg/wsimg/loadgen/site"
)

// demand is what the run takes of this machine and of the target, over all its
// fleets: they stay connected from beginning to end, and one at a time sends.
func (s Settings) demand() site.Demand {
	d := site.Demand{
		Connections: s.Connections(),
		ConnectRate: s.ConnectRate,
		Bundled:     s.Bundled,
		Store:       s.Store,
		LocalAddrs:  s.LocalAddrs,
		TLS:         strings.HasPrefix(s.URL, "wss:"),
		Deflate:     s.Compresses(),
	}
	for _, l := range s.lines() {
		d.InFlight = max(d.InFlight, l.clients*l.inFlight)
	}
	for _, src := range s.Sources {
		d.ImageBytes = max(d.ImageBytes, src.MaxBytes())
		d.SourceBytes += s.sourceBytes(src)
	}
	return d
}

// sourceBytes is what images of a source and their messages take that are kept
// for the whole run.
func (s Settings) sourceBytes(src *payload.Source) int64 {
	images := src.SizeBytes() * int64(src.Len())
	texts := images * 4 / 3
	sum := images
	isText := func(m payload.Mode) bool { return m.Kind == payload.Text }
	if slices.ContainsFunc(s.Modes, isText) {
		sum += texts // replies are compared with them
	}
	if s.Sender != loadgen.Prepared {
		return sum
	}
	for _, m := range s.Modes {
		if isText(m) {
			sum += texts
		} else {
			sum += images
		}
	}
	return sum
}
