package bench

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
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
}

// line is what cells must have in common to share a fleet.
type line struct {
	codec   string // asked of the target; empty: its own
	clients int
}

// group is the cells that are compared: one source and load, all modes. They
// share the length of their blocks.
type group struct {
	cells  []*cell
	length time.Duration
}

// newGroups lays out the cells of a run, whose records go into run: by
// source, then the closed load and the single one.
func newGroups(s Settings, run *record.Run) ([][]*group, error) {
	loads := []struct {
		name    string
		clients int
	}{{record.Closed, s.Clients}, {record.Single, 1}}
	run.Cells = make([]record.Cell, 0, len(s.Sources)*len(loads)*len(s.Modes))
	var groups [][]*group
	for _, src := range s.Sources {
		var bySource []*group
		for _, load := range loads {
			g := &group{}
			for _, mode := range s.Modes {
				traffic, err := loadgen.NewTraffic(src, mode, s.Sender, record.Echo, load.clients)
				if err != nil {
					return nil, err
				}
				run.Cells = append(run.Cells, record.Cell{
					SizeBytes: src.SizeBytes(),
					Source:    src.Name(),
					Distinct:  src.Len(),
					Mode:      mode.String(),
					Load:      load.name,
					Clients:   load.clients,
				})
				c := &cell{Cell: &run.Cells[len(run.Cells)-1], mode: mode, traffic: traffic, line: line{clients: load.clients}}
				if mode.Codec != payload.SIMD {
					c.line.codec = mode.Codec.String()
				}
				g.cells = append(g.cells, c)
			}
			bySource = append(bySource, g)
		}
		groups = append(groups, bySource)
	}
	return groups, nil
}

// address returns where a line's fleet connects.
func (l line) address(target string) string {
	u, err := url.Parse(target)
	if err != nil || l.codec == "" {
		return target
	}
	q := u.Query()
	q.Set("codec", l.codec)
	u.RawQuery = q.Encode()
	return u.String()
}

// alive returns the cells that can still be measured.
func (g *group) alive() []*cell {
	return slices.DeleteFunc(slices.Clone(g.cells), func(c *cell) bool { return c.Failed != "" })
}

// keep merges the first examples of a block into the cell.
func (c *cell) keep(examples map[string]record.Example, round int) {
	for kind, e := range examples {
		if c.Examples == nil {
			c.Examples = make(map[string]record.Example)
		}
		if _, ok := c.Examples[kind]; !ok {
			e.Round = round
			c.Examples[kind] = e
		}
	}
}

// warmed takes what a warm-up block told: the time of a round trip, or that
// the cell can't be measured.
func (c *cell) warmed(s record.Sample) {
	for kind, n := range s.Errors {
		if c.WarmupErrors == nil {
			c.WarmupErrors = make(map[string]uint64)
		}
		c.WarmupErrors[kind] += n
	}
	if s.Images == 0 || s.Seconds == 0 || s.Credit == 0 {
		c.fail("in the warm-up")
		return
	}
	c.trip = time.Duration(float64(c.Clients) * s.Seconds / s.Credit * float64(time.Second))
}

// fail gives the cell up: what it measured so far stays.
func (c *cell) fail(when string) {
	kinds := slices.Sorted(maps.Keys(c.Examples))
	var details []string
	for _, k := range kinds {
		details = append(details, fmt.Sprintf("%s: %s", k, c.Examples[k].Detail))
	}
	if len(details) == 0 {
		details = []string{"every image failed"}
	}
	c.Failed = fmt.Sprintf("no image was verified %s: %s", when, strings.Join(details, "; "))
}
