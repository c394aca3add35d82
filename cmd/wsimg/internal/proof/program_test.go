//go:build slow

package proof

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/wsimg/wsimg/cmd/wsimg/internal/outcome"
	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/stats"
	"github.com/wsimg/wsimg/reports"
)

var (
	runsFlag     = flag.Int("runs", 0, "`number` of runs (default: the program's own)")
	budgetFlag   = flag.Duration("budget", 15*time.Second, "of a run of AA")
	roundsFlag   = flag.Int("rounds", 20, "of a run of Effect and Power")
	parallelFlag = flag.Int("parallel-runs", 4, "of Effect and Power, which mostly sleep")
	place        = outcome.Flags(flag.CommandLine)
)

// runs returns how many runs there are to be.
func runs(usually int) int {
	if *runsFlag > 0 {
		return *runsFlag
	}
	return usually
}

// longestRun bounds one run of wsimg.
const longestRun = 2 * time.Minute

// program is wsimg, run as a user does.
type program struct{ *outcome.Program }

func newProgram(t *testing.T) program { return program{outcome.Start(t)} }

// bench runs wsimg bench and returns the run that it saved.
func (p program) bench(args ...string) (*record.Run, error) {
	return p.saved("bench", longestRun, args...)
}

// saved runs a command of wsimg for so long at most and returns the run that it
// saved. A verdict of void is as good as any: the machine is shared, or hogged, on
// purpose.
func (p program) saved(command string, longest time.Duration, args ...string) (*record.Run, error) {
	ctx, cancel := context.WithTimeout(p.Context(), longest)
	defer cancel()
	folder, err := os.MkdirTemp(p.Folder, "run")
	if err != nil {
		return nil, err
	}
	out := filepath.Join(folder, "run.json")
	cmd := exec.CommandContext(ctx, p.Path, append([]string{command, "--quiet", "--out", out}, args...)...)
	cmd.Cancel = func() error {
		if p.Context().Err() == nil {
			return cmd.Process.Signal(syscall.SIGQUIT) // it hangs: let it say where
		}
		return cmd.Process.Signal(os.Interrupt) // it ends its target
	}
	cmd.WaitDelay = 20 * time.Second
	var said bytes.Buffer
	cmd.Stderr = &said
	err = cmd.Run()
	const void = 3
	if exit, ok := errors.AsType[*exec.ExitError](err); ctx.Err() != nil || err != nil && (!ok || exit.ExitCode() != void) {
		return nil, fmt.Errorf("wsimg %s %s: %w: %s", command, strings.Join(args, " "), errors.Join(ctx.Err(), err), strings.TrimSpace(said.String()))
	}
	data, err := os.ReadFile(out)
	if err != nil {
		return nil, fmt.Errorf("read the saved run: %w", err)
	}
	run := new(record.Run)
	if err := json.Unmarshal(data, run); err != nil {
		return nil, fmt.Errorf("read the saved run: %w", err)
	}
	return run, os.RemoveAll(folder)
}

// analyze returns the reports of runs.
func analyze(t *testing.T, runs []*record.Run) []*reports.Report {
	t.Helper()
	all := make([]*reports.Report, len(runs))
	for i, run := range runs {
		r, err := reports.Analyze(run)
		if err != nil {
			t.Fatalf("run %d: %v", i+1, err)
		}
		all[i] = r
	}
	return all
}

// percent writes a share with three significant digits.
func percent(share float64) string { return reports.FormatNumber(100*share) + " %" }

// median is of what there is, and zero of nothing.
func median(xs []float64) float64 {
	if len(xs) == 0 {
		return 0
	}
	return stats.Median(xs)
}
