package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/reports"
)

// point is what is known of one server and one mode at one image size: as it
// was measured, or interpolated. Nil is not known.
type point struct {
	size  float64 // bytes
	fault string  // why there is no capacity; empty: there is
	unmet bool    // for its objectives were missed at the least load

	capacity, low, high *float64 // images/s
	atLeast             bool     // the capacity is a lower bound: no load that was tried was too much
	bracket             bool     // the capacity is the highest load that passed, and high the lowest that failed
	cpu                 *float64 // µs of the target, an image
	sent, received      *float64 // WebSocket bytes an image, client to target and back
	beyond              *float64 // bytes of memory at capacity, beyond base and connections
	base, connection    *float64 // bytes of memory, without and for each connection
}

// ratio is how many times the capacity of a mode the baseline's is, at one size.
type ratio struct {
	size      float64
	low, high *float64 // its 95 % interval
}

// evidence is all that the runs measured of one mode, by size, ascending.
type evidence struct {
	mode   string
	points []point
	ratios []ratio // of the baseline to this mode; none for the baseline
}

// gather returns what runs tell of every mode, the baseline first.
func gather(runs []*reports.Report, in Input) ([]evidence, error) {
	sizes := make([]float64, len(runs))
	for i, r := range runs {
		size, err := sizeOf(r)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", in.name(i), err)
		}
		if k := slices.Index(sizes[:i], size); k >= 0 {
			return nil, fmt.Errorf("%s and %s both measured %s: give one run of each size", in.name(k), in.name(i), reports.FormatSize(int64(size)))
		}
		sizes[i] = size
	}
	modes := slices.Clone(runs[0].Settings.Modes)
	baseline := runs[0].Settings.Baseline
	slices.SortStableFunc(modes, func(a, b string) int {
		return cmp.Compare(b2i(a != baseline), b2i(b != baseline))
	})
	all := make([]evidence, len(modes))
	for m, mode := range modes {
		all[m].mode = mode
		for i, r := range runs {
			all[m].points = append(all[m].points, pointOf(r, mode, sizes[i]))
			for _, q := range r.Capacity.Ratios {
				if q.Mode == mode && q.Baseline == baseline {
					all[m].ratios = append(all[m].ratios, ratio{sizes[i], q.Low, q.High})
				}
			}
		}
		slices.SortFunc(all[m].points, func(a, b point) int { return cmp.Compare(a.size, b.size) })
		slices.SortFunc(all[m].ratios, func(a, b ratio) int { return cmp.Compare(a.size, b.size) })
	}
	return all, nil
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// sizeOf returns the one size that a run measured.
func sizeOf(r *reports.Report) (float64, error) {
	var sizes []int64
	for _, c := range r.Cells {
		sizes = append(sizes, c.SizeBytes)
	}
	if len(sizes) == 0 {
		sizes = slices.Clone(r.Settings.SizesBytes)
	}
	slices.Sort(sizes)
	sizes = slices.Compact(sizes)
	if len(sizes) != 1 || sizes[0] <= 0 {
		return 0, fmt.Errorf("the run holds %s of images: give runs of one size each", count(float64(len(sizes)), "size"))
	}
	return float64(sizes[0]), nil
}

// pointOf returns what a run tells of a mode.
func pointOf(r *reports.Report, mode string, size float64) point {
	p := point{size: size, base: r.Capacity.BaseBytes, connection: r.Capacity.BytesPerConnection}
	i := slices.IndexFunc(r.Capacity.Answers, func(a reports.CapacityAnswer) bool { return a.Mode == mode })
	if i < 0 {
		p.fault = "it was not searched for"
		return p
	}
	a := r.Capacity.Answers[i]
	p.cpu, p.sent, p.received, p.beyond = a.TargetCPUUsPerImage, a.WireBytesSent, a.WireBytesReceived, a.TargetBytesBeyond
	if a.Unmet {
		p.fault, p.unmet = "even the least load that was tried failed "+strings.Join(r.Capacity.Objectives, ", "), true
		return p
	}
	load, ok := p.carried(a)
	if !ok {
		p.fault = "no answer: the search did not come to an end"
		return p
	}
	perLoad, ok := imagesPerLoad(r.Capacity, a)
	if !ok {
		p.fault, p.atLeast, p.bracket = "how many images/s its clients sent is not known", false, false
		return p
	}
	p.capacity = number(load * perLoad)
	p.low, p.high = times(p.low, perLoad), times(p.high, perLoad)
	return p
}

// carried returns the load of an answer that a server is planned to carry, and
// notes in p how well that is known, in loads. Without an interval it is the
// highest load that passed: the middle of a bracket was not seen to be carried.
func (p *point) carried(a reports.CapacityAnswer) (load float64, ok bool) {
	positive := func(x *float64) bool { return x != nil && *x > 0 }
	switch {
	case a.Unbounded && positive(a.Passed):
		p.atLeast = true
		return *a.Passed, true
	case a.Unbounded && positive(a.Load):
		p.atLeast = true
		return *a.Load, true
	case positive(a.Load) && positive(a.Low) && a.High != nil:
		p.low, p.high = number(min(*a.Low, *a.Load)), number(max(*a.High, *a.Load))
		return *a.Load, true
	case positive(a.Passed) && positive(a.Failed):
		p.bracket = true
		p.low, p.high = number(min(*a.Passed, *a.Failed)), number(max(*a.Passed, *a.Failed))
		return *p.low, true
	case positive(a.Passed):
		p.atLeast = true
		return *a.Passed, true
	}
	return 0, false
}

// imagesPerLoad returns the images/s of one image/s or client of an answer.
func imagesPerLoad(c *reports.Capacity, a reports.CapacityAnswer) (perS float64, ok bool) {
	switch {
	case c.Find == record.FindRate:
		return 1, true
	case a.ImagesPerS != nil && *a.ImagesPerS > 0 && a.Load != nil && *a.Load > 0:
		return *a.ImagesPerS / *a.Load, true
	}
	return c.PerClientPerS, c.PerClientPerS > 0
}

// held returns the most connections that any run had open to one server.
func held(runs []*reports.Report) int {
	most := 0
	for _, r := range runs {
		most = max(most, r.Capacity.MemoryConnections)
		for _, a := range r.Capacity.Answers {
			most = max(most, a.ClientsAtConfirmed)
		}
	}
	return most
}

// replyOf returns what the target answered, which older runs do not tell.
func replyOf(r *reports.Report) string { return cmp.Or(r.Settings.Reply, record.Echo) }
