package connect

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"syscall"
)

// Passing reports whether what failed may succeed when it is tried again
// later: the server, or the way there, is down or busy (refused, reset, ended
// or timed out, HTTP 429, 502, 503 or 504, a resolver that does not answer), or
// this machine has no port or file left for the moment.
//
// It is false where nothing changes by itself: another HTTP status, a name or a
// source address that does not exist, a certificate, an extension declined, no
// WebSocket at all. It is false for a context that was cancelled, too.
func Passing(err error) bool {
	if refused, ok := errors.AsType[*HandshakeError](err); ok {
		return refused.passing()
	}
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		return dns.IsTimeout || dns.IsTemporary
	}
	if errors.Is(err, context.Canceled) || nowhere(err) {
		return false
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return true
	}
	if slices.ContainsFunc(passingErrnos, func(errno syscall.Errno) bool { return errors.Is(err, errno) }) {
		return true
	}
	timeout, ok := errors.AsType[net.Error](err)
	return ok && timeout.Timeout()
}

func (e *HandshakeError) passing() bool {
	switch e.Status {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// nowhere reports whether a source address is not one of this machine's: the
// system says EADDRNOTAVAIL of that and of ports that have run out, but the
// former when the address is bound.
func nowhere(err error) bool {
	call, ok := errors.AsType[*os.SyscallError](err)
	return ok && call.Syscall == "bind" && errors.Is(call.Err, noAddress)
}
