package outcome

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/wsimg/wsimg/loadgen/record"
)

// observed is a test that notes its failures in place of failing.
type observed struct {
	testing.TB
	errors []string
}

func (o *observed) Logf(string, ...any) {}
func (o *observed) Error(args ...any)   { o.errors = append(o.errors, fmt.Sprint(args...)) }
func (o *observed) Errorf(format string, args ...any) {
	o.errors = append(o.errors, fmt.Sprintf(format, args...))
}

// start begins a program about a binary that is there already.
func start(t *testing.T) *Program {
	t.Helper()
	t.Setenv("WSIMG", "/opt/wsimg")
	return Start(t)
}

func TestStartTakesTheBinaryThatItIsGiven(t *testing.T) {
	if got := start(t).Path; got != "/opt/wsimg" {
		t.Errorf("the binary is %q, want the one that WSIMG names", got)
	}
}

func TestSettingLeavesOutWhatIsUnknown(t *testing.T) {
	p := start(t)
	env := record.Environment{Wsimg: "1.2.3", Cores: 2, MemoryBytes: 3 << 30, OS: "plan9", Kernel: "4", Arch: "mips"}
	got := p.Setting(env, "%d clients", 5)
	for _, want := range []string{", wsimg 1.2.3 from a given binary: 5 clients, in ", ".\nOn 2 cores, 3 GiB, plan9 4 mips."} {
		if !strings.Contains(got, want) {
			t.Errorf("got %q, want it to contain %q", got, want)
		}
	}
	env.Wsimg = ""
	if got := p.Setting(env, "nothing"); !strings.Contains(got, ", wsimg from a given binary: nothing") {
		t.Errorf("without a version: got %q", got)
	}
}

func TestFinishFailsATestThatMissedABar(t *testing.T) {
	p := start(t)
	o := &Outcome{Program: "AA"}
	cleared, missed := &observed{TB: t}, &observed{TB: t}
	p.Finish(cleared, o, new(Place))
	o.Missf("a bar")
	p.Finish(missed, o, new(Place))
	if len(cleared.errors) > 0 || len(missed.errors) != 1 {
		t.Errorf("errors: %q with all bars cleared, %q with one missed; want none and one", cleared.errors, missed.errors)
	}
}

func TestFinishPutsTheOutcomeWhereTheFlagsSay(t *testing.T) {
	for _, c := range []struct {
		name    string
		flags   func(path string) []string
		changed bool
	}{
		{"no flag", func(string) []string { return nil }, false},
		{"-update", func(string) []string { return []string{"-update"} }, true},
		{"-write", func(path string) []string { return []string{"-write", path} }, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := written(t, document)
			if c.name == "-update" {
				t.Chdir(strings.TrimSuffix(path, "README.md"))
			}
			set := flag.NewFlagSet("", flag.ContinueOnError)
			place := Flags(set)
			if err := set.Parse(c.flags(path)); err != nil {
				t.Fatal(err)
			}
			start(t).Finish(t, &Outcome{Program: "AA", Setting: "New."}, place)
			got, err := os.ReadFile(path)
			if err != nil || strings.Contains(string(got), "New.") != c.changed {
				t.Errorf("got\n%s\n(%v), want it changed: %v", got, err, c.changed)
			}
		})
	}
}

func TestFinishFailsATestWhoseOutcomeHasNoPlace(t *testing.T) {
	got := &observed{TB: t}
	start(t).Finish(got, &Outcome{Program: "Unheard"}, &Place{write: written(t, document)})
	if len(got.errors) != 1 || !strings.Contains(got.errors[0], "Unheard") {
		t.Errorf("errors: %q, want one that names the outcome", got.errors)
	}
}
