package outcome

import (
	"context"
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
)

// Program is a slow program on its way, and the wsimg that it is about.
type Program struct {
	// Path is that of the binary.
	Path string
	// Folder is a temporary one, which goes with the test.
	Folder string

	ctx     context.Context
	source  string // what the binary was built from
	started time.Time
}

// Start builds wsimg, unless the environment variable WSIMG names one. A build
// that fails ends the test.
func Start(t testing.TB) *Program {
	t.Helper()
	ctx, stop := signal.NotifyContext(t.Context(), os.Interrupt, syscall.SIGTERM)
	t.Cleanup(stop)
	p := &Program{Folder: t.TempDir(), ctx: ctx, started: time.Now()}
	if p.Path = os.Getenv("WSIMG"); p.Path != "" {
		p.source = "a given binary"
		return p
	}
	p.Path = filepath.Join(p.Folder, "wsimg")
	if runtime.GOOS == "windows" {
		p.Path += ".exe"
	}
	out, err := exec.CommandContext(ctx, "go", "build", "-o", p.Path, "github.com/wsimg/wsimg/cmd/wsimg").CombinedOutput()
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

// Context ends with the test, and also when that is interrupted: whatever the
// program starts should end with it.
func (p *Program) Context() context.Context { return p.ctx }

// Setting says when, with which wsimg, for how long and on what machine it was
// that the program did what format and args tell.
func (p *Program) Setting(env record.Environment, format string, args ...any) string {
	on := []string{
		env.CPU, fmt.Sprintf("%d cores", env.Cores), fmt.Sprintf("%.3g GiB", float64(env.MemoryBytes)/(1<<30)),
		env.Virtualization, env.OS + " " + env.Kernel + " " + env.Arch, env.Go,
	}
	on = slices.DeleteFunc(on, func(s string) bool { return s == "" })
	return fmt.Sprintf("%s, %s from %s: %s, in %s.\nOn %s.",
		p.started.UTC().Format(time.DateOnly), strings.TrimSpace("wsimg "+env.Wsimg), p.source,
		fmt.Sprintf(format, args...), time.Since(p.started).Round(time.Second), strings.Join(on, ", "))
}

// Finish shows the outcome, puts it into its place if it has one, and fails the
// test when a bar was missed.
func (p *Program) Finish(t testing.TB, o *Outcome, place *Place) {
	t.Helper()
	t.Logf("%s\n\n%s", o.Program, o.Markdown())
	if path := place.path(); path != "" {
		if err := o.Update(path); err != nil {
			t.Error(err)
		}
	}
	if len(o.Missed) > 0 {
		t.Errorf("missed: %s", strings.Join(o.Missed, "; "))
	}
}
