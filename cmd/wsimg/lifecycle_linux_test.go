package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// longRun starts a bench that would go on for hours, as a process, and returns
// it once its target serves, with the target's process id.
func longRun(t *testing.T, temp string, stdout, stderr *bytes.Buffer) (*exec.Cmd, int) {
	t.Helper()
	cmd := exec.Command(os.Args[0], append([]string{"bench"}, append(quick, "--rounds", "1000000")...)...)
	cmd.Env = append(os.Environ(), role+"=wsimg", "TMPDIR="+temp)
	cmd.Stdout, cmd.Stderr = stdout, stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill() })
	var child int
	eventually(t, "the target saves an image", func() bool {
		child = childOf(cmd.Process.Pid)
		saved, _ := filepath.Glob(filepath.Join(temp, "wsimg-*", "*"))
		return child != 0 && len(saved) > 0
	})
	return cmd, child
}

// childOf returns the first child of a process; 0 when it has none.
func childOf(parent int) int {
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range stats {
		data, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		// pid (name) state ppid …; the name may hold anything.
		_, rest, _ := strings.Cut(string(data), ") ")
		if f := strings.Fields(rest); len(f) > 1 && f[1] == strconv.Itoa(parent) {
			pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(path)))
			return pid
		}
	}
	return 0
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for range 1000 {
		if ok() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("waited 10 s in vain until %s", what)
}

func gone(pid int) bool {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err != nil || strings.Contains(string(data), ") Z ")
}

func isEmpty(t *testing.T, folder string) bool {
	t.Helper()
	left, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	return len(left) == 0
}

func TestTargetKilledInMidRun(t *testing.T) {
	var stdout, stderr bytes.Buffer
	temp := t.TempDir()
	cmd, child := longRun(t, temp, &stdout, &stderr)
	time.Sleep(500 * time.Millisecond) // some rounds
	if err := syscall.Kill(child, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	cmd.Wait()
	if got := cmd.ProcessState.ExitCode(); got != exitFailed {
		t.Errorf("exit code: got %d, want %d", got, exitFailed)
	}
	if !strings.Contains(stderr.String(), "the target ended: signal: killed, in mid-run") {
		t.Errorf("standard error does not say what happened:\n%s", stderr.String())
	}
	if !strings.Contains(stdout.String(), "incomplete") || !strings.Contains(stdout.String(), "Throughput") {
		t.Errorf("the report of what was measured is missing, or not marked incomplete:\n%s", stdout.String())
	}
	if !isEmpty(t, temp) {
		t.Error("the target's temporary folder is left behind")
	}
}

func TestNothingSurvivesTheRun(t *testing.T) {
	for _, tt := range []struct {
		name   string
		signal syscall.Signal
		code   int
	}{
		{"killed", syscall.SIGKILL, -1},
		{"interrupted", syscall.SIGINT, exitInterrupted},
		{"terminated", syscall.SIGTERM, exitInterrupted},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			temp := t.TempDir()
			cmd, child := longRun(t, temp, &stdout, &stderr)
			cmd.Process.Signal(tt.signal)
			cmd.Wait()
			if got := cmd.ProcessState.ExitCode(); got != tt.code {
				t.Errorf("exit code: got %d, want %d\n%s", got, tt.code, stderr.String())
			}
			eventually(t, "the target has ended", func() bool { return gone(child) })
			eventually(t, "its folder is gone", func() bool { return isEmpty(t, temp) })
		})
	}
}
