package bench

import (
	"math"
	"slices"
	"time"

	"github.com/wsimg/wsimg/loadgen"
	"github.com/wsimg/wsimg/loadgen/audit"
	"github.com/wsimg/wsimg/loadgen/payload"
	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/steps"
)

// storeOff is how a target calls the store that only echoes, and checks UTF-8.
const storeOff = "off"

// cell is one (mode, source, load) under measurement.
type cell struct {
	*record.Cell
	mode    payload.Mode
	traffic *loadgen.Traffic
	line    line
	steps   *steps.Steps  // nil: another cell's samples hold them
	trip    time.Duration // one round trip of a client, the shortest block mean
	barren  int           // blocks in a row without a verified image
	ran     int           // number of its last block, of all blocks of the run
}

// newGroups lays out the cells of a run, whose records go into run: by
// source, then the loads that are asked for. With an auditor, which may be nil,
// every image is counted.
func newGroups(s Settings, run *record.Run, auditor *audit.Auditor) ([][]*group, error) {
	run.Cells = make([]record.Cell, 0, len(s.Sources)*len(s.Loads)*len(s.Modes))
	apart := steps.Settings{
		Sender: s.Sender,
		Reply:  s.Reply,
		UTF8:   run.Environment.Target != nil && run.Environment.Target.Store == storeOff,
	}
	var groups [][]*group
	for k, src := range s.Sources {
		var bySource []*group
		for _, load := range loads {
			if !s.measures(load) {
				continue
			}
			g := &group{load: load, quota: math.MaxInt}
			if load == record.Closed {
				g.think = s.Think
			}
			for i, mode := range s.Modes {
				l := s.line(k, load, mode)
				traffic := sharedTraffic(bySource, i, l)
				if traffic == nil {
					var err error
					if traffic, err = loadgen.NewTraffic(src, mode, s.Sender, s.Reply, l.clients); err != nil {
						return nil, err
					}
					if auditor != nil {
						traffic.Audit(auditor.Book(src))
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
				c := &cell{Cell: &run.Cells[len(run.Cells)-1], mode: mode, traffic: traffic, line: l}
				if load == record.Closed || load == record.Single && !s.measures(record.Closed) {
					c.steps = steps.New(src, mode, apart)
				}
				g.cells = append(g.cells, c)
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
	c.timed(s)
}

// timed takes how long a round trip took in a block: the least of all blocks
// says it, for what disturbs only adds.
func (c *cell) timed(s record.Sample) {
	if s.Seconds == 0 || s.Credit == 0 {
		return
	}
	trip := time.Duration(float64(c.Clients) * s.Seconds / s.Credit * float64(time.Second))
	if c.trip == 0 || trip < c.trip {
		c.trip = trip
	}
}

// alive returns the cells that can still be measured.
func (g *group) alive() []*cell {
	return slices.DeleteFunc(slices.Clone(g.cells), func(c *cell) bool { return c.Failed != "" })
}
