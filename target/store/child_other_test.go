//go:build !linux

package store

// runChild does in dir what a child process is for, and returns its exit status.
func runChild(_, dir string) int { return saveUntilKilled(dir) }
