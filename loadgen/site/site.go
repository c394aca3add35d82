// Package site is where a run is measured: this machine, the target, and what
// else goes on. It tells whether they allow what the run is going to ask for,
// reads the target's side channel, and tells how much the machine was disturbed;
// it drives nothing.
//
//	d := site.Demand{Connections: 15_000, …}
//	err := site.Allows(ctx, url, d)  // what this machine has
//	s := site.Survey(ctx, url, version, access)
//	defer s.Close()
//	err = s.Admits(ctx, d)           // what the target tells of its limits
//	stats := s.Stats(ctx)            // before and after a block
//
// # What is looked at before anything is dialed
//
// Open files: a connection is one at either end. The generator has 64 others, a
// bundled target 576, and 16 or more for store latest. A client whose connection has
// lived its time opens the next when that one has ended, so it takes no more.
//
// Ports: one source address can have as many connections to one address and port as
// there are ports to dial from, 28,232 on Linux unless net.ipv4.ip_local_port_range
// says otherwise, less those in use; k source addresses have k times as many. On
// Linux all addresses of 127.0.0.0/8 are this machine's.
//
// Memory: what is available, to the machine or its container, must be enough for
//
//	generator  32 MiB + connections × 8 KiB + the images, and what is prepared of them
//	                  + images in flight × the longest message (4/3 of the image)
//	target     32 MiB + connections × 9 KiB
//	                  + images in flight × 2 messages, at most 1 GB
//	either     connections × 4 KiB of the kernel's, with TLS × 16 KiB more;
//	           with deflate 48 MiB
//
// and for both together when they share it. The figures of a connection were
// measured, idle; the buffers of the kernel come on top, which it bounds itself
// (net.ipv4.tcp_mem). A target's own bound is that of its worst clients, and higher.
package site

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
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
	source  netip.Addr   // of connections, unless they have another; zero: not known
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
	if len(addrs) > 0 {
		s.source, _ = machine.Source(addrs[0])
	}
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
func (s *Site) Begin(ctx context.Context) { s.watch.begin(s.Stats(ctx)) }

// Long reports whether the span has lasted long enough to be judged.
func (s *Site) Long() bool { return s.watch.long() }

// End closes the span.
func (s *Site) End(ctx context.Context) record.Disturbance { return s.watch.end(s.Stats(ctx)) }
