package record

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Keep notes the examples of a round, -1 for the warm-up, of each kind the
// first.
func (c *Cell) Keep(examples map[string]Example, round int) {
	for kind, e := range examples {
		if c.Examples == nil {
			c.Examples = make(map[string]Example)
		}
		if _, ok := c.Examples[kind]; !ok {
			e.Round = round
			c.Examples[kind] = e
		}
	}
}

// Fail gives the cell up: what it measured so far stays. When says at what
// point, as in "in the warm-up".
func (c *Cell) Fail(when string) {
	var details []string
	for _, kind := range slices.Sorted(maps.Keys(c.Examples)) {
		details = append(details, fmt.Sprintf("%s: %s", kind, c.Examples[kind].Detail))
	}
	if len(details) == 0 {
		details = []string{"every image failed"}
	}
	c.Failed = fmt.Sprintf("no image was verified %s: %s", when, strings.Join(details, "; "))
}

// AddErrors adds counts by kind to a sum, which it makes when it is nil.
func AddErrors(sum *map[string]uint64, counts map[string]uint64) {
	if len(counts) > 0 && *sum == nil {
		*sum = make(map[string]uint64)
	}
	for kind, n := range counts {
		(*sum)[kind] += n
	}
}
