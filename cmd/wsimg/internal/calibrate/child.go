package calibrate

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/wsimg/wsimg/cmd/wsimg/internal/yardstick"
)

const (
	// startTimeout is how long the yardstick's server may take to listen.
	startTimeout = 15 * time.Second
	// stopTimeout is how long it may take to end before it is killed.
	stopTimeout = 5 * time.Second
)

// ServeChild serves as the yardstick on a free port of 127.0.0.1, says on which
// in one line on stdout, and ends when stdin does, as it also does when the
// parent is killed, or ctx is done.
func ServeChild(ctx context.Context, stdin io.Reader, stdout io.Writer) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen as the yardstick: %w", err)
	}
	if _, err := fmt.Fprintln(stdout, l.Addr()); err != nil {
		return errors.Join(fmt.Errorf("tell the parent: %w", err), l.Close())
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		io.Copy(io.Discard, stdin)
		cancel()
	}()
	return yardstick.Serve(ctx, l)
}

// child is the yardstick's server in a process of its own.
type child struct {
	addr   string
	cmd    *exec.Cmd
	stdin  io.Closer
	said   strings.Builder // on standard error
	exited chan struct{}
	err    error // set before exited is closed
}

// startChild runs this program with args, which make it call ServeChild, and
// returns when it listens.
func startChild(ctx context.Context, args []string) (*child, error) {
	c, stdout, err := spawn(args)
	if err != nil {
		return nil, fmt.Errorf("start the yardstick: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { c.cmd.Process.Kill() })
	line, err := bufio.NewReader(stdout).ReadString('\n')
	inTime := stop()
	go func() {
		defer close(c.exited)
		c.err = c.cmd.Wait()
	}()
	switch {
	case !inTime:
		_ = c.close()
		return nil, fmt.Errorf("start the yardstick: it did not listen in time: %w", ctx.Err())
	case err != nil:
		_ = c.close()
		return nil, fmt.Errorf("start the yardstick: it ended before it listened: %s", strings.TrimSpace(c.said.String()))
	}
	c.addr = strings.TrimSpace(line)
	return c, nil
}

// spawn starts the process.
func spawn(args []string) (*child, io.Reader, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, nil, err
	}
	c := &child{cmd: exec.Command(self, args...), exited: make(chan struct{})}
	c.cmd.Stderr = &c.said
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
	return c, stdout, c.cmd.Start()
}

// close ends the process and returns when it has. The error says that it did
// not end in good order, or had ended before.
func (c *child) close() error {
	c.stdin.Close()
	kill := time.AfterFunc(stopTimeout, func() { c.cmd.Process.Kill() })
	defer kill.Stop()
	<-c.exited
	return c.fault()
}

// fault is why the process, which has exited, did so; nil when it was told to.
func (c *child) fault() error {
	if c.err == nil {
		return nil
	}
	return fmt.Errorf("the yardstick ended: %w", c.err)
}
