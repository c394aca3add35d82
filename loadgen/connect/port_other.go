//go:build !linux

package connect

// latePort does nothing: elsewhere a port is chosen when the address is bound.
func latePort(uintptr) {}
