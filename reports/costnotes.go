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
	add(some(func(c Cost) bool { return c.Metric == CPUCost && c.StagesLoad == record.Closed }), "At the target, "+stagesOf(r.Costs)+" were timed at saturation, "+
		"for there was no single load: they hold waiting for a core, and the rest is too small by that.")
	single := some(func(c Cost) bool { return c.Metric == CPUCost && c.StagesLoad == record.Single })
	add(single, "At the target, "+stagesOf(r.Costs)+" are its wall clock with one client: "+
		"what they wait, for the disk or a core, is no CPU, and the rest is too small by that.")
	add(r.Settings.Sender == "live", firstTouchNote(text))
	add(target && !r.Environment.Shared, "Unmasking and checking UTF-8 were timed on the generator's machine, not the target's.")
	return append(notes, withheldNotes(r.Costs)...)
}

// partsNote tells where the parts are from.
func partsNote(costs []Cost) string {
	names := []string{"encode", "mask, copy", "UTF-8", "compare"}
	if compresses(costs) {
		names = append(names, "the generator's deflate")
	}
	return fmt.Sprintf("Parts: %s are timed by themselves between the blocks, on one core, image after image, the median of rounds; "+
		"%s are stages of the target's own clock. What they cost beyond that under load is in kernel, cache, other: the rest.",
		enumerate(names, "and"), stagesOf(costs))
}

func compresses(costs []Cost) bool {
	return slices.ContainsFunc(costs, func(c Cost) bool { _, ok := c.Part(DeflatePart); return ok || strings.Contains(c.Mode, "+deflate") })
}

// stagesOf names the parts that are stages of the target.
func stagesOf(costs []Cost) string {
	if compresses(costs) {
		return "decode, save, inflate and deflate"
	}
	return "decode and save"
}

// firstTouchNote tells who fetches an image from memory.
func firstTouchNote(text bool) string {
	note := "Mask, copy of an uncompressed binary image fetches the image from memory"
	if text {
		note += "; of text, encode does, and mask finds the Base64 in the first-level cache"
	}
	return note + "."
}

// withheldNotes says where the parts exceed what there is to split.
func withheldNotes(costs []Cost) []string {
	var where []string
	for _, c := range costs {
		if c.Withheld == "" {
			continue
		}
		what := "CPU"
		if c.Metric == LatencyCost {
			what = "latency"
		}
		where = append(where, fmt.Sprintf("%s of %s at %s, where %s", what, c.Mode, FormatSize(c.SizeBytes), c.Withheld))
	}
	if len(where) == 0 {
		return nil
	}
	return []string{fmt.Sprintf("Not split: %s. Parts are timed by themselves and apart from the whole, and can't be parts of less.",
		strings.Join(where, "; "))}
}
