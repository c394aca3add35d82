package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/wsimg/wsimg/loadgen/payload"
)

// parseModes reads the values of --modes and --baseline. A baseline that nobody
// asked for gives way to the first of the modes where it is none of them.
func parseModes(cmd *cobra.Command, typed []string, typedBaseline string) (modes []payload.Mode, baseline payload.Mode, err error) {
	if modes, err = payload.ParseModes(typed); err != nil {
		return nil, baseline, usagef("--modes: %w", err)
	}
	if len(modes) == 0 {
		return nil, baseline, usagef("--modes is empty: give binary, text or both")
	}
	if baseline, err = payload.ParseMode(typedBaseline); err != nil {
		return nil, baseline, usagef("--baseline: %w", err)
	}
	if slices.Contains(modes, baseline) {
		return modes, baseline, nil
	}
	if cmd.Flags().Changed("baseline") {
		return nil, baseline, usagef("--baseline %s is not among --modes %s: name one of them", baseline, strings.Join(typed, ","))
	}
	return modes, modes[0], nil
}
