package proof

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/reports"
)

// visit is one image as the delaying server saw it.
type visit struct {
	session uint64        // its connection's number
	arrived time.Duration // since the server started
	replied time.Duration // when the reply was handed to the kernel
	planned time.Duration // the delay that was drawn
}

// cell is a mode under a load.
type cell struct{ mode, load string }

// cycles are the times from an image's arrival to the next one's, of one
// client going back to back, as the server saw them: what the client calls one
// round trip, and every reciprocal an image a second.
type cycles []time.Duration

// recorded is what a server saw of the blocks that enter a run's estimates.
type recorded map[cell]cycles

// read cuts the server's log of every mode into the blocks of the run, which
// one client made back to back under the closed and the single load.
//
// The log also holds the warm-up, and the images by which the connections that
// such modes get for each block are settled, and gaps don't tell where blocks
// begin. But the run says how many images each moved, and in which order: the
// log is cut from its end, and what else was on a block's connection is left
// out.
func read(run *record.Run, log map[string][]visit) (recorded, error) {
	seen := make(recorded)
	for _, mode := range run.Settings.Modes {
		visits := log[mode]
		for _, b := range slices.Backward(blocks(run, mode)) {
			n := int(b.BlockImages)
			if len(b.Errors) > 0 {
				return nil, fmt.Errorf("%s, round %d: images failed: %v", mode, b.Round, b.Errors)
			}
			if n > len(visits) {
				return nil, fmt.Errorf("%s, round %d: the run has %d images, and the server saw %d", mode, b.Round, n, len(visits))
			}
			block := visits[len(visits)-n:]
			visits = visits[:len(visits)-n]
			for len(visits) > 0 && n > 0 && visits[len(visits)-1].session == block[0].session {
				visits = visits[:len(visits)-1]
			}
			if b.Repeated {
				continue
			}
			cs, err := window(block, time.Duration(b.Seconds*float64(time.Second)))
			if err != nil {
				return nil, fmt.Errorf("%s, round %d of the %s load: %w", mode, b.Round, b.load, err)
			}
			at := cell{mode, b.load}
			seen[at] = append(seen[at], cs...)
		}
	}
	return seen, nil
}

// sample is a block and its load.
type sample struct {
	*record.Sample
	load string
}

// blocks returns a mode's blocks in the order they were measured: in each
// round the closed load comes before the single one.
func blocks(run *record.Run, mode string) []sample {
	var all []sample
	for i := range run.Cells {
		c := &run.Cells[i]
		if c.Mode != mode {
			continue
		}
		for j := range c.Samples {
			all = append(all, sample{&c.Samples[j], c.Load})
		}
	}
	slices.SortFunc(all, func(a, b sample) int {
		return cmp.Or(cmp.Compare(a.Round, b.Round), cmp.Compare(a.load, b.load))
	})
	return all
}

// window returns the cycles of a block that lie in its window, which opens
// with the reply to the first image: that one's is left out, and the last
// image has none.
func window(block []visit, length time.Duration) (cycles, error) {
	if len(block) < 3 {
		return nil, errors.New("it has less than three images: ask for longer blocks")
	}
	var cs cycles
	for i := 1; i+1 < len(block); i++ {
		cs = append(cs, block[i+1].arrived-block[i].arrived)
	}
	// Cut at the wrong place, a block would hold a pause between two.
	if span := block[len(block)-1].arrived - block[1].arrived; span > length*3/2 {
		return nil, fmt.Errorf("its images took the server %v, in a window of %v: log and run don't fit", span, length)
	}
	return cs, nil
}

// append adds what was seen in another run.
func (r recorded) append(more recorded) {
	for at, cs := range more {
		r[at] = append(r[at], cs...)
	}
}

// truths are the metrics that the server can tell the ratio of, mode /
// baseline. With one client a rate is the reciprocal of the mean cycle, and
// response time is the cycle itself: an image is due when the one before was
// verified.
var truths = map[string]struct {
	load  string
	ratio func(mode, baseline cycles) float64
}{
	reports.ImagesRate: {record.Closed, func(m, b cycles) float64 { return b.mean() / m.mean() }},
	reports.ResponseP50: {record.Single, func(m, b cycles) float64 {
		return float64(m.quantile(0.50)) / float64(b.quantile(0.50))
	}},
	reports.ResponseP99: {record.Single, func(m, b cycles) float64 {
		return float64(m.quantile(0.99)) / float64(b.quantile(0.99))
	}},
}

// truth returns the ratio that the server saw in a metric, and false when it
// can't tell.
func (r recorded) truth(metric, mode, baseline string) (float64, bool) {
	t, ok := truths[metric]
	m, b := r[cell{mode, t.load}], r[cell{baseline, t.load}]
	if !ok || len(m) == 0 || len(b) == 0 {
		return 0, false
	}
	return t.ratio(m, b), true
}

// mean returns the mean in seconds.
func (cs cycles) mean() float64 {
	var sum time.Duration
	for _, c := range cs {
		sum += c
	}
	return sum.Seconds() / float64(len(cs))
}

// quantile returns the q-quantile by nearest rank.
func (cs cycles) quantile(q float64) time.Duration {
	sorted := slices.Sorted(slices.Values(cs))
	return sorted[min(int(q*float64(len(sorted))), len(sorted)-1)]
}
