package record

import (
	"cmp"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
)

// The largest numbers that a run may hold. They are far beyond what can be
// measured, and small enough that sums over any file stay exact or finite.
const (
	maxCount  = 1 << 40 // images, errors, entries of a histogram
	maxAmount = 1 << 53 // bytes and nanoseconds: what every JSON reader holds exactly
	maxFloat  = 1e15
)

// check returns the first thing in r that no run can hold, so that what reads
// a run need not expect it.
func (r *Run) check() error {
	s := &r.Settings
	switch {
	case !slices.Contains(commands[:], s.Command):
		return fmt.Errorf("settings.command is %q, want one of %s", s.Command, strings.Join(commands[:], ", "))
	case len(s.Modes) == 0:
		return fmt.Errorf("settings.modes is empty, want the modes that were measured")
	case !slices.Contains(s.Modes, s.Baseline):
		return fmt.Errorf("settings.baseline is %q, want one of settings.modes", s.Baseline)
	case s.Clients < 1:
		return fmt.Errorf("settings.clients is %d, want at least 1", s.Clients)
	case r.Environment.Cores < 1:
		return fmt.Errorf("environment.cores is %d, want at least 1", r.Environment.Cores)
	case r.Merged == 1 || r.Merged < 0:
		return fmt.Errorf("merged is %d, want at least 2, or none", r.Merged)
	case s.Active > s.Clients:
		return fmt.Errorf("settings.active is %d of %d clients", s.Active, s.Clients)
	}
	for i := range r.Cells {
		if err := r.Cells[i].check(s.Modes); err != nil {
			return fmt.Errorf("cells[%d].%w", i, err)
		}
	}
	return cmp.Or(
		checkNumber(reflect.ValueOf(r.Seconds), "seconds"),
		checkNumber(reflect.ValueOf(r.Audit), "audit"),
		within("audit", r.Audit.check()),
		within("settings", checkNumbers(reflect.ValueOf(s).Elem())),
		within("settings.churn", s.Churn.check(s.Seconds)),
		within("idle", r.Idle.check(s.Clients)),
		within("capacity", r.Capacity.check(r)),
		checkCells(r.Cells),
	)
}

// The commands whose runs are saved, and the loads of their cells.
var (
	commands = [...]string{"bench", "run", "capacity"}
	loads    = [...]string{Closed, Single, Open}
)

func (c *Cell) check(modes []string) error {
	switch {
	case !slices.Contains(modes, c.Mode):
		return fmt.Errorf("mode is %q, want one of settings.modes", c.Mode)
	case !slices.Contains(loads[:], c.Load):
		return fmt.Errorf("load is %q, want one of %s", c.Load, strings.Join(loads[:], ", "))
	case c.SizeBytes < 1:
		return fmt.Errorf("size_bytes is %d, want at least 1", c.SizeBytes)
	case c.Clients < 1:
		return fmt.Errorf("clients is %d, want at least 1", c.Clients)
	}
	for kind, e := range c.Examples {
		if e.Round < -1 {
			return fmt.Errorf("examples.%s.round is %d, want at least -1", kind, e.Round)
		}
		if err := checkNumber(reflect.ValueOf(e.AtSeconds), "at_seconds"); err != nil {
			return within("examples."+kind, err)
		}
	}
	if err := c.Connecting.check(c.Clients); err != nil {
		return within("connecting", err)
	}
	seen := make(map[int]bool, len(c.Samples))
	for i, s := range c.Samples {
		if seen[s.Round] {
			return fmt.Errorf("samples[%d].round is %d, as that of a sample before it", i, s.Round)
		}
		seen[s.Round] = true
		if err := s.check(c.Clients); err != nil {
			return within(fmt.Sprintf("samples[%d]", i), err)
		}
	}
	return nil
}

// check returns what can't be of a block of that many clients.
func (s *Sample) check(clients int) error {
	for kind, n := range s.ConnectionErrors {
		if n > s.Errors[kind] {
			return fmt.Errorf("connection_errors.%s is %d of %d errors of that kind", kind, n, s.Errors[kind])
		}
	}
	return within("connections", s.Connections.check(clients))
}

func checkCells(cells []Cell) error {
	for i := range cells {
		if err := checkNumbers(reflect.ValueOf(&cells[i]).Elem()); err != nil {
			return within(fmt.Sprintf("cells[%d]", i), err)
		}
	}
	return nil
}

// checkNumbers returns the first number in v, at any depth, that is out of
// range. What is not a count or a measurement is left out.
func checkNumbers(v reflect.Value) error {
	switch v.Kind() {
	case reflect.Struct:
		for field, value := range v.Fields() {
			name := jsonName(field)
			if !field.IsExported() || name == "seed" || field.Type == reflect.TypeFor[map[string]Example]() {
				continue
			}
			if err := checkNumber(value, name); err != nil {
				return err
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			if err := checkNumber(v.Index(i), fmt.Sprintf("[%d]", i)); err != nil {
				return err
			}
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			if err := checkNumber(v.MapIndex(key), key.String()); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkNumber is checkNumbers of a value that has a name.
func checkNumber(v reflect.Value, name string) error {
	if v.Kind() == reflect.Pointer && !v.IsNil() {
		v = v.Elem()
	}
	most := uint64(maxCount)
	if strings.HasSuffix(name, "_ns") || strings.HasSuffix(name, "bytes") {
		most = maxAmount
	}
	switch {
	case v.CanFloat():
		if x := v.Float(); !(x >= 0 && x <= maxFloat) { // NaN is neither
			return fmt.Errorf("%s is %v, want 0 to %g", name, x, maxFloat)
		}
	case v.CanUint():
		if n := v.Uint(); n > most {
			return fmt.Errorf("%s is %d, want at most %d", name, n, most)
		}
	case v.CanInt():
		// A difference of two clocks may come out a little below 0.
		least := int64(0)
		if name == "generator_cpu_ns" {
			least = -math.MaxInt64
		}
		if n := v.Int(); n < least || n > int64(most) {
			return fmt.Errorf("%s is %d, want 0 to %d", name, n, most)
		}
	default:
		return within(name, checkNumbers(v))
	}
	return nil
}

// within puts the name of what holds the fault before it.
func within(name string, err error) error {
	switch {
	case err == nil:
		return nil
	case strings.HasPrefix(err.Error(), "["):
		return fmt.Errorf("%s%w", name, err)
	}
	return fmt.Errorf("%s.%w", name, err)
}

// jsonName returns the name that a field has in JSON.
func jsonName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name
}
