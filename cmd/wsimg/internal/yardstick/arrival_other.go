//go:build !unix

package yardstick

import (
	"net"
	"sync"
)

// arrival reads from a connection into a buffer from a pool. Here it has to
// take one before it waits, which makes it the connection's own; see
// arrival_unix.go for what that costs.
type arrival struct {
	pool *sync.Pool // of *[]byte
	conn *net.TCPConn
}

func newArrival(conn *net.TCPConn, pool *sync.Pool) (*arrival, error) {
	return &arrival{pool: pool, conn: conn}, nil
}

// next waits for bytes and returns a buffer with the first n in it, which the
// caller puts back into the pool. err is io.EOF when the peer is done.
func (a *arrival) next() (buf *[]byte, n int, err error) {
	buf = a.pool.Get().(*[]byte)
	n, err = a.conn.Read(*buf)
	return buf, n, err
}
