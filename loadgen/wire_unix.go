//go:build unix

package loadgen

import (
	"io"
	"net"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// rawReader waits for a socket to become readable before it takes memory to
// read into, so that 15,000 idle clients hold none. The zero value is that of a
// connection that is no TCP socket of its own, as under TLS.
type rawReader struct {
	conn syscall.RawConn
	try  func(fd uintptr) bool // ready, bound once: a closure a read would be garbage
	n    int
	err  error
}

func (r *rawReader) init(w *wire) {
	tcp, ok := w.Conn.(*net.TCPConn)
	if !ok {
		return
	}
	conn, err := tcp.SyscallConn()
	if err != nil {
		return
	}
	r.conn, r.try = conn, w.ready
}

// works reports whether there is read-ahead.
func (r *rawReader) works() bool { return r.conn != nil }

// read waits for data and reads them ahead.
func (r *rawReader) read(w *wire) error {
	if err := r.conn.Read(r.try); err != nil {
		return err
	}
	if r.n > 0 {
		w.filled(r.n)
		return nil
	}
	return r.failure(w)
}

// failure is why there is nothing to read and never will be. It is apart from
// read to keep that one's frame small.
func (r *rawReader) failure(w *wire) error {
	if r.err == nil {
		return io.EOF
	}
	return &net.OpError{Op: "read", Net: "tcp", Source: w.LocalAddr(), Addr: w.RemoteAddr(), Err: os.NewSyscallError("read", r.err)}
}

// ready reports false when there is nothing to read yet. Memory that was taken
// in vain goes back; what is there already may be a reader's space.
func (w *wire) ready(fd uintptr) bool {
	r, took := &w.raw, false
	if w.ahead == nil {
		w.ahead, took = aheadPool.Get().(*ahead), true
	}
	for {
		r.n, r.err = unix.Read(int(fd), w.ahead.data[:])
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
