package target

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

// childPrefix begins the name of a child's temporary folder.
const childPrefix = "wsimg-"

// ready is the one line that a child prints, as JSON, when it listens.
type ready struct {
	URL string `json:"url"`
	Dir string `json:"dir"` // its temporary folder
	PID int    `json:"pid"`
}

// ServeChild is what the process that Start made runs. It listens on a free
// port of 127.0.0.1, saves into a temporary folder of its own, says so in one
// line on stdout, and serves until stdin ends, which it does even when its
// parent is killed, or ctx is done. Then it drains and removes the folder; what
// the kind Latest kept of a connection goes with that already. The
// Addr and Dir of the settings are not looked at, and Limits.Connections is how
// many its parent is going to open: no limit, for clients that come back may do so
// before their old connections have ended.
func ServeChild(ctx context.Context, settings Settings, stdin io.Reader, stdout io.Writer) (err error) {
	dir, err := os.MkdirTemp("", childPrefix)
	if err != nil {
		return fmt.Errorf("%w: make a temporary folder: %w; point TMPDIR to one that can be written", ErrCannotStart, err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	settings.Addr, settings.Dir, settings.transient = "127.0.0.1:0", dir, true
	settings.expected, settings.Limits.Connections = settings.Limits.Connections, 0

	srv, err := Listen(settings)
	if err != nil {
		return fmt.Errorf("%w (the folder is temporary: TMPDIR says where)", err)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		io.Copy(io.Discard, stdin)
		cancel()
	}()
	line, err := json.Marshal(ready{URL: srv.URL(), Dir: dir, PID: os.Getpid()})
	if err == nil {
		_, err = stdout.Write(append(line, '\n'))
	}
	if err != nil {
		err = fmt.Errorf("tell the parent: %w", err)
		cancel()
	}
	return errors.Join(err, srv.Serve(ctx))
}
