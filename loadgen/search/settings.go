package search

import (
	"errors"
	"fmt"
	"math"
)

// Settings say where to search. Loads are in images a second or in clients; the
// search does not care which.
type Settings struct {
	Start       float64 // the first load
	Least, Most float64 // bounds of what is tried, both included
	Whole       bool    // loads are whole numbers, such as of clients
}

// Validate returns all that is wrong with the settings.
func (s Settings) Validate() error {
	var faults []error
	for _, load := range []struct {
		name  string
		value float64
	}{{"start", s.Start}, {"least", s.Least}, {"most", s.Most}} {
		if !(load.value > 0) || math.IsInf(load.value, 1) {
			faults = append(faults, fmt.Errorf("%s load is %g, want more than 0", load.name, load.value))
		} else if s.Whole && load.value != math.Trunc(load.value) {
			faults = append(faults, fmt.Errorf("%s load is %g, want a whole number", load.name, load.value))
		}
	}
	if s.Least > s.Most {
		faults = append(faults, fmt.Errorf("least load is %g, above the most, %g", s.Least, s.Most))
	} else if s.Start < s.Least || s.Start > s.Most {
		faults = append(faults, fmt.Errorf("start load is %g, want one from %g to %g", s.Start, s.Least, s.Most))
	}
	return errors.Join(faults...)
}
