package proof

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync/atomic"
	"time"
)

// hogVariable makes a test binary that is started again a hog.
const hogVariable = "WSIMG_PROOF_HOG"

// hogLife is the longest a hog lives, whatever becomes of who started it.
const hogLife = 2 * time.Hour

// hog is a process that keeps one core busy until it is stopped.
type hog struct {
	cmd   *exec.Cmd
	stdin io.Closer
}

// startHog starts this program again as a hog. It ends when it is stopped, and
// also when this process does, however that happens.
func startHog() (*hog, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("start the hog: %w", err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), hogVariable+"=1")
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("start the hog: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the hog: %w", err)
	}
	return &hog{cmd, stdin}, nil
}

// stop ends the hog and returns the CPU time that it burned.
func (h *hog) stop() (burned time.Duration, err error) {
	h.stdin.Close()
	kill := time.AfterFunc(5*time.Second, func() { h.cmd.Process.Kill() })
	defer kill.Stop()
	if err := h.cmd.Wait(); err != nil {
		return 0, fmt.Errorf("the hog ended before it was told to: %w", err)
	}
	return h.cmd.ProcessState.UserTime() + h.cmd.ProcessState.SystemTime(), nil
}

// beHog spins until stdin ends, and returns how often it did.
func beHog(stdin io.Reader) (spins uint64) {
	var over atomic.Bool
	time.AfterFunc(hogLife, func() { os.Exit(1) })
	go func() {
		io.Copy(io.Discard, stdin)
		over.Store(true)
	}()
	for !over.Load() {
		spins++
	}
	return spins
}
