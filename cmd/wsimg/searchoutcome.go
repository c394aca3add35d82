package main

import (
	"errors"
	"fmt"

	"github.com/wsimg/wsimg/loadgen"
	"github.com/wsimg/wsimg/loadgen/verdict"
	"github.com/wsimg/wsimg/reports"
)

// wrongReplies are the kinds of failure that no load excuses: what was answered
// is not what was sent.
var wrongReplies = [...]string{
	loadgen.Foreign, loadgen.Misplaced, loadgen.Doubled, loadgen.Unasked, loadgen.Short, loadgen.Long, loadgen.Flipped, loadgen.Retyped,
}

// searchOutcome turns the end of a search for capacity into an error with its
// exit code. That images were late, unanswered or refused under too much load is
// what the search is about; that a reply was wrong is not.
func searchOutcome(report *reports.Report) error {
	var wrong uint64
	for _, c := range report.Cells {
		for _, kind := range wrongReplies {
			wrong += c.Errors[kind]
		}
	}
	known := 0
	for _, a := range report.Capacity.Answers {
		if a.Load != nil || a.Unmet {
			known++
		}
	}
	switch {
	case wrong == 1:
		return &exitError{exitFailed, errors.New("1 reply was wrong: the report says how")}
	case wrong > 0:
		return &exitError{exitFailed, fmt.Errorf("%s replies were wrong: the report says how, and gives the first of each kind", reports.FormatCount(wrong))}
	case report.Verdict.Kind == verdict.Void:
		return &exitError{exitVoid, errors.New("the measurement is void: the report says why and what to change")}
	case report.Capacity.Unmet():
		return &exitError{exitUnmet, errors.New("the objectives can't be met: the report says which, and by which mode")}
	case known < len(report.Capacity.Answers):
		return &exitError{exitFailed, errors.New("the search did not come to an end: ask for a larger --time-budget, or bound it with --min and --max")}
	}
	return nil
}
