//go:build !unix

package loadgen

import "net"

// newRawReader returns nil: without a way to wait for readiness a block would
// be held by every idle client. Reads go straight to the connection.
func newRawReader(net.Conn, *wire) rawReader { return nil }
