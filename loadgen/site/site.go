// Package site is where a run is measured: this machine, the target, and what
// else goes on. It reads the target's side channel and tells how much the
// machine was disturbed; it drives nothing.
package site

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"github.com/wsimg/wsimg/loadgen/machine"
	"github.com/wsimg/wsimg/loadgen/record"
)

// Site is one machine and one target. It is not safe for concurrent use. Close
// it.
type Site struct {
	Environment record.Environment

	channel *sideChannel // nil: there is none
	silence error        // why
	watch   watch
}

// Survey finds out what there is to run on, what leads to the server at a
// WebSocket URL, and whether that has a side channel and lets in who comes with
// access. Version is wsimg's. It takes some ms, and at most about 4 s, when
// neither the name is found nor the server answers.
func Survey(ctx context.Context, address, version string, access Access) *Site {
	s := &Site{Environment: machine.Environment(ctx, version)}
	host := ""
	if u, err := url.Parse(address); err == nil {
		host = u.Hostname()
	}
	addrs := machine.Resolve(ctx, host)
	s.Environment.Shared = machine.Local(addrs)
	s.Environment.Network = machine.Network(addrs)
	if s.channel, s.silence = openSideChannel(ctx, address, access); s.channel != nil {
		s.Environment.Target = s.channel.target()
	}
	s.watch = watch{monitor: machine.NewMonitor(), remote: !s.Environment.Shared}
	return s
}

// Answers returns an error when the target tells that it answers otherwise
// than with reply, so that every image would fail. An address may ask for a
// reply of its own.
func (s *Site) Answers(address, reply string) error {
	t := s.Environment.Target
	if u, err := url.Parse(address); err != nil || u.Query().Has("reply") || t == nil || t.Reply == "" || t.Reply == reply {
		return nil
	}
	return fmt.Errorf("%w: it answers with --reply %s, and --reply %s was expected; ask for the one it gives", ErrReply, t.Reply, reply)
}

// ErrReply is what Answers wraps.
var ErrReply = errors.New("the target would fail every image")

// Close gives back what Survey opened.
func (s *Site) Close() {
	if s.channel != nil {
		s.channel.close()
	}
	s.watch.monitor.Close()
}

// Stats reads the side channel, even when ctx is done: an interrupted block
// still has its cost. The zero value is of a target that does not tell.
func (s *Site) Stats(ctx context.Context) Stats {
	if s.channel == nil {
		return Stats{}
	}
	got, err := s.channel.read(context.WithoutCancel(ctx))
	if err != nil {
		return Stats{}
	}
	return got
}

// Begin starts a span that disturbance is judged over.
func (s *Site) Begin(ctx context.Context) { s.watch.begin(s.Stats(ctx).CPUNs) }

// Long reports whether the span has lasted long enough to be judged.
func (s *Site) Long() bool { return s.watch.long() }

// End closes the span.
func (s *Site) End(ctx context.Context) record.Disturbance { return s.watch.end(s.Stats(ctx).CPUNs) }
