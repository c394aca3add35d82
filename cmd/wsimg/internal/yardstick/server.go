package yardstick

import (
	"context"
	"encoding/binary"
	"fmt"
	"net"
	"sync"
)

// Serve echoes on every connection that l, a TCP listener, accepts until ctx is
// done, which is no error, or accepting fails. It closes l and the connections,
// and returns when their goroutines have ended.
func Serve(ctx context.Context, l net.Listener) error {
	ctx, cancel := context.WithCancel(ctx)
	pool := newPool()
	var sessions sync.WaitGroup
	defer sessions.Wait()
	defer cancel()
	defer l.Close()
	defer context.AfterFunc(ctx, func() { l.Close() })()
	for {
		conn, err := l.Accept()
		switch {
		case err == nil:
			sessions.Go(func() {
				defer conn.Close()
				defer context.AfterFunc(ctx, func() { conn.Close() })()
				echo(conn.(*net.TCPConn), pool) // its client sees how it ended
			})
		case ctx.Err() != nil:
			return nil
		default:
			return fmt.Errorf("accept: %w", err)
		}
	}
}

// echo forwards message after message until the client leaves or misbehaves.
func echo(conn *net.TCPConn, pool *sync.Pool) error {
	in, err := newArrival(conn, pool)
	if err != nil {
		return err
	}
	for {
		buf, have, err := in.next()
		if err != nil {
			return err
		}
		// Once, as a rule: clients wait for their echo.
		for have > 0 {
			var whole int
			if whole, have, err = store(conn, buf, have); err != nil {
				return err
			}
			if _, err := conn.Write((*buf)[:whole]); err != nil {
				return err
			}
			have = copy(*buf, (*buf)[whole:have])
		}
		pool.Put(buf)
	}
}

// store reads until buf, which grows when it must, holds one whole message with
// its prefix. have bytes are in it before, and more than whole may be after.
func store(conn *net.TCPConn, buf *[]byte, have int) (whole, _ int, err error) {
	whole = prefix
	for known := false; ; {
		if !known && have >= prefix {
			size := binary.BigEndian.Uint32(*buf)
			if size > maxMessage {
				return 0, 0, fmt.Errorf("message of %d bytes, more than %d", size, maxMessage)
			}
			whole, known = prefix+int(size), true
			if whole > len(*buf) {
				grown := make([]byte, whole)
				copy(grown, (*buf)[:have])
				*buf = grown
			}
		}
		if have >= whole {
			return whole, have, nil
		}
		n, err := conn.Read((*buf)[have:])
		if have += n; err != nil {
			return 0, 0, err
		}
	}
}
