package main

import (
	"fmt"
	"strings"

	"github.com/wsimg/wsimg/loadgen/bench"
	"github.com/wsimg/wsimg/loadgen/capacity"
	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/reports"
)

// searching says how far a search is in the words of any other progress: what is
// done next, and the bracket of each mode.
func searching(p capacity.Progress) bench.Progress {
	phase := p.Phase
	switch p.Phase {
	case record.Grow:
		phase = "growing"
	case record.Bisect:
		phase = "bisecting"
	case record.Confirm:
		phase = "confirming"
	}
	var brackets []string
	for _, b := range p.Brackets {
		brackets = append(brackets, b.Mode+" "+bracket(b))
	}
	if len(brackets) > 0 {
		phase += ": " + strings.Join(brackets, ", ")
	}
	return bench.Progress{Phase: phase, Done: p.Done, Remaining: p.Remaining, Errors: p.Errors}
}

// bracket writes what is known of a mode's capacity so far.
func bracket(b capacity.Bracket) string {
	switch {
	case b.Low == 0 && b.High == 0:
		return "not known yet"
	case b.Low == 0:
		return "below " + reports.FormatNumber(b.High)
	case b.High == 0:
		return "at least " + reports.FormatNumber(b.Low)
	}
	return fmt.Sprintf("%s–%s", reports.FormatNumber(b.Low), reports.FormatNumber(b.High))
}
