package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/wsimg/wsimg/reports/render"
)

// startCalibrate starts a calibration that would go on for ten seconds, as a
// process, and returns it once it measures.
func startCalibrate(t *testing.T, temp string, stdout io.Writer) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0], "calibrate", "--sizes", "1KB", "--time-budget", "10s", "--format", "json")
	cmd.Env = append(os.Environ(), role+"=wsimg", "TMPDIR="+temp)
	cmd.Stdout = stdout
	stderr, said := io.Pipe()
	cmd.Stderr = said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill() })
	measuring := make(chan struct{})
	go func() {
		var all bytes.Buffer
		buf := make([]byte, 1<<10)
		for {
			n, err := stderr.Read(buf)
			all.Write(buf[:n])
			if bytes.Contains(all.Bytes(), []byte("measuring")) {
				close(measuring)
				io.Copy(io.Discard, stderr)
				return
			}
			if err != nil {
				return
			}
		}
	}()
	select {
	case <-measuring:
	case <-time.After(20 * time.Second):
		t.Fatal("waited 20 s in vain until it measures")
	}
	time.Sleep(500 * time.Millisecond) // some ceilings
	return cmd
}

func TestCalibrateInterruptedPrintsWhatItMeasured(t *testing.T) {
	temp := t.TempDir()
	var stdout bytes.Buffer
	cmd := startCalibrate(t, temp, &stdout)
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Skip("processes can't be interrupted here")
	}
	_ = cmd.Wait()
	if got := cmd.ProcessState.ExitCode(); got != exitInterrupted {
		t.Errorf("exit code: got %d, want %d", got, exitInterrupted)
	}
	var printed render.Calibration
	if err := json.Unmarshal(stdout.Bytes(), &printed); err != nil {
		t.Fatalf("%v in what was printed:\n%s", err, stdout.String())
	}
	if c := printed.Calibration; c.Incomplete != "interrupted" || len(c.Ceilings) == 0 {
		t.Errorf("got %+v, want some ceilings, marked as interrupted", c)
	}
	left, _ := filepath.Glob(filepath.Join(temp, "*"))
	if len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestCalibrateThatCannotStart(t *testing.T) {
	var stdout, stderr bytes.Buffer
	err := run(t.Context(), []string{"calibrate", "--dir", filepath.Join(t.TempDir(), "nowhere"), "--quiet"}, nil, &stdout, &stderr)
	if got := exitCode(err); got != exitUsage {
		t.Errorf("exit code: got %d (%v), want %d", got, err, exitUsage)
	}
	if stdout.Len() > 0 || !strings.Contains(stderr.String(), "nowhere") {
		t.Errorf("printed %q and %q, want an error alone that names the folder", stdout.String(), stderr.String())
	}
}

func TestCalibrateInterruptedAtOnce(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	interrupt()
	var stdout, stderr bytes.Buffer
	err := run(ctx, []string{"calibrate", "--sizes", "1KB", "--quiet"}, nil, &stdout, &stderr)
	if got := exitCode(err); got != exitInterrupted || !strings.Contains(stderr.String(), "before anything was measured") {
		t.Errorf("exit code %d and %q, want %d", got, stderr.String(), exitInterrupted)
	}
}
