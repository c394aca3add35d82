package siege

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"time"
)

// process is this program, started again to be something else, in a process of
// its own: its files, its memory and its CPU time are not those of others. It ends
// with the context that it was started with, and also when this process does,
// for it reads to the end of its standard input.
type process struct {
	cmd   *exec.Cmd
	stdin io.WriteCloser
	said  *json.Decoder // its standard output
}

// restart starts this program again, with an order in an environment variable,
// and returns when it has said its first word, which goes to ready.
func restart(ctx context.Context, variable string, order, ready any) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	encoded, err := json.Marshal(order)
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self)
	cmd.Env = append(os.Environ(), variable+"="+string(encoded))
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &process{cmd, stdin, json.NewDecoder(stdout)}
	if err := p.said.Decode(ready); err != nil {
		return nil, errors.Join(err, p.end(nil))
	}
	return p, nil
}

// pid is the number by which the system knows the process.
func (p *process) pid() int { return p.cmd.Process.Pid }

// end ends the process, by force if it takes its time. Its last word goes to
// last, unless that is nil.
func (p *process) end(last any) error {
	p.stdin.Close()
	kill := time.AfterFunc(30*time.Second, func() { p.cmd.Process.Kill() })
	defer kill.Stop()
	var err error
	if last != nil {
		err = p.said.Decode(last)
	}
	return errors.Join(err, p.cmd.Wait())
}
