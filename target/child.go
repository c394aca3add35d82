package target

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/wsimg/wsimg/target/internal/machine"
	"github.com/wsimg/wsimg/target/store"
)

const (
	// startTimeout is how long a child may take until it is ready.
	startTimeout = 15 * time.Second
	// abortTimeout is how long a child that is not wanted any more may take to
	// end by itself.
	abortTimeout = 3 * time.Second
	// stopTimeout is how long a child may take to drain and end.
	stopTimeout = DefaultDrainTimeout + 5*time.Second
	// stderrTail is how much of what a child said last is kept, in bytes.
	stderrTail = 4 << 10
)

// ChildSettings says what to start. A zero field means its default.
type ChildSettings struct {
	// Executable is the program to run; default: this one.
	Executable string
	// Args come first, before the flags that the fields below make; default:
	// the hidden command that serves as a child, "target --child".
	Args []string
	// Env is added to the environment of this process.
	Env []string

	// As in Settings.
	Store    store.Kind
	MaxImage int64
	Codec    Codec
	Reply    Reply
	Deflate  bool

	// Connections is how many its parent is going to open; 0: it does not say.
	// The child then has its store keep fewer files open, if that is what it
	// takes. It is no limit: as many may come as the process may have.
	Connections int

	// CPUs are the processors that the child is kept to, from its first
	// instruction on, by the system's numbers. Linux only. None: those that this
	// process may use.
	CPUs []int
}

// Child is a target in a process of its own, so that what it costs can be told
// from what its clients cost. It ends when it is stopped and also when this
// process does, however that happens. Its methods are safe for concurrent use.
type Child struct {
	ready  ready
	cmd    *exec.Cmd
	stdin  io.Closer
	stderr *tail
	exited chan struct{}

	mu       sync.Mutex
	stopping bool
	err      error // set before exited is closed
}

// Start runs a target as a child process and returns when it is ready. The
// context bounds the start only. The error ends with what the child said.
func Start(ctx context.Context, settings ChildSettings) (*Child, error) {
	c, stdout, err := spawn(settings)
	if err != nil {
		return nil, fmt.Errorf("start the target: %w", err)
	}
	line := make(chan error, 1)
	go func() { line <- c.awaitReady(stdout) }()

	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	select {
	case err = <-line:
	case <-ctx.Done():
		err = fmt.Errorf("it was not ready in time: %w", ctx.Err())
		// Asked first, and killed only then: it may have made its folder by now,
		// of which nobody else knows.
		c.stop()
		select {
		case <-line:
		case <-time.After(abortTimeout):
			c.cmd.Process.Kill()
			<-line
		}
	}
	go c.wait()
	if err != nil {
		c.stop()
		select {
		case <-c.exited:
		case <-time.After(abortTimeout):
			c.cmd.Process.Kill()
			<-c.exited
		}
		return nil, fmt.Errorf("start the target: %w%s", err, c.stderr.quote())
	}
	return c, nil
}

// spawn starts the process.
func spawn(settings ChildSettings) (*Child, io.Reader, error) {
	program := settings.Executable
	if program == "" {
		self, err := os.Executable()
		if err != nil {
			return nil, nil, err
		}
		program = self
	}
	c := &Child{
		cmd:    exec.Command(program, settings.args()...),
		stderr: &tail{},
		exited: make(chan struct{}),
	}
	c.cmd.Env = append(os.Environ(), settings.Env...)
	c.cmd.Stderr = c.stderr
	c.cmd.SysProcAttr = ownGroup()
	c.cmd.WaitDelay = time.Second
	stdin, err := c.cmd.StdinPipe()
	if err != nil {
		return nil, nil, err
	}
	stdout, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, nil, err
	}
	c.stdin = stdin
	if len(settings.CPUs) > 0 {
		return c, stdout, machine.StartOn(settings.CPUs, c.cmd.Start)
	}
	return c, stdout, c.cmd.Start()
}

func (s ChildSettings) args() []string {
	args := s.Args
	if args == nil {
		args = []string{"target", "--child"}
	}
	args = args[:len(args):len(args)]
	if s.Store != "" {
		args = append(args, "--store", string(s.Store))
	}
	if s.MaxImage != 0 {
		args = append(args, "--max-image", fmt.Sprintf("%dB", s.MaxImage))
	}
	if s.Codec != "" {
		args = append(args, "--codec", string(s.Codec))
	}
	if s.Reply != "" {
		args = append(args, "--reply", string(s.Reply))
	}
	if s.Deflate {
		args = append(args, "--deflate")
	}
	if s.Connections != 0 {
		args = append(args, "--max-connections", strconv.Itoa(s.Connections))
	}
	return args
}

// awaitReady reads the line that a child prints when it listens.
func (c *Child) awaitReady(stdout io.Reader) error {
	line, err := bufio.NewReader(stdout).ReadBytes('\n')
	if err == io.EOF {
		return errors.New("it ended before it was ready")
	}
	if err != nil {
		return err
	}
	if err := json.Unmarshal(line, &c.ready); err != nil {
		return fmt.Errorf("it said %q where a line of JSON was expected", line)
	}
	return nil
}

// wait reaps the process and removes what it may have left.
func (c *Child) wait() {
	err := c.cmd.Wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.stopping && err == nil:
	case err == nil:
		c.err = errors.New("the target ended by itself")
	default:
		c.err = fmt.Errorf("the target ended: %w%s", err, c.stderr.quote())
	}
	if dir := c.ready.Dir; strings.HasPrefix(filepath.Base(dir), childPrefix) {
		if err := os.RemoveAll(dir); err != nil {
			c.err = errors.Join(c.err, fmt.Errorf("remove the target's folder: %w", err))
		}
	}
	close(c.exited)
}

// URL returns where clients connect to.
func (c *Child) URL() string { return c.ready.URL }

// Dir returns the temporary folder that the child saves into.
func (c *Child) Dir() string { return c.ready.Dir }

// PID returns the process id.
func (c *Child) PID() int { return c.ready.PID }

// Exited is closed when the process has ended, for whatever reason, and its
// folder is gone.
func (c *Child) Exited() <-chan struct{} { return c.exited }

// Err returns nil while the child runs and after it was stopped in good order,
// else why it ended, with what it said last.
func (c *Child) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// Stop has the child drain and end, and returns when it has. When ctx is done
// before, or after ten seconds, it is killed. The error is that of Err.
func (c *Child) Stop(ctx context.Context) error {
	c.stop()
	ctx, cancel := context.WithTimeout(ctx, stopTimeout)
	defer cancel()
	select {
	case <-c.exited:
	case <-ctx.Done():
		c.cmd.Process.Kill()
		<-c.exited
	}
	return c.Err()
}

// stop ends the child's standard input, by which it knows.
func (c *Child) stop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stopping = true
	c.stdin.Close()
}

// tail is a writer that keeps the last stderrTail bytes.
type tail struct {
	mu   sync.Mutex
	kept []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.kept = append(t.kept, p...)
	if over := len(t.kept) - stderrTail; over > 0 {
		t.kept = append(t.kept[:0], t.kept[over:]...)
	}
	return len(p), nil
}

// quote returns what was kept as the end of an error, empty when nothing was.
func (t *tail) quote() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	said := strings.TrimSpace(string(t.kept))
	if said == "" {
		return ""
	}
	return ": " + said
}
