package bench

import (
	"slices"
	"time"

	"github.com/wsimg/wsimg/loadgen"
	"github.com/wsimg/wsimg/loadgen/payload"
	"github.com/wsimg/wsimg/loadgen/record"
)

// cell is one (mode, source, load) under measurement.
type cell struct {
	*record.Cell
	mode    payload.Mode
	traffic *loadgen.Traffic
	line    line
	trip    time.Duration // one round trip of a client, as the warm-up saw it
	barren  int           // blocks in a row without a verified image
	ran     int           // number of its last block, of all blocks of the run
}

// line is what cells must have in common to share a fleet. Each source has its
// own: the kernel opens a connection's receive window as far as the largest
// image needs, and smaller ones then fall out of the cache on their way. On
// connections that carry 1 MB too, 100 KB runs at 0.6 of its rate.
type line struct {
	source   int
	codec    payload.CodecKind
	clients  int
	inFlight int
}

// group is the cells that are compared: one source and load, all modes. They
// share the length of their blocks.
type group struct {
	load   string
	cells  []*cell
	length time.Duration
	think  time.Duration // of a closed load
}

// newGroups lays out the cells of a run, whose records go into run: by
// source, then the loads that are asked for.
func newGroups(s Settings, run *record.Run) ([][]*group, error) {
	run.Cells = make([]record.Cell, 0, len(s.Sources)*len(s.Loads)*len(s.Modes))
	var groups [][]*group
	for k, src := range s.Sources {
		var bySource []*group
		for _, load := range loads {
			if !s.measures(load) {
				continue
			}
			g := &group{load: load}
			on := line{source: k, clients: s.Clients, inFlight: s.InFlight}
			switch load {
			case record.Closed:
				g.think = s.Think
			case record.Single:
				on = line{source: k, clients: 1, inFlight: 1}
			}
			for i, mode := range s.Modes {
				l := on
				l.codec = mode.Codec
				traffic := sharedTraffic(bySource, i, l)
				if traffic == nil {
					var err error
					if traffic, err = loadgen.NewTraffic(src, mode, s.Sender, s.Reply, l.clients); err != nil {
						return nil, err
					}
				}
				run.Cells = append(run.Cells, record.Cell{
					SizeBytes: src.SizeBytes(),
					Source:    src.Name(),
					Distinct:  src.Len(),
					Mode:      mode.String(),
					Load:      load,
					Clients:   l.clients,
				})
				g.cells = append(g.cells, &cell{Cell: &run.Cells[len(run.Cells)-1], mode: mode, traffic: traffic, line: l})
			}
			bySource = append(bySource, g)
		}
		groups = append(groups, bySource)
	}
	return groups, nil
}

// sharedTraffic returns what the i-th mode of a group before sends over the
// same line: prepared frames need not be held twice.
func sharedTraffic(before []*group, i int, l line) *loadgen.Traffic {
	for _, g := range before {
		if g.cells[i].line == l {
			return g.cells[i].traffic
		}
	}
	return nil
}

// alive returns the cells that can still be measured.
func (g *group) alive() []*cell {
	return slices.DeleteFunc(slices.Clone(g.cells), func(c *cell) bool { return c.Failed != "" })
}

// warmed takes what a warm-up block told: the time of a round trip, or that
// the cell can't be measured.
func (c *cell) warmed(s record.Sample) {
	record.AddErrors(&c.WarmupErrors, s.Errors)
	switch {
	case c.Load == record.Open && s.BlockImages > 0:
		return // one image a client is all it is given
	case s.Images == 0 || s.Seconds == 0 || s.Credit == 0:
		c.Fail("in the warm-up")
		return
	}
	c.trip = time.Duration(float64(c.Clients) * s.Seconds / s.Credit * float64(time.Second))
}
