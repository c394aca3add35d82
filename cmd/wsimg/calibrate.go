package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/wsimg/wsimg/cmd/wsimg/internal/calibrate"
	"github.com/wsimg/wsimg/loadgen/bench"
	"github.com/wsimg/wsimg/loadgen/machine"
	"github.com/wsimg/wsimg/loadgen/payload"
	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/reports/render"
)

// calibrateFlags are the flags of wsimg calibrate, as typed.
type calibrateFlags struct {
	dir, format string
	sizes       []string
	budget      time.Duration
	quiet       bool
	child       bool
}

// newCalibrateCommand returns the command that measures this machine's
// ceilings.
func newCalibrateCommand(stdout, stderr io.Writer) *cobra.Command {
	var flags calibrateFlags
	cmd := &cobra.Command{
		Use:   "calibrate",
		Short: "Measure the ceilings of this machine, in under 20 s",
		Long: `Measure what this machine allows at most: moving the bytes at all, echoing them
over a WebSocket, Base64, masking, each store, timers, connections. Each is
measured by itself, so one knows before a run what it can and can't show.

Leave the machine alone meanwhile: what else runs lowers the ceilings.`,
		Example: `  wsimg calibrate
  wsimg calibrate --dir /mnt/images --sizes 200KB
  wsimg calibrate --format json > ceilings.json`,
		Args: func(cmd *cobra.Command, args []string) error {
			if err := cobra.NoArgs(cmd, args); err != nil {
				return usagef("%w: it takes flags only, see wsimg calibrate --help", err)
			}
			return nil
		},
		DisableAutoGenTag: true,
	}
	f := cmd.Flags()
	f.StringVar(&flags.dir, "dir", "", "measure the stores in this `folder` (default: the one for temporary files, as the bundled target of bench)")
	f.StringVar(&flags.format, "format", "table", "how to print the ceilings: "+strings.Join(render.CalibrationFormats(), ", "))
	f.StringSliceVar(&flags.sizes, "sizes", []string{"10KB", "100KB", "1MB"}, "`sizes` of images in raw bytes: KB, KiB, MB, MiB")
	f.DurationVar(&flags.budget, "time-budget", calibrate.DefaultBudget, "how long it may take, some moments more at the end; less time, less trust")
	f.BoolVar(&flags.quiet, "quiet", false, "show no progress")
	f.BoolVar(&flags.child, "child", false, "serve as the raw TCP yardstick until standard input ends")
	f.MarkHidden("child")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if flags.child {
			return serveYardstickChild(cmd.Context(), cmd.InOrStdin(), stdout)
		}
		return runCalibrate(cmd.Context(), flags, stdout, stderr)
	}
	return cmd
}

// serveYardstickChild serves the process that started this one. Its life hangs
// on standard input alone, as that of the bundled target.
func serveYardstickChild(ctx context.Context, stdin io.Reader, stdout io.Writer) error {
	signal.Ignore(os.Interrupt)
	ctx, stop := signal.NotifyContext(context.WithoutCancel(ctx), syscall.SIGTERM)
	defer stop()
	return calibrate.ServeChild(ctx, stdin, stdout)
}

// runCalibrate carries out the calibration: flags in, ceilings out.
func runCalibrate(ctx context.Context, flags calibrateFlags, stdout, stderr io.Writer) error {
	write, err := render.CalibrationByName(flags.format, render.Options{Colour: isTerminal(stdout) && os.Getenv("NO_COLOR") == ""})
	if err != nil {
		return usagef("--format: %w", err)
	}
	settings, err := flags.settings()
	if err != nil {
		return err
	}
	shown := newProgress(stderr, flags.quiet)
	defer shown.close()
	settings.Progress = calibrating(shown)
	started, env := time.Now(), machine.Environment(ctx, version)
	env.Shared = true
	found, err := calibrate.Run(ctx, settings)
	shown.close()
	if found == nil {
		return interruptible(ctx, &exitError{exitUsage, err})
	}
	switch {
	case ctx.Err() != nil:
		err = &exitError{exitInterrupted, errInterrupted}
		found.Incomplete = errInterrupted.Error()
	case err != nil:
		err = &exitError{exitFailed, err} // a server that died has an exit code too, not ours
	}
	if bad := write(stdout, render.NewCalibration(started, env, found)); bad != nil {
		return errors.Join(err, fmt.Errorf("print the ceilings: %w", bad))
	}
	return err
}

// calibrateFirst measures the ceilings for a run, at its sizes.
func calibrateFirst(ctx context.Context, run bench.Settings, shown progress) (*record.Calibration, error) {
	s := calibrate.Settings{Progress: calibrating(shown)}
	for _, src := range run.Sources {
		if len(s.Sizes) < calibrate.MaxSizes && src.SizeBytes() <= calibrate.MaxSize {
			s.Sizes = append(s.Sizes, max(src.SizeBytes(), payload.SmallestSynthetic))
		}
	}
	slices.Sort(s.Sizes)
	s.Sizes = slices.Compact(s.Sizes)
	found, err := calibrate.Run(ctx, s)
	if err != nil {
		return nil, interruptible(ctx, &exitError{exitFailed, fmt.Errorf("--calibrate: %w", err)})
	}
	return found, nil
}

func calibrating(shown progress) func(calibrate.Progress) {
	return func(p calibrate.Progress) {
		shown.show(bench.Progress{Phase: "calibrating: " + p.Phase, Done: p.Done, Remaining: p.Remaining})
	}
}

// settings returns what the flags ask for, or all that is wrong with them.
func (f calibrateFlags) settings() (calibrate.Settings, error) {
	s := calibrate.Settings{Dir: f.dir, Budget: f.budget}
	for _, size := range f.sizes {
		n, err := payload.ParseSize(size)
		if err != nil {
			return s, usagef("--sizes: %w", err)
		}
		s.Sizes = append(s.Sizes, n)
	}
	if len(s.Sizes) == 0 {
		return s, usagef("--sizes is empty: give sizes such as 10KB,100KB,1MB")
	}
	if f.budget <= 0 {
		return s, usagef("--time-budget %v: give a positive duration such as 10s", f.budget)
	}
	if err := s.Validate(); err != nil {
		return s, usagef("--sizes: %w", err)
	}
	return s, nil
}
