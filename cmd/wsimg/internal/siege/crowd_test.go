//go:build slow

package siege

import (
	"flag"
	"math"
	"testing"
	"time"

	"github.com/wsimg/wsimg/cmd/wsimg/internal/outcome"
	"github.com/wsimg/wsimg/loadgen"
	"github.com/wsimg/wsimg/loadgen/payload"
	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/schedule"
	"github.com/wsimg/wsimg/loadgen/stats"
	"github.com/wsimg/wsimg/reports"
)

var (
	crowdFlag  = flag.Int("crowd", 14_900, "clients that are connected and idle, of Crowd")
	roundsFlag = flag.Int("rounds", 24, "of Crowd, which take 9 s each, and of Share, 17 s")
)

const (
	senders     = 100
	closedBlock = time.Second
	openBlock   = 3 * time.Second
	// ofCapacity is the rate of the open blocks as a share of what the closed
	// ones reach.
	ofCapacity = 0.3
	// mostSlower is by how much a crowd may slow down the others.
	mostSlower = 0.10
)

// side is one of two targets: one has the crowd, the other is there to compare.
type side struct {
	addr  string
	fleet *loadgen.Fleet
}

// pairs are blocks with the crowd and without it, measured side by side.
type pairs struct {
	with, without []measured
}

// measured is what the generator saw of a block, and what it cost the target.
type measured struct {
	record.Sample
	cpu time.Duration
}

// TestCrowd compares the service that a hundred clients get while many others
// are connected with the service that they get alone. Two targets are measured in
// turn, so that the blocks of a pair are seconds apart; in the middle the crowd
// moves to the other one, so that what is peculiar to a process cancels out.
func TestCrowd(t *testing.T) {
	p := newProgram(t)
	source, err := payload.Synthetic(p.Context(), 100_000, payload.DefaultDistinct, 1)
	if err != nil {
		t.Fatal(err)
	}
	traffic, err := loadgen.NewTraffic(source, payload.Mode{Kind: payload.Binary}, loadgen.Live, record.Echo, senders)
	if err != nil {
		t.Fatal(err)
	}
	var (
		closedLoop = loadgen.Block{Traffic: traffic, Length: closedBlock}
		sides      [2]*side
		capacity   = math.Inf(1)
	)
	for i := range sides {
		sides[i] = newSide(t, p)
		warmup := sides[i].measure(t, closedLoop)
		capacity = min(capacity, warmup.Credit/warmup.Seconds)
	}
	rate := math.Round(ofCapacity * capacity)
	var (
		closedPairs, openPairs pairs
		bystander              time.Duration // CPU of the crowded target while the other one is measured
		watched                time.Duration // how long that was
	)
	for half, crowded := range sides {
		alone := sides[1-half]
		crowd := p.horde(t, crowded.addr, group{Kind: "idle", Clients: *crowdFlag})
		sleep(p.Context(), time.Second) // the target counts a session a moment after its client
		if s, err := ask(p.Context(), crowded.addr); err != nil || int(s.Connections.Open) != *crowdFlag+senders {
			t.Fatalf("%d clients are connected, want %d (%v)", s.Connections.Open, *crowdFlag+senders, err)
		}
		for round := range *roundsFlag / 2 {
			openLoop := loadgen.Block{Traffic: traffic, Load: loadgen.Load{Plan: schedule.Steady(rate, openBlock), Seed: uint64(round + 1)}}
			for _, of := range []struct {
				pairs *pairs
				block loadgen.Block
			}{{&closedPairs, closedLoop}, {&openPairs, openLoop}} {
				with := func() { of.pairs.with = append(of.pairs.with, crowded.measure(t, of.block)) }
				without := func() {
					before, since := cpu(t, crowded.addr), time.Now()
					of.pairs.without = append(of.pairs.without, alone.measure(t, of.block))
					bystander += cpu(t, crowded.addr) - before
					watched += time.Since(since)
				}
				if round%2 == 0 {
					with()
					without()
				} else {
					without()
					with()
				}
			}
		}
		tally, err := crowd.dismiss()
		if err != nil {
			t.Fatal(err)
		}
		if n := tally["idle"][held]; n != *crowdFlag {
			t.Errorf("of the crowd %d clients held out, want %d: %v", n, *crowdFlag, tally)
		}
	}
	o := judgeCrowd(closedPairs, openPairs)
	o.Setting = p.setting("%d rounds, %d clients that send images of 100 KB as binary, alone and beside %d idle ones, to a target with store discard", *roundsFlag, senders, *crowdFlag)
	o.Notef("Open loop: %.0f images/s, %.0f %% of what the closed loop reached at first. A target with nothing but the crowd uses %.2f %% of a core.",
		rate, 100*ofCapacity, 100*bystander.Seconds()/watched.Seconds())
	p.Finish(t, o, place)
}

// newSide starts a target and connects a hundred clients to it.
func newSide(t *testing.T, p program) *side {
	t.Helper()
	child := p.target(t, "--store", "discard")
	fleet, err := loadgen.Dial(p.Context(), loadgen.Settings{URL: child.URL(), Clients: senders})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { fleet.Close() })
	return &side{addr(child.URL()), fleet}
}

// measure drives one block, in which nothing may fail.
func (s *side) measure(t *testing.T, b loadgen.Block) measured {
	t.Helper()
	before := cpu(t, s.addr)
	sample, examples, err := s.fleet.Run(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	if len(sample.Errors) > 0 {
		t.Fatalf("images failed: %v: %v", sample.Errors, examples)
	}
	return measured{sample, cpu(t, s.addr) - before}
}

func judgeCrowd(closedPairs, openPairs pairs) *outcome.Outcome {
	o := &outcome.Outcome{
		Program: "Crowd",
		Header:  []string{"metric", "alone", "with the crowd", "difference", "interval", "bar"},
	}
	rate := func(m measured) float64 { return m.Credit / m.Seconds }
	perImage := func(m measured) float64 { return float64(m.cpu.Microseconds()) / float64(m.BlockImages) }
	for _, metric := range []struct {
		name, unit string
		pairs      pairs
		of         func(measured) float64
		bar        float64
	}{
		{"closed: images/s", "", closedPairs, rate, 1 - mostSlower},
		{"closed: target CPU per image", " µs", closedPairs, perImage, 1 + mostSlower},
		{"open: target CPU per image", " µs", openPairs, perImage, 1 + mostSlower},
	} {
		with, without := each(metric.pairs.with, metric.of), each(metric.pairs.without, metric.of)
		e, ok := stats.Paired(with, without)
		if !ok {
			o.Missf("%s: no rounds", metric.name)
			continue
		}
		compare(o, metric.name, reports.FormatNumber(stats.Median(without))+metric.unit, reports.FormatNumber(stats.Median(with))+metric.unit, e, metric.bar)
		if slower := e.Ratio; slower < metric.bar && metric.bar < 1 || slower > metric.bar && metric.bar > 1 {
			o.Missf("%s: %s", metric.name, reports.FormatDifference(e.Ratio))
		}
	}
	with, without := each(openPairs.with, response), each(openPairs.without, response)
	for _, metric := range []struct {
		name string
		q    float64
		// sure is set to hold the near end of the interval against the bar.
		sure bool
	}{{"open: p50", 0.5, false}, {"open: p99", 0.99, true}} {
		e, ok := stats.QuantileRatio(with, without, metric.q, 1)
		if !ok {
			o.Missf("%s: too few images", metric.name)
			continue
		}
		alone, _ := stats.Merge(without...).Quantile(metric.q)
		crowded, _ := stats.Merge(with...).Quantile(metric.q)
		compare(o, metric.name, reports.FormatNumber(float64(alone)/1e6)+" ms", reports.FormatNumber(float64(crowded)/1e6)+" ms", e, 1+mostSlower)
		slower := e.Ratio
		if metric.sure && e.Interval != nil {
			slower = e.Interval.Low
		}
		if slower > 1+mostSlower {
			o.Missf("%s: %s", metric.name, reports.FormatDifference(e.Ratio))
		}
	}
	return o
}

// compare adds a line of the table.
func compare(o *outcome.Outcome, name, alone, crowded string, e stats.Estimate, bar float64) {
	o.Row(name, alone, crowded, reports.FormatDifference(e.Ratio), interval(e), reports.FormatDifference(bar))
}

// each returns one figure of every block.
func each[B, T any](blocks []B, of func(B) T) []T {
	xs := make([]T, len(blocks))
	for i, b := range blocks {
		xs[i] = of(b)
	}
	return xs
}

// response returns how long the images of a block took, from when they were due.
func response(m measured) stats.Distribution { return distribution(m.Response) }
