package render

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/reports"
)

// load names the load of r: what it was, then what differs from the usual.
func load(r *reports.Report) string {
	s := r.Settings
	parts := []string{reports.FormatCount(uint64(s.Clients)) + " clients"}
	if s.Clients == 1 {
		parts[0] = "1 client"
	}
	if s.Active > 0 && s.Active < s.Clients {
		parts[0] += fmt.Sprintf(", %s active", reports.FormatCount(uint64(s.Active)))
	}
	switch r.Kind() {
	case reports.Comparison:
		parts = append(parts, rounds(r.Cells))
		if s.RatePerS > 0 {
			parts = append(parts, "open load of "+reports.FormatRate(s.RatePerS))
		}
	case reports.OneLoad:
		parts = append(parts, planned(r)...)
	case reports.Search:
		parts = searchedLoad(r, parts[0])
	}
	parts = append(parts, comings(s)...)
	if s.ThinkSeconds > 0 {
		parts = append(parts, seconds(s.ThinkSeconds)+" to think")
	}
	if s.InFlight > 1 || !r.Compares() {
		parts = append(parts, reports.FormatCount(uint64(max(s.InFlight, 1)))+" in flight")
	}
	if s.Reply == record.Ack || !r.Compares() && s.Reply != "" {
		parts = append(parts, "reply "+s.Reply)
	}
	parts = append(parts, sender(r))
	if n := s.RcvbufBytes; n > 0 {
		parts = append(parts, "receive buffers of "+reports.FormatSize(int64(n)))
	}
	if len(s.Images) == 0 {
		parts = append(parts, reports.FormatCount(uint64(s.Distinct))+" distinct images a size")
	}
	return join(parts)
}

// comings names how connections come and go, as far as it differs from the
// usual.
func comings(s record.Settings) []string {
	var parts []string
	add := func(applies bool, part string) {
		if applies {
			parts = append(parts, part)
		}
	}
	add(s.RampSeconds > 0, "ramp "+seconds(s.RampSeconds))
	add(s.ConnectRatePerS > 0, "connect rate "+reports.FormatRate(s.ConnectRatePerS))
	add(len(s.LocalAddrs) == 1, "from "+strings.Join(s.LocalAddrs, ""))
	add(len(s.LocalAddrs) > 1, fmt.Sprintf("from %s local addresses", reports.FormatCount(uint64(len(s.LocalAddrs)))))
	c := s.Churn
	if c == nil {
		return parts
	}
	add(c.LifetimeImages > 0, fmt.Sprintf("lifetime %s images", reports.FormatCount(uint64(c.LifetimeImages))))
	add(c.LifetimeSeconds > 0, "lifetime "+seconds(c.LifetimeSeconds))
	if len(c.CutsSeconds) > 0 {
		instants := make([]string, len(c.CutsSeconds))
		for i, at := range c.CutsSeconds {
			instants[i] = length(at)
		}
		add(true, "cut at "+strings.Join(instants, ", "))
	}
	backoff := length(c.BackoffSeconds) + ".." + length(c.MaxBackoffSeconds)
	switch {
	case c.NoReconnect:
		add(true, "reconnect off")
	case c.Storm:
		add(true, "storm")
	default:
		add(c.MaxBackoffSeconds > 0 && (backoff != usualBackoff || len(parts) > 0), "reconnect "+backoff)
	}
	return parts
}

// usualBackoff is what clients reconnect by that nobody asked for; it is told
// where connections come and go.
const usualBackoff = "100ms..5s"

// rounds names how many rounds the cells have, from the fewest to the most.
// Blocks of an open load are long and their rounds few: they count where there
// are no others.
func rounds(cells []reports.Cell) string {
	var ns []int
	for _, c := range cells {
		if c.Load != record.Open && c.Rounds > 0 {
			ns = append(ns, c.Rounds)
		}
	}
	if ns == nil {
		for _, c := range cells {
			ns = append(ns, c.Rounds)
		}
	}
	if ns == nil {
		return ""
	}
	switch fewest, most := slices.Min(ns), slices.Max(ns); {
	case most == 1 && fewest == most:
		return "1 round"
	case fewest == most:
		return fmt.Sprintf("%d rounds", most)
	default:
		return fmt.Sprintf("%d–%d rounds", fewest, most)
	}
}

// planned names the load of a run: its rate or its stages, and how long it was to
// last.
func planned(r *reports.Report) []string {
	s := r.Settings
	if !slices.ContainsFunc(r.Cells, func(c reports.Cell) bool { return c.Load == record.Open }) {
		return []string{"back to back", seconds(s.Seconds)}
	}
	if len(s.Stages) == 0 {
		return []string{reports.FormatRate(s.RatePerS), s.Arrivals + " arrivals", seconds(s.Seconds)}
	}
	stages := make([]string, len(s.Stages))
	for i, stage := range s.Stages {
		stages[i] = reports.FormatRate(stage.FromPerS)
		if stage.ToPerS != stage.FromPerS {
			stages[i] += ".." + reports.FormatRate(stage.ToPerS)
		}
		stages[i] += ":" + seconds(stage.Seconds)
	}
	return []string{strings.Join(stages, ", "), s.Arrivals + " arrivals"}
}

// seconds writes a time as flags take it: "30s", "10m", "1h30m"; nothing of
// none.
func seconds(s float64) string {
	if s <= 0 {
		return ""
	}
	return length(s)
}

// length is seconds, but of none it is "0s".
func length(s float64) string {
	text := time.Duration(s * float64(time.Second)).String()
	if short, ok := strings.CutSuffix(text, "m0s"); ok {
		text = short + "m"
	}
	if short, ok := strings.CutSuffix(text, "h0m"); ok {
		text = short + "h"
	}
	return text
}
