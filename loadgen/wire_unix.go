//go:build unix

package loadgen

import (
	"io"
	"net"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// readyReader waits for a socket to become readable before it takes a block,
// so that 15,000 idle clients hold none.
type readyReader struct {
	conn syscall.RawConn
	try  func(fd uintptr) bool // w.ready, bound once: a closure a read would be garbage
	w    *wire
	n    int
	err  error
}

// newRawReader returns nil where the connection is not a TCP socket of its
// own, as under TLS.
func newRawReader(c net.Conn, w *wire) rawReader {
	tcp, ok := c.(*net.TCPConn)
	if !ok {
		return nil
	}
	conn, err := tcp.SyscallConn()
	if err != nil {
		return nil
	}
	r := &readyReader{conn: conn, w: w}
	r.try = r.ready
	return r
}

func (r *readyReader) read() (int, error) {
	r.n, r.err = 0, nil
	if err := r.conn.Read(r.try); err != nil {
		return 0, err
	}
	switch {
	case r.err != nil:
		return 0, &net.OpError{Op: "read", Net: "tcp", Addr: r.w.RemoteAddr(), Err: os.NewSyscallError("read", r.err)}
	case r.n == 0:
		return 0, io.EOF
	}
	return r.n, nil
}

// ready reports false when there is nothing to read yet. A block that was taken
// in vain goes back; one that is there already may be a reader's space.
func (r *readyReader) ready(fd uintptr) bool {
	w, took := r.w, false
	if w.ahead == nil {
		w.ahead, took = aheadPool.Get().(*[aheadSize]byte), true
	}
	for {
		r.n, r.err = unix.Read(int(fd), w.ahead[:])
		if r.err != unix.EINTR {
			break
		}
	}
	if r.n <= 0 && took {
		aheadPool.Put(w.ahead)
		w.ahead = nil
	}
	return r.err != unix.EAGAIN
}
