package plan

import (
	"fmt"
	"math"
	"strings"

	"github.com/wsimg/wsimg/loadgen/verdict"
	"github.com/wsimg/wsimg/reports"
)

// conclude says what the fleets come to, and what the baseline saves.
func conclude(p *Plan, m *maker) string {
	var sentences []string
	if p.Verdict != verdict.Valid {
		sentences = append(sentences, shaky(p.Verdict))
	}
	first := p.Fleets[0]
	sentences = append(sentences, fmt.Sprintf("At peak %s images/s come over %s.",
		reports.FormatNumber(*first.Images.Value), count(*first.Connections.Value, "connection")))
	var takes []string
	for _, f := range p.Fleets {
		if f.Fault != "" {
			sentences = append(sentences, fmt.Sprintf("%s can't be planned: %s.", f.Mode, f.Fault))
			continue
		}
		takes = append(takes, fmt.Sprintf("%s takes %s", f.Mode, serversIn(f.Servers)))
	}
	sentences = append(sentences, enumerate(takes)+", spares included"+m.crowding(p)+".")
	for _, f := range p.Fleets[1:] {
		if s := concludeSaving(p, f.Mode); s != "" {
			sentences = append(sentences, s)
		}
	}
	return strings.Join(sentences, " ")
}

// shaky is what must be said of a plan before all else.
func shaky(k verdict.Kind) string {
	if k == verdict.Void {
		return "NOT TO BE RELIED ON: planned from a void run, whose figures are not the server's."
	}
	return "Target and generator shared one machine: a server has what both reached together, so compare modes by this, and buy nothing by it."
}

// serversIn writes a number of servers with its interval.
func serversIn(f Figure) string {
	text := count(*f.Value, "server")
	switch {
	case f.Bound == AtMost:
		return "at most " + text
	case f.Bound == Perhaps && f.Low != nil && *f.Low != *f.High:
		return fmt.Sprintf("perhaps %s to %s", grouped(*f.Low), count(*f.High, "server"))
	case f.Bound == Perhaps:
		return "perhaps " + text
	}
	if f.Low != nil && *f.Low != *f.High {
		text += fmt.Sprintf(" [%s–%s]", grouped(*f.Low), grouped(*f.High))
	}
	return text
}

// crowding is the clause that servers hold more connections than were ever open
// to the measured one; empty where they don't, or are told how many they hold.
func (m *maker) crowding(p *Plan) string {
	most := 0.0
	for _, f := range p.Fleets {
		if f.Servers.Value != nil {
			most = max(most, math.Ceil(m.connections.value/(*f.Servers.Value-m.spare.value)))
		}
	}
	if m.perServer > 0 || most <= float64(m.held) {
		return ""
	}
	return fmt.Sprintf(", if one holds %s, where at most %s were ever open to the measured one (--connections-per-server bounds it)",
		count(most, "connection"), grouped(float64(m.held)))
}

// concludeSaving says what the baseline saves against a mode: servers, traffic
// and money. A mode of the same kind, which saves nothing, is no sentence.
func concludeSaving(p *Plan, mode string) string {
	of := func(key string) *Saving {
		for i := range p.Savings {
			if s := &p.Savings[i]; s.Mode == mode && s.Resource == key && s.Amount.Value != nil {
				return s
			}
		}
		return nil
	}
	var parts []string
	say := func(key string, write func(amount float64) string) {
		if s := of(key); s != nil && *s.Amount.Value != 0 {
			parts = append(parts, write(*s.Amount.Value)+shareOn(s))
		}
	}
	more := func(x float64) (float64, string) {
		if x < 0 {
			return -x, "more"
		}
		return x, "less"
	}
	if s := of("servers"); s != nil {
		x := *s.Amount.Value
		bound := map[Bound]string{AtLeast: "at least ", AtMost: "at most ", Perhaps: "perhaps "}[s.Amount.Bound]
		switch {
		case (s.Amount.Bound == AtLeast || s.Amount.Bound == AtMost) && x <= 0: // at most none fewer, at least some more: no sentence is short of it
		case x == 0:
			parts = append(parts, bound+"as many servers")
		case x < 0:
			parts = append(parts, bound+plural(-x, "server more", "servers more")+shareOn(s))
		default:
			parts = append(parts, bound+plural(x, "server fewer", "servers fewer")+shareOn(s))
		}
	}
	say("network_in_mbit_per_s", func(x float64) string {
		x, word := more(x)
		return fmt.Sprintf("%s Mbit/s in %s", reports.FormatNumber(x), word)
	})
	say("network_out_mbit_per_s", func(x float64) string {
		x, word := more(x)
		return fmt.Sprintf("%s Mbit/s out %s", reports.FormatNumber(x), word)
	})
	say("egress_bytes_per_month", func(x float64) string {
		x, word := more(x)
		return fmt.Sprintf("%s of egress a month %s", volume(x), word)
	})
	if s := of("egress_price_per_month"); s != nil && *s.Amount.Value != 0 {
		x, word := more(*s.Amount.Value)
		parts = append(parts, fmt.Sprintf("which costs %s %s", reports.FormatNumber(x), word))
	}
	if len(parts) == 0 {
		return ""
	}
	return fmt.Sprintf("%s instead of %s takes %s.", p.Baseline, mode, strings.Join(parts, ", "))
}

// shareOn writes a share in brackets, with its interval.
func shareOn(s *Saving) string {
	if s.Share.Value == nil {
		return ""
	}
	text := reports.FormatDifference(1 - *s.Share.Value)
	if low, high := s.Share.Low, s.Share.High; low != nil && high != nil && *low != *high {
		text += fmt.Sprintf(", %s to %s", reports.FormatDifference(1-*high), reports.FormatDifference(1-*low))
	}
	return " (" + text + ")"
}
