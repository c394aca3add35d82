package plan

import (
	"errors"
	"fmt"
	"strings"
)

// Variation asks for a plan for each value of one number, all else the same.
type Variation struct {
	Name   string // of Variables
	Values []float64
}

// variable is a number of an Input that may be varied.
type variable struct {
	name string
	set  func(*Input, float64)
}

var variables = [...]variable{
	{"users", func(in *Input, x float64) { in.Users = x }},
	{"images-per-user", func(in *Input, x float64) { in.ImagesPerUser = x }},
	{"connected", func(in *Input, x float64) { in.Connected = Set(x) }},
	{"peak", func(in *Input, x float64) { in.Peak = Set(x) }},
	{"headroom", func(in *Input, x float64) { in.Headroom = Set(x) }},
	{"size", func(in *Input, x float64) { in.SizeBytes = int64(x) }},
}

// Variables are the numbers that may be varied, by the flags that set them.
func Variables() []string {
	names := make([]string, len(variables))
	for i, v := range variables {
		names[i] = v.name
	}
	return names
}

// with returns in with the variable of that name set; ok is false where there
// is none.
func (in Input) with(name string, x float64) (changed Input, ok bool) {
	for _, v := range variables {
		if v.name == name {
			v.set(&in, x)
			return in, true
		}
	}
	return in, false
}

// check returns what is wrong with v; with its values only where they are all
// that can be wrong.
func (v Variation) check(in Input, values bool) error {
	if _, ok := in.with(v.Name, 0); !ok {
		return fmt.Errorf("--what-if %s: give one of %s", v.Name, strings.Join(Variables(), ", "))
	}
	if len(v.Values) == 0 {
		return fmt.Errorf("--what-if %s: give values, such as users=10000,50000", v.Name)
	}
	var faults []error
	for _, x := range v.Values {
		changed, _ := in.with(v.Name, x)
		if err := changed.own(); values && err != nil {
			faults = append(faults, fmt.Errorf("--what-if: %w", err))
		}
	}
	return errors.Join(faults...)
}
