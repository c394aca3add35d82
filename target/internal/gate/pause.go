package gate

import (
	"errors"
	"log/slog"
	"net"
	"sync"
	"syscall"
	"time"
)

// While no descriptor is left, accepting is tried again after shortestPause, then
// after twice as long each time, and at least every longestPause.
const (
	shortestPause = 5 * time.Millisecond
	longestPause  = time.Second
)

// onePause is how long accepting must have gone well for a pause to be another
// one, which is told of again: when descriptors are short, each that becomes free
// is taken at once, and the next connection finds none.
const onePause = 2 * longestPause

// pause makes accepting wait while no descriptor is left. The connections queue
// in the kernel meanwhile.
type pause struct {
	log    *slog.Logger
	freed  chan struct{} // holds an element when a descriptor became free
	closed chan struct{}
	end    func() // closes closed, once

	mu   sync.Mutex
	last time.Time // that no descriptor was left
}

func newPause(log *slog.Logger) *pause {
	p := &pause{log: log, freed: make(chan struct{}, 1), closed: make(chan struct{})}
	p.end = sync.OnceFunc(func() { close(p.closed) })
	return p
}

// accept accepts a connection, once there is a descriptor for it.
func (p *pause) accept(from net.Listener) (net.Conn, error) {
	for wait := shortestPause; ; wait = min(2*wait, longestPause) {
		conn, err := from.Accept()
		if err == nil || !exhausted(err) {
			return conn, err
		}
		p.tell(err)
		retry := time.NewTimer(wait)
		select {
		case <-retry.C:
		case <-p.freed:
			retry.Stop()
		case <-p.closed:
			retry.Stop()
			return nil, closed()
		}
	}
}

// cut ends the wait for a descriptor; the next one if nobody waits, which then
// costs one attempt more.
func (p *pause) cut() {
	select {
	case p.freed <- struct{}{}:
	default:
	}
}

// tell logs that no descriptor is left, once a pause.
func (p *pause) tell(err error) {
	now := time.Now()
	p.mu.Lock()
	another := now.Sub(p.last) > onePause
	p.last = now
	p.mu.Unlock()
	if another {
		p.log.Warn("no connection is accepted until one ends: no file descriptor is left; raise the limit with ulimit -n, or lower --max-connections", "error", err)
	}
}

// What Windows calls EMFILE and ENOBUFS: WSAEMFILE, WSAENOBUFS.
const (
	windowsEMFILE  = syscall.Errno(10024)
	windowsENOBUFS = syscall.Errno(10055)
)

// exhausted reports whether accepting failed for want of a descriptor, or of the
// kernel's memory for one.
func exhausted(err error) bool {
	errno, ok := errors.AsType[syscall.Errno](err)
	if !ok {
		return false
	}
	switch errno {
	case syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM, windowsEMFILE, windowsENOBUFS:
		return true
	default:
		return false
	}
}
