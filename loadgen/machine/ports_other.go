//go:build !linux

package machine

// EphemeralPorts returns how many local ports there are to dial from; ok is
// false, for only Linux is asked.
func EphemeralPorts() (n int, ok bool) { return 0, false }
