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
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/stats"
	"github.com/wsimg/wsimg/reports"
)

var (
	runsFlag     = flag.Int("runs", 0, "`number` of runs (default: the program's own)")
	budgetFlag   = flag.Duration("budget", 15*time.Second, "of a run of AA")
	roundsFlag   = flag.Int("rounds", 20, "of a run of Effect and Power")
	parallelFlag = flag.Int("parallel-runs", 4, "of Effect and Power, which mostly sleep")
	updateFlag   = flag.Bool("update", false, "put the outcome into README.md")
	writeFlag    = flag.String("write", "", "put the outcome into this `file`, which must have the marks that README.md has")
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
type program struct {
	path    string
	source  string // what it was built from
	folder  string // for the runs it saves
	ctx     context.Context
	started time.Time
}

// newProgram builds wsimg, unless WSIMG names one. Its runs end with the test,
// also when that is interrupted.
func newProgram(t *testing.T) *program {
	ctx, stop := signal.NotifyContext(t.Context(), os.Interrupt, syscall.SIGTERM)
	t.Cleanup(stop)
	p := &program{folder: t.TempDir(), ctx: ctx, started: time.Now()}
	if p.path = os.Getenv("WSIMG"); p.path != "" {
		p.source = "a given binary"
		return p
	}
	p.path = filepath.Join(p.folder, "wsimg")
	if runtime.GOOS == "windows" {
		p.path += ".exe"
	}
	out, err := exec.CommandContext(ctx, "go", "build", "-o", p.path, "github.com/wsimg/wsimg/cmd/wsimg").CombinedOutput()
	if err != nil {
		t.Fatalf("build wsimg: %v\n%s", err, out)
	}
	p.source = commit(ctx)
	return p
}

// commit names what is checked out; the document of outcomes does not count as
// a change.
func commit(ctx context.Context) string {
	git := func(args ...string) (string, error) {
		out, err := exec.CommandContext(ctx, "git", append([]string{"--no-optional-locks"}, args...)...).Output()
		return strings.TrimSpace(string(out)), err
	}
	head, err := git("rev-parse", "--short", "HEAD")
	if err != nil {
		return "an unknown commit"
	}
	if changes, err := git("status", "--porcelain", "--", ":(top)", ":(exclude)README.md"); err != nil || changes != "" {
		head += " with changes"
	}
	return head
}

// bench runs wsimg bench and returns the run that it saved. A verdict of void
// is as good as any: the machine is shared, or hogged, on purpose.
func (p *program) bench(args ...string) (*record.Run, error) {
	ctx, cancel := context.WithTimeout(p.ctx, longestRun)
	defer cancel()
	folder, err := os.MkdirTemp(p.folder, "run")
	if err != nil {
		return nil, err
	}
	out := filepath.Join(folder, "run.json")
	cmd := exec.CommandContext(ctx, p.path, append([]string{"bench", "--quiet", "--out", out}, args...)...)
	cmd.Cancel = func() error {
		if p.ctx.Err() == nil {
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
		return nil, fmt.Errorf("wsimg bench %s: %w: %s", strings.Join(args, " "), errors.Join(ctx.Err(), err), strings.TrimSpace(said.String()))
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

// finish shows the outcome, puts it into the document if that is asked for,
// and fails the test when a bar was missed.
func (p *program) finish(t *testing.T, o *outcome) {
	t.Helper()
	t.Logf("%s\n\n%s", o.program, o.markdown())
	path := *writeFlag
	if *updateFlag {
		path = "README.md"
	}
	if path != "" {
		if err := updateFile(path, o); err != nil {
			t.Error(err)
		}
	}
	if len(o.missed) > 0 {
		t.Errorf("missed: %s", strings.Join(o.missed, "; "))
	}
}

// setting says when, with what and on what the runs were made.
func (p *program) setting(what string, run *record.Run) string {
	env := run.Environment
	machine := []string{env.CPU, fmt.Sprintf("%d cores", env.Cores), fmt.Sprintf("%.3g GiB", float64(env.MemoryBytes)/(1<<30))}
	machine = append(machine, env.Virtualization, env.OS+" "+env.Kernel+" "+env.Arch, env.Go)
	machine = slices.DeleteFunc(machine, func(s string) bool { return s == "" })
	return fmt.Sprintf("%s, wsimg %s from %s: %s, in %s.\nOn %s.",
		p.started.UTC().Format(time.DateOnly), env.Wsimg, p.source,
		what, time.Since(p.started).Round(time.Second), strings.Join(machine, ", "))
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
