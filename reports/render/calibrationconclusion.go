package render

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/reports"
)

// telling is the size that the conclusion is drawn at, when it was measured.
const telling = 100_000

// calibrationConclusion says in two sentences what follows from c: which
// ceiling is the lowest and what that means for a run, and what the generator
// can show at most. It is empty when c holds too little.
func calibrationConclusion(c *record.Calibration) string {
	sizes := sizesOf(c)
	if len(sizes) == 0 {
		return ""
	}
	size := sizes[len(sizes)/2]
	if slices.Contains(sizes, telling) {
		size = telling
	}
	var said []string
	for _, sentence := range []string{lowestCeiling(c, size), mostShown(c, size)} {
		if sentence != "" {
			said = append(said, sentence)
		}
	}
	return strings.Join(said, " ")
}

// sizesOf returns the sizes that anything was measured at, ascending.
func sizesOf(c *record.Calibration) []int64 {
	var sizes []int64
	for _, one := range c.Ceilings {
		for _, a := range one.Allows {
			sizes = append(sizes, a.SizeBytes)
		}
	}
	slices.Sort(sizes)
	return slices.Compact(sizes)
}

// lowestCeiling names the lowest and says what it means. What was measured on
// one core can be done on all at once, and is compared so.
func lowestCeiling(c *record.Calibration, size int64) string {
	lowest, least := record.Ceiling{}, math.Inf(1)
	for _, one := range c.Ceilings {
		a, ok := allows(one, size)
		if !ok {
			continue
		}
		if rate := onAllCores(c, one, a); rate < least {
			lowest, least = one, rate
		}
	}
	if math.IsInf(least, 1) {
		return ""
	}
	name := lowest.Name
	switch {
	case lowest.Kind == record.StoreCeiling:
		name += " in " + c.Folder
	case lowest.Cores < c.Cores:
		name += fmt.Sprintf(" on %d cores", c.Cores)
	}
	return fmt.Sprintf("At %s the lowest ceiling is %s, %s images/s: %s.",
		reports.FormatSize(size), name, reports.FormatNumber(least), meaning(lowest.Kind))
}

// onAllCores is what a ceiling would allow on all of the cores.
func onAllCores(c *record.Calibration, one record.Ceiling, a record.Allowance) float64 {
	return a.ImagesPerS * float64(max(1, c.Cores)) / float64(max(1, one.Cores))
}

// meaning says what a run shows when a ceiling of this kind is the lowest.
func meaning(kind string) string {
	switch kind {
	case record.StoreCeiling:
		return "with that store a run shows the folder and not the WebSocket; choose another --store, or another folder, to see more"
	case record.CodecCeiling:
		return "a run that uses it shows that and not the WebSocket"
	case record.YardstickCeiling:
		return "the kernel's loopback is what a run shows, and WebSocket costs nothing measurable beside it"
	default:
		return "no store and no codec is in the way, so a run shows what the WebSocket costs"
	}
}

// mostShown says how much the generator can show when it shares the machine.
func mostShown(c *record.Calibration, size int64) string {
	binary, text := best(c, size, "binary"), best(c, size, "text")
	if binary == 0 || text == 0 {
		return ""
	}
	return fmt.Sprintf("With both ends on %s expect no run to get past %s images/s as binary and %s as text at that size: "+
		"a server that is faster takes a machine of its own to tell.",
		sharedCores(c.Cores), reports.FormatNumber(binary), reports.FormatNumber(text))
}

// best returns the fastest echo that has the mode in its name, 0 when none was
// measured.
func best(c *record.Calibration, size int64, mode string) float64 {
	var most float64
	for _, one := range c.Ceilings {
		a, ok := allows(one, size)
		if ok && one.Kind == record.EchoCeiling && strings.Contains(one.Name, ", "+mode+",") {
			most = max(most, a.ImagesPerS)
		}
	}
	return most
}

func sharedCores(n int) string {
	if n == 1 {
		return "this one core"
	}
	return fmt.Sprintf("these %d cores", n)
}
