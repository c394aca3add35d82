package reports

import (
	"fmt"
	"slices"
	"strings"

	"github.com/wsimg/wsimg/loadgen/record"
)

// costNotes tells how costs were split.
func costNotes(r *Report) []string {
	if len(r.Costs) == 0 {
		return nil
	}
	var notes []string
	add := func(applies bool, note string) {
		if applies {
			notes = append(notes, note)
		}
	}
	some := func(is func(Cost) bool) bool { return slices.ContainsFunc(r.Costs, is) }
	target := some(func(c Cost) bool { return c.StagesLoad != "" })
	text := some(func(c Cost) bool { return strings.HasPrefix(c.Mode, "text") })
	compare := some(func(c Cost) bool { us, _ := c.Part(ComparePart); return us != 0 })

	add(true, partsNote(r.Costs))
	add(some(func(c Cost) bool { return c.Metric == LatencyCost }), "Where latency comes from is told of means, for they add up and percentiles don't. "+
		"Replies are looked at when response time is over.")
	add(compare, "Compare: the generator verifies every byte of a reply, which a client need not.")
	add(target && text && r.Settings.Store != "off", "UTF-8: valid Base64 is valid UTF-8, so wsimg's target checks that only with --store off.")
	add(some(func(c Cost) bool { return c.End == GeneratorEnd }), "Without a side channel the CPU that is split is the generator's alone.")
	add(some(func(c Cost) bool { return c.StagesLoad == "" && c.Metric == LatencyCost }), "Without a side channel the target's parts of latency are in the rest.")
	add(some(func(c Cost) bool { return c.Metric == CPUCost && c.StagesLoad == record.Closed }), "Decode and save were timed at saturation, "+
		"for there was no single load: they hold waiting for a core, and the rest is too small by that.")
	add(target && r.Settings.Store == "files", "Save is wall clock: what it waits for the disk is no CPU, and the rest is too small by that.")
	add(target && !r.Environment.Shared, "Unmasking and checking UTF-8 were timed on the generator's machine, not the target's.")
	return append(notes, negativeNotes(r.Costs)...)
}

// partsNote tells where the parts are from.
func partsNote(costs []Cost) string {
	names := []string{"encode", "mask, copy", "UTF-8", "compare"}
	stages := "decode and save"
	if slices.ContainsFunc(costs, func(c Cost) bool { _, ok := c.Part(DeflatePart); return ok }) {
		names = append(names, "the generator's deflate")
		stages = "decode, save and its deflate"
	}
	return fmt.Sprintf("Parts: %s are timed by themselves between the blocks, on one core with warm caches; "+
		"%s are stages of the target's own clock. What they cost beyond that under load is in kernel, cache, other: the rest.",
		enumerate(names, "and"), stages)
}

// negativeNotes says where the parts exceed what there is to split.
func negativeNotes(costs []Cost) []string {
	var where []string
	for _, c := range costs {
		if us, _ := c.Part(OtherPart); us < 0 {
			what := "CPU"
			if c.Metric == LatencyCost {
				what = "latency"
			}
			where = append(where, fmt.Sprintf("%s of %s at %s", what, c.Mode, FormatSize(c.SizeBytes)))
		}
	}
	if len(where) == 0 {
		return nil
	}
	return []string{fmt.Sprintf("A rest below nothing (%s): the parts took longer by themselves than in the run, so they are too large by that much at least.",
		enumerate(where, "and"))}
}
