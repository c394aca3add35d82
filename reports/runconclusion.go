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

// unsent is the kind of failure of images that were due and never sent, for
// their connections were never free.
const unsent = "unsent"

// declined is the kind of failure of a server that does not compress, and was
// asked to.
const declined = "declined"

// concludeRun says what one load came to: whether the server kept up with it,
// and what its images had to wait.
func concludeRun(r *Report) string {
	if r.Verdict.Kind == verdict.Void && len(r.Verdict.Evidence) > 0 {
		text := "No conclusion, the run is void: " + r.Verdict.Evidence[0].Text + "."
		if took := r.Idle.took(); took != "" {
			text += " That bears on times and CPU, and not on memory: " + took + "."
		}
		return text
	}
	var sentences []string
	stay := r.Settings.Churn != nil && r.Settings.Churn.NoReconnect
	for _, c := range r.Cells {
		if isOpen(c) {
			sentences = append(sentences, concludeOpen(c, r, stay))
		} else {
			sentences = append(sentences, concludeClosed(c, r))
		}
		sentences = append(sentences, c.concludeGaps(stay), c.Connections.concludeImages(), c.concludeFailures())
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

// concludeOpen says whether the server kept up with an open load. Where clients
// that lost their connection were to stay away, what they left undone is not its
// doing.
func concludeOpen(c Cell, r *Report, stay bool) string {
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
	rates += fmt.Sprintf(", %s achieved: ", FormatRate(*c.AchievedPerS))
	gone, kept := c.gone(), c.keptUp()
	switch {
	case stay && c.deserted():
		rates += "clients that lost their connection stayed away, as asked"
		if length := c.silence(); length != "" {
			rates += ", and nothing was verified for " + length
		}
	case kept && gone != "":
		rates += "the server " + gone + ", and caught up"
	case kept:
		rates += "the server kept up"
	case gone != "":
		rates += "the server " + gone + ", and did not keep up"
	default:
		rates += "the server did not keep up"
	}
	if n := c.Errors[unsent]; n > 0 {
		rates += fmt.Sprintf(", and %s never sent", was(n, "image"))
	}
	return rates + ". " + concludeResponse(c)
}

// gone says for how long in all the server was away or silent; empty where it
// was not, or where connections were cut, which makes gaps of its own.
func (c Cell) gone() string {
	switch {
	case len(c.Gaps) == 0, c.Connections != nil && c.Connections.Cut > 0:
		return ""
	case slices.ContainsFunc(c.Gaps, Gap.lost):
		return "was gone, as its clients saw it, for " + c.silence()
	}
	return "answered nothing for " + c.silence()
}

// silence says how long the gaps are in all; empty where there are none.
func (c Cell) silence() string {
	if len(c.Gaps) == 0 {
		return ""
	}
	var least, sum float64
	most := &sum
	for _, g := range c.Gaps {
		least += g.Seconds
		if most != nil && g.MostSeconds != nil {
			*most += *g.MostSeconds
		} else {
			most = nil
		}
	}
	return span(least, most)
}

// deserted reports whether clients that lost their connections bear on what was
// achieved.
func (c Cell) deserted() bool {
	if slices.ContainsFunc(c.Gaps, Gap.lost) {
		return true
	}
	return c.Connections != nil && c.Connections.Lost+c.Connections.Cut > 0 && !c.keptUp()
}

// keptUp reports whether the server answered what was due in an open load, and
// rightly: what failed is not achieved. What was in flight over connections that
// the generator cut itself is no fault of the server's.
func (c Cell) keptUp() bool {
	if c.ScheduledPerS == nil || c.AchievedPerS == nil {
		return c.Errors[unsent] == 0
	}
	done := *c.AchievedPerS
	if c.Seconds > 0 && c.Connections != nil && c.Connections.Cut > 0 {
		done += float64(c.Connections.LostImages) / c.Seconds
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
