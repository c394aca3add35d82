package main

import (
	"time"

	"github.com/wsimg/wsimg/loadgen/steady"
)

// liveLoad is what must be known of a load to show it.
type liveLoad struct {
	open         bool
	ramp, length time.Duration // of its clients, and of the load behind it
	connectRate  float64       // connections begun a second; 0: as the target takes them
}

// Stages of a load that are no phases of their own.
const (
	rampingUp = "ramping up"
	draining  = "draining"
)

// stage returns where in the load p is: a phase, but what is measured has a
// ramp before it and a drain behind. A step belongs to where its middle is.
func (l liveLoad) stage(p steady.Progress) string {
	if p.Phase != steady.Measuring {
		return p.Phase
	}
	middle := 0.0
	if p.Point != nil {
		middle = max(0, p.Point.AtSeconds-p.Point.Seconds/2) // clients that come back may hold it up before it begins
	}
	switch {
	case middle < l.ramp.Seconds():
		return rampingUp
	case middle > (l.ramp + l.length).Seconds():
		return draining
	default:
		return p.Phase
	}
}
