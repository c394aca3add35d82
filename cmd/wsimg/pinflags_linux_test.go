package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/spf13/cobra"

	"github.com/wsimg/wsimg/loadgen/machine"
	"github.com/wsimg/wsimg/loadgen/record"
)

// twoCPUs returns the first and the last of the CPUs that this process may use,
// and all of them. It skips the test where they are one.
func twoCPUs(t *testing.T) (first, last, all record.CPUs) {
	t.Helper()
	all, err := machine.Affinity()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 2 {
		t.Skipf("this process may use %s alone", all.Words())
	}
	return all[:1], all[len(all)-1:], all
}

// parsePinFlags parses a command line of pinFlags.
func parsePinFlags(t *testing.T, bundled bool, line ...string) (pinsAsked, error) {
	t.Helper()
	cmd, f := new(cobra.Command), pinFlags{}
	f.register(cmd.Flags())
	if err := cmd.ParseFlags(line); err != nil {
		t.Fatal(err)
	}
	return f.parse(cmd, bundled)
}

func TestPinFlags(t *testing.T) {
	first, last, all := twoCPUs(t)
	for _, c := range []struct {
		name    string
		bundled bool
		line    []string
		want    pinsAsked
	}{
		{"neither is given", true, nil, pinsAsked{}},
		{"neither is given, of another server", false, nil, pinsAsked{}},
		{"the target's", true, []string{"--target-cpus", first.String()}, pinsAsked{Target: first, Child: first}},
		{"the generator has them", true, []string{"--generator-cpus", all.String()}, pinsAsked{Generator: all}},
		{"the generator has them, and another server", false, []string{"--generator-cpus", all.String()}, pinsAsked{Generator: all}},
		{"shared ones", true, []string{"--generator-cpus", all.String(), "--target-cpus", last.String()}, pinsAsked{Target: last, Child: last, Generator: all}},
	} {
		got, err := parsePinFlags(t, c.bundled, c.line...)
		got.Notes = nil // depend on the machine
		if err != nil || !slices.Equal(got.Target, c.want.Target) || !slices.Equal(got.Generator, c.want.Generator) || !slices.Equal(got.Child, c.want.Child) {
			t.Errorf("%s: got %+v, %v, want %+v", c.name, got, err, c.want)
		}
	}
}

func TestPinFlagsAtFault(t *testing.T) {
	first, _, all := twoCPUs(t)
	for _, c := range []struct {
		name    string
		bundled bool
		line    []string
		want    []string
	}{
		{"no CPU", true, []string{"--target-cpus", "", "--generator-cpus", "none"},
			[]string{`--target-cpus: "" is no list of CPUs: give their numbers`, `--generator-cpus: "none" is no list`}},
		{"named twice", true, []string{"--generator-cpus", first.String() + "," + first.String()}, []string{"--generator-cpus: CPU " + first.String() + " is in"}},
		{"not there", true, []string{"--target-cpus", first.String() + ",1022-1023"},
			[]string{"--target-cpus: CPUs 1022-1023 of", "can't be had: name some of " + all.Words() + ", which wsimg may use here"}},
		{"another server", false, []string{"--target-cpus", first.String()}, []string{"--target-cpus and --url exclude each other", "taskset -c"}},
		{"another server, and a generator to be restarted", false, []string{"--target-cpus", first.String(), "--generator-cpus", first.String()},
			[]string{"--target-cpus and --url exclude each other"}},
	} {
		_, err := parsePinFlags(t, c.bundled, c.line...)
		if got := exitCode(err); got != exitUsage {
			t.Errorf("%s: got exit code %d, want %d", c.name, got, exitUsage)
		}
		for _, want := range c.want {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: got %v, want it to say %q", c.name, err, want)
			}
		}
	}
}

// TestRestartIsForMain: a command that has to be begun again returns and does
// nothing. Begun again in vain it is not begun a third time.
func TestRestartIsForMain(t *testing.T) {
	first, last, all := twoCPUs(t)
	for _, command := range []string{"run", "bench"} {
		var stdout, stderr bytes.Buffer
		err := run(t.Context(), []string{command, "--generator-cpus", last.String()}, nil, &stdout, &stderr)
		wanted, ok := errors.AsType[*restart](err)
		if !ok || !slices.Equal(wanted.cpus, last) || !slices.Equal(wanted.before, all) {
			t.Fatalf("%s: got %#v, want a restart on %v instead of %v", command, err, last, all)
		}
		if stdout.Len()+stderr.Len() > 0 {
			t.Errorf("%s: got output %q and %q, want none", command, stdout.String(), stderr.String())
		}
	}

	t.Setenv(restartVariable, all.String())
	_, err := parsePinFlags(t, true, "--generator-cpus", first.String())
	if _, ok := errors.AsType[*restart](err); !ok {
		t.Fatalf("got %v, want a restart", err)
	}
	var stderr bytes.Buffer
	err = restarted(t.Context(), err, &stderr)
	want := "--generator-cpus " + first.String() + ": this process can't be kept to them"
	if exitCode(err) != exitUsage || !strings.Contains(stderr.String(), want) {
		t.Errorf("begun again in vain: got exit code %d and %q, want %d and %q", exitCode(err), stderr.String(), exitUsage, want)
	}

	interrupted, cancel := context.WithCancel(t.Context())
	cancel()
	if got := exitCode(restarted(interrupted, &restart{cpus: first, before: all}, &stderr)); got != exitInterrupted {
		t.Errorf("interrupted: got exit code %d, want %d", got, exitInterrupted)
	}
	if got := restarted(t.Context(), errInterrupted, &stderr); got != errInterrupted {
		t.Errorf("another error: got %v, want it as it was", got)
	}
}

// TestEachEndIsKeptToItsCPUs asks the kernel while a run lasts, then ends it as
// a user does.
func TestEachEndIsKeptToItsCPUs(t *testing.T) {
	first, last, all := twoCPUs(t)
	for _, c := range []struct {
		name              string
		line              []string
		target, generator record.CPUs
	}{
		{"each its own", []string{"--target-cpus", first.String(), "--generator-cpus", last.String()}, first, last},
		{"the generator alone", []string{"--generator-cpus", last.String()}, all, last},
		{"the target alone", []string{"--target-cpus", last.String()}, last, all},
	} {
		t.Run(c.name, func(t *testing.T) {
			out := filepath.Join(t.TempDir(), "run.json")
			cmd := exec.Command(os.Args[0], append([]string{"run", "--size", "1KB", "--distinct", "2", "--clients", "2", "--duration", "1h", "--out", out}, c.line...)...)
			cmd.Env = append(os.Environ(), role+"=wsimg", "TMPDIR="+t.TempDir())
			stderr := new(safeBuffer)
			cmd.Stderr = stderr
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { cmd.Process.Kill() })
			eventually(t, "it measures", func() bool { return strings.Contains(stderr.String(), "measuring") })
			if got := allowed(t, cmd.Process.Pid); got != c.generator.String() {
				t.Errorf("the generator may use CPUs %s, want %s", got, c.generator)
			}
			if got := allowed(t, childOf(cmd.Process.Pid)); got != c.target.String() {
				t.Errorf("the target may use CPUs %s, want %s", got, c.target)
			}
			if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
				t.Fatal(err)
			}
			if cmd.Wait(); cmd.ProcessState.ExitCode() != exitInterrupted {
				t.Errorf("got exit code %d and %q, want %d", cmd.ProcessState.ExitCode(), stderr.String(), exitInterrupted)
			}
			data, err := os.ReadFile(out)
			if err != nil {
				t.Fatal(err)
			}
			var saved record.Run
			if err := json.Unmarshal(data, &saved); err != nil {
				t.Fatal(err)
			}
			e := saved.Environment
			if e.Cores != len(c.generator) || e.GOMAXPROCS != len(c.generator) {
				t.Errorf("the generator tells of %d cores and GOMAXPROCS %d, want %d", e.Cores, e.GOMAXPROCS, len(c.generator))
			}
			if e.Target == nil || e.Target.Cores != len(c.target) || e.Target.GOMAXPROCS != len(c.target) {
				t.Errorf("the target tells of %+v, want %d cores", e.Target, len(c.target))
			}
		})
	}
}

// allowed returns the CPUs that a process may use.
func allowed(t *testing.T, pid int) string {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(status), "Cpus_allowed_list:")
	list, _, _ := strings.Cut(rest, "\n")
	return strings.TrimSpace(list)
}
