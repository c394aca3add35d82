package reports

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// took says what memory the idle clients took; empty where it is not known, or
// there are none.
func (i *Idle) took() string {
	if i == nil {
		return ""
	}
	var took []string
	for _, at := range []struct {
		bytes *float64
		where string
	}{{i.GeneratorBytes, "here"}, {i.TargetBytes, "at the target"}} {
		if at.bytes != nil {
			took = append(took, fmt.Sprintf("%s each %s", memory(*at.bytes), at.where))
		}
	}
	if took == nil {
		return ""
	}
	return fmt.Sprintf("%s took %s", count(uint64(i.Clients), "idle client"), enumerate(took, "and"))
}

// conclude says what the idle clients took and what they made of the others;
// empty where there are none.
func (i *Idle) conclude() string {
	if i == nil {
		return ""
	}
	return strings.TrimSpace(i.concludeResponse() + " " + i.concludeOthers())
}

// concludeOthers says what else they made a difference to; empty where that is
// nothing.
func (i *Idle) concludeOthers() string {
	var changed []string
	for _, e := range i.Effects {
		if !e.Significant || e.Metric == ResponseP50 {
			continue
		}
		name := e.Name()
		if e.Metric == TargetCPU || e.Metric == GeneratorCPU {
			name += " per image"
		}
		text := fmt.Sprintf("%s by %s [%s, %s]", name, FormatDifference(*e.Ratio), FormatDifference(*e.Low), FormatDifference(*e.High))
		if e.drifted(0.5) {
			text += fmt.Sprintf(" (alone it drifted by %s)", FormatDifference(*e.Drift))
		}
		changed = append(changed, text)
	}
	if changed == nil {
		return ""
	}
	return "They changed " + enumerate(changed, "and") + "."
}

// concludeResponse says what the idle clients took and what they made of the
// median response of the others.
func (i *Idle) concludeResponse() string {
	text := cmp.Or(i.took(), was(uint64(i.Clients), "idle client")+" connected")
	n := slices.IndexFunc(i.Effects, func(e Effect) bool { return e.Metric == ResponseP50 && e.Low != nil })
	if n < 0 {
		return text + "."
	}
	e := i.Effects[n]
	whose := fmt.Sprintf("response p50 of the %s that sent", FormatCount(uint64(i.Active)))
	differed := fmt.Sprintf("%s [%s, %s]", FormatDifference(*e.Ratio), FormatDifference(*e.Low), FormatDifference(*e.High))
	switch {
	case e.Significant:
		text = fmt.Sprintf("%s, and made %s %s", text, whose, differed)
		if e.drifted(0.5) {
			text += fmt.Sprintf("; alone it drifted by %s meanwhile, so part of that may be the machine's", FormatDifference(*e.Drift))
		}
		return text + "."
	case *e.Low > 1 || *e.High < 1:
		text = fmt.Sprintf("%s; with them %s was %s", text, whose, differed)
		if e.Drift == nil {
			return text + ", which may be the machine's doing: how it was after them was not measured."
		}
		return fmt.Sprintf("%s, which may be the machine's doing: alone it drifted by %s.", text, FormatDifference(*e.Drift))
	}
	return fmt.Sprintf("%s, and made no measurable difference to %s: one of ±%s would have shown.", text, whose, percent(*e.Detectable))
}

// memory writes bytes a client took, or gave back.
func memory(bytes float64) string {
	if bytes < 0 {
		return "−" + FormatSize(int64(-bytes))
	}
	return FormatSize(int64(bytes))
}

// notes tells how the comparison is to be read.
func (i *Idle) notes() []string {
	if i == nil {
		return nil
	}
	notes := []string{"Memory of idle clients is that of the two processes; what the kernel holds for their sockets is in neither."}
	if i.Clients < fewestIdle {
		notes[0] = fmt.Sprintf("What memory an idle client takes is told from %s of them on: of fewer, it does not stand out from what else the two processes take.",
			FormatCount(fewestIdle))
	}
	if i.Unequal != "" {
		notes = append(notes, "What the idle clients make of the active ones is not told: "+i.Unequal+", which bears on times and rates more than they do.")
	}
	if len(i.Effects) == 0 {
		return notes
	}
	note := "What idle clients make of the active ones is one stretch against others, before and after it, and not alternated: " +
		"the machine's drift is in it, and neighbouring seconds are not quite independent, as the interval takes them to be."
	for _, e := range i.Effects {
		if e.Metric == ResponseP50 && e.Drift != nil {
			note += fmt.Sprintf(" From before to after, response p50 of the active alone changed by %s.", FormatDifference(*e.Drift))
		}
	}
	return append(notes, note)
}
