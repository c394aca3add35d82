package reports

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// partWords are what the parts are called in prose.
var partWords = map[string]string{
	EncodePart:  "encoding",
	MaskPart:    "masking and copying",
	UTF8Part:    "checking UTF-8",
	DecodePart:  "decoding",
	SavePart:    "saving",
	ComparePart: "comparing replies",
	DeflatePart: "compressing and decompressing",
	OtherPart:   "kernel, cache and other work",
}

// concludeCost says what the largest part is of the CPU that a mode costs more,
// or saves, where there is a difference at all and one part is the largest beyond doubt;
// else nothing.
func concludeCost(costs []Cost, mode string) string {
	var more, less []Cost
	for _, c := range costs {
		switch {
		case c.Mode != mode || c.Metric != CPUCost || c.Overhead == nil || !c.Overhead.Significant || c.Overhead.Largest == "":
		case c.Overhead.Us > 0:
			more = append(more, c)
		default:
			less = append(less, c)
		}
	}
	var sentences []string
	if len(more) > 0 {
		sentences = append(sentences, fmt.Sprintf("Of the CPU that %s costs more, %s, %s.", mode, whose(more), largestParts(more)))
	}
	if len(less) > 0 {
		sentences = append(sentences, fmt.Sprintf("Of the CPU that %s saves, %s, %s.", mode, whose(less), largestParts(less)))
	}
	return strings.Join(sentences, " ")
}

func whose(costs []Cost) string {
	if costs[0].End == GeneratorEnd {
		return "at the generator alone"
	}
	return "both ends together"
}

// largestParts names the largest part at each size, and where that has no name
// of its own also the largest that has.
func largestParts(costs []Cost) string {
	text := "the largest part is " + bySize(costs, func(o *CostOverhead) string { return o.Largest }, (*CostOverhead).share)
	unnamed := slices.DeleteFunc(slices.Clone(costs), func(c Cost) bool {
		return c.Overhead.Largest != OtherPart || c.Overhead.LargestNamed == "" || c.Overhead.towards(c.Overhead.LargestNamed) <= 0
	})
	if len(unnamed) > 0 {
		text += "; the largest with a name is " + bySize(unnamed, func(o *CostOverhead) string { return o.LargestNamed }, (*CostOverhead).amount)
	}
	return text
}

// bySize says of each part that is which of a size how much it is there:
// "encoding: 0.8 µs at 10 KB and 9.3 µs at 100 KB".
func bySize(costs []Cost, which func(*CostOverhead) string, says func(o *CostOverhead, name string) string) string {
	var parts []string
	for _, name := range Parts() {
		var sizes []string
		for _, c := range costs {
			if which(c.Overhead) == name {
				sizes = append(sizes, says(c.Overhead, name)+" at "+FormatSize(c.SizeBytes))
			}
		}
		if len(sizes) > 0 {
			parts = append(parts, partWords[name]+": "+enumerate(sizes, "and"))
		}
	}
	return strings.Join(parts, ", and ")
}

// amount is how much a part differs.
func (o *CostOverhead) amount(name string) string { return FormatSpan(o.towards(name)) }

// share is the same against the whole difference. It may exceed that, where
// other parts differ the other way.
func (o *CostOverhead) share(name string) string {
	part, whole := o.towards(name), math.Abs(o.Us)
	if part > whole {
		return fmt.Sprintf("%s where all is %s", FormatSpan(part), FormatSpan(whole))
	}
	return fmt.Sprintf("%s of %s (%s)", FormatSpan(part), FormatSpan(whole), percent(part/whole))
}
