package reports

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/wsimg/wsimg/loadgen/verdict"
)

// keptUp is the share of the images due that a server has to answer in time to
// have kept up: a load that ends owes the last of them.
const keptUp = 0.98

// The kinds of failure that a server too slow for its load makes: images that
// were due and never sent, for their connections were never free, and those
// never answered.
const (
	unsent     = "unsent"
	unanswered = "unanswered"
)

// declined is the kind of failure of a server that does not compress, and was
// asked to.
const declined = "declined"

// concludeRun says what one load came to: whether the server kept up with it,
// and what its images had to wait.
func concludeRun(r *Report) string {
	if r.Verdict.Kind == verdict.Void && len(r.Verdict.Evidence) > 0 {
		return "No conclusion, the run is void: " + r.Verdict.Evidence[0].Text + "."
	}
	var sentences []string
	for _, c := range r.Cells {
		if isOpen(c) {
			sentences = append(sentences, concludeOpen(c, r))
		} else {
			sentences = append(sentences, concludeClosed(c, r))
		}
		sentences = append(sentences, concludeGaps(c.Gaps))
		if len(c.Gaps) == 0 {
			sentences = append(sentences, c.Connections.conclude(c.Clients))
		}
		sentences = append(sentences, c.Connections.concludeImages(), c.concludeFailures())
	}
	sentences = append(sentences, r.Idle.conclude())
	if r.Incomplete != "" {
		sentences = append(sentences, "The run is incomplete.")
	}
	if r.Verdict.Kind == verdict.Shared {
		sentences = append(sentences, "Both ends shared one machine: size nothing by this.")
	}
	return strings.Join(slices.DeleteFunc(sentences, func(s string) bool { return s == "" }), " ")
}

func concludeOpen(c Cell, r *Report) string {
	if c.RequestedPerS == nil || c.AchievedPerS == nil {
		return "Nothing was measured."
	}
	rates := fmt.Sprintf("%s requested", FormatRate(*c.RequestedPerS))
	if len(r.Settings.Stages) > 1 {
		rates += fmt.Sprintf(" on average over %d stages", len(r.Settings.Stages))
	}
	if c.ScheduledPerS != nil {
		rates += fmt.Sprintf(", %s scheduled", FormatRate(*c.ScheduledPerS))
	}
	rates += fmt.Sprintf(", %s achieved: the server ", FormatRate(*c.AchievedPerS))
	if c.keptUp() {
		return rates + "kept up. " + concludeResponse(c)
	}
	rates += "did not keep up"
	if n := c.Errors[unsent]; n > 0 {
		rates += fmt.Sprintf(", and %s never sent", was(n, "image"))
	}
	return rates + ". " + concludeResponse(c)
}

// keptUp reports whether the server answered what was due in an open load.
// An image that failed was answered, if wrongly, or is told of as failed.
func (c Cell) keptUp() bool {
	if c.ScheduledPerS == nil || c.AchievedPerS == nil {
		return c.Errors[unsent] == 0
	}
	done := *c.AchievedPerS
	if c.Seconds > 0 {
		answered := float64(c.ErrorCount) - float64(c.attempts()+c.Errors[unsent]+c.Errors[unanswered])
		done += max(answered, 0) / c.Seconds
	}
	return done >= keptUp**c.ScheduledPerS && c.Errors[unsent] == 0
}

func concludeClosed(c Cell, r *Report) string {
	if c.ImagesPerS == nil || c.GoodputBytesPerS == nil {
		return "Nothing was measured."
	}
	text := fmt.Sprintf("%s, %s/s of images, over %s back to back", FormatRate(*c.ImagesPerS),
		FormatSize(int64(*c.GoodputBytesPerS)), count(uint64(c.Clients), "client"))
	if think := r.Settings.ThinkSeconds; think > 0 {
		text += fmt.Sprintf(" with %v to think", time.Duration(think*float64(time.Second)))
	}
	return text + ". " + concludeResponse(c)
}

// concludeResponse says how long images took, at the highest percentile up to
// p99 that there is, and what of it they spent waiting for their connection.
func concludeResponse(c Cell) string {
	type pick func(Latency) *float64
	for _, tail := range []struct {
		name string
		of   pick
	}{
		{"p99", func(l Latency) *float64 { return l.P99 }},
		{"p90", func(l Latency) *float64 { return l.P90 }},
		{"p50", func(l Latency) *float64 { return l.P50 }},
		{"maximum", func(l Latency) *float64 { return l.Max }},
	} {
		response := tail.of(c.Response)
		if response == nil {
			continue
		}
		least := ""
		if c.Response.IsLowerBound(response) {
			least = "at least "
		}
		parts := []string{fmt.Sprintf("Response time has %s%s at %s", least, FormatSpan(*response), tail.name)}
		if service := tail.of(c.Service); service != nil {
			parts = append(parts, fmt.Sprintf("service time %s", FormatSpan(*service)))
		}
		if wait := tail.of(c.Wait); wait != nil && isOpen(c) {
			parts = append(parts, fmt.Sprintf("wait %s", FormatSpan(*wait)))
		}
		return enumerate(slices.Clip(parts), "and") + "."
	}
	return "No image was answered."
}
