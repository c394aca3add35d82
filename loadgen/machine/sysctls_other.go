//go:build !linux && !darwin

package machine

// sysctls returns nil: only Linux and macOS are asked.
func sysctls() map[string]string { return nil }
