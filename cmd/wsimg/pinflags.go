package main

import (
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/wsimg/wsimg/loadgen/machine"
	"github.com/wsimg/wsimg/loadgen/record"
)

// pinFlags are the flags that keep each end to some processors, as typed.
type pinFlags struct {
	target, generator string
}

// pinsAsked is what pinFlags ask for.
type pinsAsked struct {
	Target, Generator record.CPUs // that each end is kept to, to be recorded; none: all
	Child             record.CPUs // for target.ChildSettings: Target, or what this process had before it was kept to Generator
	Notes             []string    // what the reader of the run must know
}

// register adds the flags to set.
func (f *pinFlags) register(set *pflag.FlagSet) {
	set.StringVar(&f.target, "target-cpus", "", "keep the bundled target to these `CPUs` from its start: 0, 0-3 or 0,2,4-7 (Linux; default: all)")
	set.StringVar(&f.generator, "generator-cpus", "", "keep the load generator to these `CPUs` from its start (Linux; default: all)")
}

// parse returns what the flags of cmd ask for, of a target that is bundled or
// not, or wrong usage that names each flag at fault. Where this process is not
// kept to the generator's CPUs yet the error is a restart, which is for main: to be
// asked for before anything is started or takes long.
func (f pinFlags) parse(cmd *cobra.Command, bundled bool) (pinsAsked, error) {
	var asked pinsAsked
	given := cmd.Flags().Changed
	if !given("target-cpus") && !given("generator-cpus") {
		return asked, nil
	}
	now, before, err := usable()
	elsewhere := errors.Is(err, errors.ErrUnsupported)
	if err != nil && !elsewhere {
		return asked, usagef("find the CPUs that wsimg may use: %w", err)
	}
	var faults []error
	for _, flag := range []struct {
		name, typed string
		asked       *record.CPUs
	}{{"target-cpus", f.target, &asked.Target}, {"generator-cpus", f.generator, &asked.Generator}} {
		if !given(flag.name) {
			continue
		}
		if elsewhere {
			faults = append(faults, fmt.Errorf("--%s needs Linux: drop it", flag.name))
		} else if *flag.asked, err = parsePins(flag.typed, before); err != nil {
			faults = append(faults, fmt.Errorf("--%s: %w", flag.name, err))
		}
	}
	if given("target-cpus") && !bundled {
		faults = append(faults, errors.New("--target-cpus and --url exclude each other: wsimg does not start another server; "+
			"whoever does can keep it to CPUs, with taskset -c; drop --target-cpus"))
	}
	if len(faults) > 0 {
		return asked, usagef("%w", errors.Join(faults...))
	}
	if len(asked.Generator) > 0 && !slices.Equal(now, asked.Generator) {
		return asked, &restart{cpus: asked.Generator, before: before}
	}
	asked.Child = asked.Target
	if len(asked.Child) == 0 && !slices.Equal(now, before) {
		asked.Child = before // and not what is the generator's
	}
	if t, g, ok := machine.ThreadsOfOneCore(asked.Target, asked.Generator); ok {
		asked.Notes = append(asked.Notes, fmt.Sprintf("CPU %d, the target's, and CPU %d, the generator's, are threads of one core: "+
			"each end slows the other there.", t, g))
	}
	return asked, nil
}

// parsePins reads a list of CPUs of which each must be among those that wsimg may
// use.
func parsePins(list string, usable record.CPUs) (record.CPUs, error) {
	cpus, err := machine.ParseCPUs(list)
	if err != nil {
		return nil, err
	}
	other := slices.DeleteFunc(slices.Clone(cpus), func(cpu int) bool { return slices.Contains(usable, cpu) })
	if len(other) > 0 {
		return nil, fmt.Errorf("%s of %q can't be had: name some of %s, which wsimg may use here", other.Words(), list, usable.Words())
	}
	return cpus, nil
}

// usable returns the CPUs that this process may use, and those that it might
// use before it was begun again with fewer.
func usable() (now, before record.CPUs, err error) {
	if now, err = machine.Affinity(); err != nil {
		return nil, nil, err
	}
	list, again := os.LookupEnv(restartVariable)
	if !again {
		return now, now, nil
	}
	if before, err = machine.ParseCPUs(list); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", restartVariable, err)
	}
	return now, before, nil
}
