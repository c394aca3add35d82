//go:build slow

package siege

import (
	"fmt"
	"testing"
	"time"

	"github.com/wsimg/wsimg/cmd/wsimg/internal/outcome"
	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/schedule"
	"github.com/wsimg/wsimg/loadgen/stats"
	"github.com/wsimg/wsimg/reports"
	"github.com/wsimg/wsimg/target"
)

const (
	fewClients = 16
	shareRate  = 500 // images a second, of all clients together
	shareBlock = 8 * time.Second
	// mostDearer is by how much an image may cost a generator more CPU for being
	// one of many clients'.
	mostDearer = 0.20
)

// shared is what a block cost both ends.
type shared struct {
	record.Sample
	user, system time.Duration // of the generator's process
	target       time.Duration
}

// TestShare compares what an image costs the generator when it comes from one of
// few clients and from one of many, at the same rate. Two generators are measured
// in turn; half-way they change targets, so that what is peculiar to one of these
// cancels out.
func TestShare(t *testing.T) {
	needProc(t)
	p := newProgram(t)
	targets := []*target.Child{p.target(t, "--store", "discard"), p.target(t, "--store", "discard")}
	var few, many []shared
	for half := range targets {
		sides := []struct {
			g       *generator
			at      *target.Child
			clients int
			blocks  *[]shared
		}{
			{at: targets[half], clients: fewClients, blocks: &few},
			{at: targets[1-half], clients: *manyFlag, blocks: &many},
		}
		for i, s := range sides {
			g := p.generator(t, crew{URL: s.at.URL(), Clients: s.clients, ImageBytes: 100_000})
			if _, err := g.connect(); err != nil {
				t.Fatal(err)
			}
			// Each client has sent an image before it is measured.
			g.share(t, s.at, stint{Rate: float64(*manyFlag) / roundTime.Seconds(), Length: roundTime, Arrivals: schedule.Constant})
			sides[i].g = g
		}
		for round := range *roundsFlag / 2 {
			for i := range sides {
				s := sides[(i+round)%2]
				*s.blocks = append(*s.blocks, s.g.share(t, s.at, stint{
					Rate: shareRate, Length: shareBlock, Arrivals: schedule.Poisson, Seed: uint64(half**roundsFlag + round + 1),
				}))
			}
		}
		for _, s := range sides {
			if failures, err := s.g.dismiss(); err != nil || len(failures) > 0 {
				t.Fatalf("dismissed: failures %v, %v", failures, err)
			}
		}
	}
	o := judgeShare(few, many)
	o.Setting = p.setting("%d rounds of %v, %d images/s of 100 KB as binary from %d clients and from %d, all of which send, to targets with store discard",
		len(many), shareBlock, shareRate, fewClients, *manyFlag)
	o.Notef("An image's CPU has the beginning and the end of a block in it, and leaves out what waiting for the instants of images took, which is in the next line. What the kernel's part is, it counts itself, in steps of 10 ms: there is no interval where a block has none.")
	p.Finish(t, o, place)
}

// share drives one block, in which nothing may fail.
func (g *generator) share(t *testing.T, at *target.Child, s stint) shared {
	t.Helper()
	user, system := usage(t, g.pid())
	served := cpu(t, addr(at.URL()))
	sample, examples, err := g.drive(s)
	if err != nil {
		t.Fatal(err)
	}
	if len(sample.Errors) > 0 || sample.BlockImages == 0 {
		t.Fatalf("%d images, failures: %v: %v", sample.BlockImages, sample.Errors, examples)
	}
	b := shared{Sample: sample, target: cpu(t, addr(at.URL())) - served}
	userNow, systemNow := usage(t, g.pid())
	b.user, b.system = userNow-user, systemNow-system
	return b
}

func judgeShare(few, many []shared) *outcome.Outcome {
	o := &outcome.Outcome{
		Program: "Share",
		Header:  []string{"metric", fmt.Sprintf("%d clients", fewClients), fmt.Sprintf("%d clients", *manyFlag), "difference", "interval", "bar"},
	}
	perImage := func(ns func(shared) int64) func(shared) float64 {
		return func(b shared) float64 { return float64(ns(b)) / 1e3 / float64(b.BlockImages) }
	}
	for _, metric := range []struct {
		name string
		of   func(shared) float64 // µs
		bar  float64              // 0: none
	}{
		{"generator CPU per image", perImage(func(b shared) int64 { return b.GeneratorCPUNs }), 1 + mostDearer},
		{"… with waiting for instants", perImage(func(b shared) int64 { return b.GeneratorCPUNs + b.PacerCPUNs }), 0},
		{"… of it in the kernel", perImage(func(b shared) int64 { return b.system.Nanoseconds() }), 0},
		{"… of it the generator's own", perImage(func(b shared) int64 { return b.user.Nanoseconds() }), 0},
		{"target CPU per image", perImage(func(b shared) int64 { return b.target.Nanoseconds() }), 0},
	} {
		one, all := each(few, metric.of), each(many, metric.of)
		e, ok := stats.Paired(all, one)
		if !ok {
			o.Missf("%s: no rounds", metric.name)
			continue
		}
		barred(o, metric.name, reports.FormatNumber(stats.Median(one))+" µs", reports.FormatNumber(stats.Median(all))+" µs", e, metric.bar)
	}
	responses := func(b shared) stats.Distribution { return distribution(b.Response) }
	one, all := each(few, responses), each(many, responses)
	if e, ok := stats.QuantileRatio(all, one, 0.5, 1); ok {
		barred(o, "response p50", quantile(stats.Merge(one...), 0.5, time.Millisecond)+" ms", quantile(stats.Merge(all...), 0.5, time.Millisecond)+" ms", e, 0)
	}
	return o
}

// barred adds a line of the table, and what was missed. A bar of 0 is none.
func barred(o *outcome.Outcome, name, few, many string, e stats.Estimate, bar float64) {
	if bar == 0 {
		o.Row(name, few, many, reports.FormatDifference(e.Ratio), interval(e), "–")
		return
	}
	compare(o, name, few, many, e, bar)
	if e.Ratio > bar {
		o.Missf("%s: %s", name, reports.FormatDifference(e.Ratio))
	}
}
