package bench

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/wsimg/wsimg/loadgen"
	"github.com/wsimg/wsimg/loadgen/payload"
	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/site"
)

// settleShare is the part of a block's length for which new connections are
// driven before they count: windows open within a few round trips.
const settleShare = 2

// line is what cells must have in common to share a fleet. Each source has its
// own: the kernel opens a connection's receive window as far as the largest
// image needs, and smaller ones then fall out of the cache on their way. On
// connections that carry 1 MB too, 100 KB runs at 0.6 of its rate.
type line struct {
	source int
	// mode is what the connections were negotiated for, and a copy has its own,
	// so that a mode beside itself shows what differs between fleets. Its kind
	// is left out: text and binary are two kinds of message on one connection.
	mode     payload.Mode
	clients  int
	inFlight int
}

// line returns what a cell's fleet must be like.
func (s Settings) line(source int, load string, mode payload.Mode) line {
	mode.Kind = payload.Binary
	l := line{source: source, mode: mode, clients: s.Clients, inFlight: s.InFlight}
	if load == record.Single {
		l.clients, l.inFlight = 1, 1
	}
	return l
}

// lines returns what fleets there are, each once.
func (s Settings) lines() []line {
	var all []line
	for source := range s.Sources {
		for _, load := range s.Loads {
			for _, mode := range s.Modes {
				if l := s.line(source, load, mode); !slices.Contains(all, l) {
					all = append(all, l)
				}
			}
		}
	}
	return all
}

// Connections is how many a run with these settings has open at once, defaults
// filled in: modes that differ in nothing but text and binary share theirs, and
// the single load has its own.
func (s Settings) Connections() int {
	s = s.withDefaults()
	n := 0
	for _, l := range s.lines() {
		n += l.clients
	}
	return n
}

// userAgent names wsimg and the modes that use a line, so that a server can
// tell the fleets apart: "wsimg/1.2.0 (text, binary)".
func (s Settings) userAgent(l line) string {
	var modes []string
	for _, mode := range s.Modes {
		if s.line(l.source, record.Closed, mode).mode == l.mode {
			modes = append(modes, mode.String())
		}
	}
	return strings.TrimSuffix("wsimg/"+s.Version, "/") + " (" + strings.Join(modes, ", ") + ")"
}

// connect dials one fleet for each line the cells need. Cells whose line the
// server declines to compress fail, and the others go on without them.
func (b *bench) connect(ctx context.Context) error {
	connected := 0
	for _, c := range b.cells() {
		if b.fleets[c.line] != nil || c.Failed != "" {
			continue
		}
		b.report(b.settings.connecting(connected))
		f, err := loadgen.Dial(ctx, loadgen.Settings{
			URL:       site.Address(b.settings.URL, c.mode, b.settings.Audit),
			Clients:   c.line.clients,
			InFlight:  c.line.inFlight,
			Timeout:   b.settings.Timeout,
			Rcvbuf:    b.settings.Rcvbuf,
			Deflate:   c.mode.Deflate.On,
			UserAgent: b.settings.userAgent(c.line),
			Token:     b.settings.Access.Token,
			TLS:       b.settings.Access.TLS,

			ConnectRate: b.settings.ConnectRate,
			LocalAddrs:  b.settings.LocalAddrs,
		})
		switch {
		case errors.Is(err, loadgen.ErrDeclined):
			b.decline(c.line)
		case errors.Is(err, loadgen.ErrVacant):
			return fmt.Errorf("%w: modes are compared with all their clients or not at all; ask for fewer clients, or for connections at a lower rate by --connect-rate", err)
		case err != nil:
			return err
		default:
			b.fleets[c.line] = f
			connected += c.line.clients
		}
	}
	if len(b.fleets) == 0 {
		return loadgen.ErrDeclined
	}
	return nil
}

// connecting is the progress when there are so many connections, of all fleets.
// It tells how long the others will take where they are dialed at a fixed rate.
func (s Settings) connecting(connected int) Progress {
	all := s.Connections()
	p := Progress{Phase: "connecting", Done: float64(connected) / float64(all)}
	if s.ConnectRate > 0 {
		p.Remaining = time.Duration(float64(all-connected) / s.ConnectRate * float64(time.Second))
	}
	return p
}

// decline fails the cells of a line.
func (b *bench) decline(l line) {
	for _, c := range b.cells() {
		if c.line == l {
			c.Failed = loadgen.ErrDeclined.Error()
			counts := map[string]uint64{loadgen.Declined: 1}
			record.AddErrors(&c.WarmupErrors, counts)
			b.count(counts)
		}
	}
}

// settle opens the connections of a group anew where its modes can't share
// them, and sends some images on each, of which only the failures count, with
// the block that follows. For whatever is peculiar to a set of connections lasts
// as long as it does: ratios of rounds on the same two sets repeat one accident,
// and an interval from them does not hold (of a mode against itself a quarter of
// the intervals excluded 1). Modes on the same connections share their
// peculiarities.
func (b *bench) settle(ctx context.Context, g *group) error {
	if !g.apart() {
		return nil
	}
	settled := make(map[line]bool)
	for _, c := range g.alive() {
		if settled[c.line] {
			continue
		}
		settled[c.line] = true
		fleet := b.fleets[c.line]
		if err := fleet.Redial(ctx); ctx.Err() != nil {
			return err
		}
		if g.load == record.Open {
			continue // its blocks have a ramp-in
		}
		sample, examples, err := fleet.Run(ctx, loadgen.Block{
			Length: g.length / settleShare, Load: loadgen.Load{Think: g.think}, Traffic: c.traffic,
		})
		b.count(sample.Errors)
		if err != nil && len(c.Samples) == 0 { // no block before or after to book it with
			record.AddErrors(&c.WarmupErrors, sample.Errors)
			c.Keep(examples, -1)
			return err
		}
		b.owed[c.line] = failed{sample.Errors, sample.ConnectionErrors, examples}
		if err != nil {
			return err
		}
	}
	return nil
}

// failed is what failed on a fleet's connections, and the first of each kind.
type failed struct {
	counts      map[string]uint64
	connections map[string]uint64 // of them: took no image
	examples    map[string]record.Example
}

// settled books what failed while a fleet settled with the cell whose block was
// the first to follow.
func (b *bench) settled(c *cell) {
	f := b.owed[c.line]
	delete(b.owed, c.line)
	s := &c.Samples[len(c.Samples)-1]
	record.AddErrors(&s.Errors, f.counts)
	record.AddErrors(&s.ConnectionErrors, f.connections)
	c.Keep(f.examples, s.Round)
}

// apart reports whether the modes of g are on connections of their own.
func (g *group) apart() bool {
	alive := g.alive()
	return slices.ContainsFunc(alive, func(c *cell) bool { return c.line != alive[0].line })
}
