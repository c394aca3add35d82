package capacity

import (
	"math"
	"time"

	"github.com/wsimg/wsimg/loadgen"
	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/schedule"
	"github.com/wsimg/wsimg/loadgen/search"
)

const (
	// subWindows is how many a probe has, at least: what is near its capacity
	// answers in bursts, and images that were due together fail together.
	subWindows = 12
	// searchLength and confirmLength are how long a probe lasts, at least.
	searchLength  = 1200 * time.Millisecond
	confirmLength = 2 * time.Second
	// confirmImages is how many images it takes to confirm, in at most twice the
	// time: of n that come at random there may be √n more or fewer.
	confirmImages = 3000
	// longestShare is the part of the time budget that a probe may take.
	longestShare = 12
	// plenty is how many times the images that a percentile needs a probe should
	// hold, so that sub-windows have some each.
	plenty = 1.25
	// comingRate is how many clients that think come a second, at most.
	comingRate = 2000
)

// clients is how many there are at a load.
func (s Settings) clients(load float64) int {
	if s.Find == record.FindClients {
		return int(load)
	}
	return s.Clients
}

// mostClients is how many there ever may be.
func (s Settings) mostClients() int {
	if s.Find == record.FindClients {
		return int(s.Most)
	}
	return s.Clients
}

// open reports whether images are due by plan.
func (s Settings) open() bool { return s.Think == 0 }

// rate is how many images a second a load is; of clients that think, at most.
func (s Settings) rate(load float64) float64 {
	switch {
	case s.Find == record.FindRate:
		return load
	case s.PerClient > 0:
		return load * s.PerClient
	}
	return load / s.Think.Seconds()
}

// loadOf is the load of so many images a second.
func (s Settings) loadOf(rate float64) float64 {
	switch {
	case s.Find == record.FindRate:
		return rate
	case s.PerClient > 0:
		return math.Floor(rate / s.PerClient)
	}
	return math.Floor(rate * s.Think.Seconds())
}

// samples is how many images a probe should hold, for the objectives to be
// judged.
func (s Settings) samples() float64 {
	var need int64
	for _, o := range s.Objectives {
		need = max(need, o.Needs())
	}
	return plenty * float64(need)
}

// longest is how long a probe may last.
func (s Settings) longest() time.Duration { return max(s.TimeBudget/longestShare, s.searching) }

// judgeable is the lowest load of which a probe holds the images that the objectives
// need; a few more, for there may be fewer than are to be expected.
func (s Settings) judgeable() float64 {
	rate := s.samples() / s.longest().Seconds()
	switch {
	case s.Find == record.FindRate:
		return rate
	case s.PerClient > 0:
		return rate / s.PerClient
	}
	return rate * s.Think.Seconds()
}

// length is how long a probe lasts.
func (s Settings) length(step search.Step) time.Duration {
	length := s.searching
	samples := s.samples()
	if step.Phase == record.Confirm {
		most := time.Duration(confirmImages / s.rate(step.Load) * float64(time.Second))
		length, samples = min(max(s.confirming, most), 2*s.confirming), 2*samples
	}
	// Every client is to have had a turn, and more than one.
	length = max(length, 3*s.Think, time.Duration(samples/s.rate(step.Load)*float64(time.Second)))
	return min(length, s.longest())
}

// block is a load as the fleet carries it out, for so long behind a sub-window
// that fills the pipe. Probes of one turn have the same arrivals, whatever their
// mode.
func (s Settings) block(step search.Step, turn int, length time.Duration) loadgen.Block {
	b := loadgen.Block{Redial: true, Every: length / subWindows}
	if s.open() {
		b.Load = loadgen.Load{
			Plan: schedule.Steady(s.rate(step.Load), b.Every+length), Arrivals: s.Arrivals,
			Seed: s.Seed<<32 ^ uint64(turn),
		}
		b.RampIn = b.Every
		return b
	}
	b.Load.Think, b.Length = s.Think, length
	b.Ramp = max(s.Think, time.Duration(step.Load/comingRate*float64(time.Second)))
	return b
}
