//go:build slow

package proof

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/wsimg/wsimg/loadgen/record"
)

// The two modes of a run against the delaying server, and the delay of the
// first.
const (
	plainMode   = "binary"
	delayedMode = "binary#2"
	plainDelay  = 4 * time.Millisecond
)

// delayedRun is a run against a server of its own, and what that saw.
type delayedRun struct {
	delay time.Duration // usual, of the second mode
	run   *record.Run
	seen  recorded
	late  []time.Duration // beyond the delay that was drawn, image by image
}

// against runs wsimg against a new server for every one of the delays, several
// at a time, with one client. Seeds count up from the first.
func (p program) against(t *testing.T, delays []time.Duration, jitter float64, firstSeed int, args ...string) []delayedRun {
	t.Helper()
	made := make([]delayedRun, len(delays))
	group, ctx := errgroup.WithContext(p.Context())
	group.SetLimit(*parallelFlag)
	for i, delay := range delays {
		group.Go(func() error {
			if ctx.Err() != nil {
				return ctx.Err() // one has failed: start no more
			}
			one, err := p.delayed(delay, jitter, uint64(firstSeed+i), args...)
			if err != nil {
				return fmt.Errorf("run %d, with %v: %w", i+1, delay, err)
			}
			made[i] = one
			t.Logf("run %d of %d, %v against %v: %d rounds", i+1, len(delays), delay, plainDelay, rounds(one.run))
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	return made
}

func (p program) delayed(delay time.Duration, jitter float64, seed uint64, args ...string) (one delayedRun, err error) {
	s, err := serve(map[string]time.Duration{plainMode: plainDelay, delayedMode: delay}, jitter, seed)
	if err != nil {
		return one, err
	}
	run, err := p.bench(append([]string{
		"--url", s.url, "--modes", "binary,binary", "--clients", "1", "--sizes", "2KB",
		"--rounds", fmt.Sprint(*roundsFlag), "--warmup", "400ms", "--seed", fmt.Sprint(seed),
	}, args...)...)
	log, fault := s.close()
	if err != nil {
		return one, err
	}
	if fault != nil {
		return one, fault
	}
	seen, err := read(run, log)
	if err != nil {
		return one, fmt.Errorf("compare the run with the server's log: %w", err)
	}
	one = delayedRun{delay: delay, run: run, seen: seen}
	for _, visits := range log {
		for _, v := range visits {
			one.late = append(one.late, v.replied-v.arrived-v.planned)
		}
	}
	return one, nil
}

// punctuality says how exactly the servers kept to their delays.
func punctuality(made []delayedRun) string {
	var late cycles
	for _, one := range made {
		late = append(late, one.late...)
	}
	return fmt.Sprintf("The servers replied %v later than they meant to in the median, %v at the 99th percentile.",
		late.quantile(0.50).Round(time.Microsecond), late.quantile(0.99).Round(time.Microsecond))
}

// recordsOf returns the runs alone.
func recordsOf(made []delayedRun) []*record.Run {
	var all []*record.Run
	for _, one := range made {
		all = append(all, one.run)
	}
	return all
}

// together returns what all the servers saw.
func together(made []delayedRun) recorded {
	all := make(recorded)
	for _, one := range made {
		all.append(one.seen)
	}
	return all
}

// with returns the runs with one delay.
func with(made []delayedRun, delay time.Duration) []delayedRun {
	return slices.DeleteFunc(slices.Clone(made), func(one delayedRun) bool { return one.delay != delay })
}
