package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/wsimg/wsimg/loadgen/verdict"
	"github.com/wsimg/wsimg/reports"
	"github.com/wsimg/wsimg/reports/plan"
	"github.com/wsimg/wsimg/reports/render"
)

// newPlanCommand returns the command that sizes a fleet from saved searches for
// capacity.
func newPlanCommand(stdin io.Reader, stdout io.Writer) *cobra.Command {
	var flags planFlags
	cmd := &cobra.Command{
		Use:   "plan FILE...",
		Short: "Size a fleet from saved searches for capacity",
		Long: `Size a fleet: how many servers, cores, bytes and what money so many users take,
with every mode beside the others, from runs that wsimg capacity --out saved. A
file named - is standard input.

Servers keep --headroom free at peak, and --spare of them are beyond what is
needed; a capacity's interval is carried through. Where the search had too few
confirmations for one, the highest load that passed is planned with. Network is WebSocket frames in
IP packets of at most --mtu, by arithmetic. Disk and egress follow from the mean
rate. What a mode saves is told of everything that the fleet takes.

Every figure says whether it was measured, given or assumed. Every assumption has
a number, and figures say which they rest on: what you do not give is among them.

Several files are runs of one experiment at several sizes of image. --size may
then lie between them, and never beyond.

A run whose two ends shared a machine, or that is void, is refused unless
--accept-shared is given, and the plan says so.

It exits with 0 when there is a plan, 2 when a file can't be read or planned from
or a flag is wrong, or when no search came to an end; 3 when a run is void, and 4
when no mode met its objectives.`,
		Example: `  wsimg plan capacity.json --users 50000 --images-per-user 12/h
  wsimg plan capacity.json --users 50000 --images-per-user 12/h --peak 3 --headroom 30% --egress-price 0.08/GB
  wsimg plan capacity.json --users 50000 --images-per-user 12/h --reply ack --connected 40% --nic 25Gbit
  wsimg plan 10KB.json 100KB.json 1MB.json --size 250KB --users 1000 --images-per-user 2/min
  wsimg plan capacity.json --users 50000 --images-per-user 12/h --what-if users=10000,50000,250000
  wsimg plan capacity.json --users 50000 --images-per-user 12/h --format markdown > plan.md`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("plan needs a file: give one that wsimg capacity --out saved")
			}
			return nil
		},
		DisableAutoGenTag: true,
	}
	flags.register(cmd)
	cmd.RunE = func(cmd *cobra.Command, files []string) error {
		return runPlan(cmd, flags, files, stdin, stdout)
	}
	return cmd
}

// runPlan makes the plan: flags in, package called, plan out.
func runPlan(cmd *cobra.Command, flags planFlags, files []string, stdin io.Reader, stdout io.Writer) error {
	write, err := render.PlanByName(flags.format, render.Options{Colour: isTerminal(stdout) && os.Getenv("NO_COLOR") == ""})
	if err != nil {
		return usagef("--format: %w", err)
	}
	asked, err := flags.input(cmd)
	if err != nil {
		return err
	}
	runs, err := readReports(files, stdin)
	if err != nil {
		return usagef("%w", err)
	}
	for _, file := range files {
		asked.Names = append(asked.Names, fileName(file))
	}
	return printPlan(runs, asked, write, stdout)
}

// printPlan prints the plan from runs; its error is what the process ends with.
func printPlan(runs []*reports.Report, asked plan.Input, write render.PlanWriter, stdout io.Writer) error {
	made, err := plan.Make(runs, asked)
	switch {
	case errors.Is(err, plan.ErrUnmet) && slices.ContainsFunc(runs, func(r *reports.Report) bool { return r.Verdict.Kind == verdict.Void }):
		return &exitError{exitVoid, fmt.Errorf("a run is void, so that %w is not the server's doing alone", err)}
	case errors.Is(err, plan.ErrUnmet):
		return &exitError{exitUnmet, err}
	case err != nil:
		return usagef("%w", err)
	}
	if err := write(stdout, made); err != nil {
		return fmt.Errorf("print the plan: %w", err)
	}
	if made.Verdict == verdict.Void {
		return &exitError{exitVoid, errors.New("the plan is from a void run: its figures are not the server's")}
	}
	return nil
}

// readReports reads the runs that are saved in files, each by itself.
func readReports(files []string, stdin io.Reader) ([]*reports.Report, error) {
	if i := slices.Index(files, "-"); i >= 0 && slices.Contains(files[i+1:], "-") {
		return nil, errors.New("- is given twice: standard input holds one run")
	}
	all := make([]*reports.Report, len(files))
	for i, file := range files {
		run, err := readRun(file, stdin)
		if err == nil {
			all[i], err = reports.Analyze(run)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", fileName(file), err)
		}
	}
	return all, nil
}

// formatsOfPlan lists the formats, for help.
func formatsOfPlan() string { return strings.Join(render.PlanFormats(), ", ") }
