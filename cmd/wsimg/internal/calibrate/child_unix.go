//go:build unix

package calibrate

import "syscall"

// ownGroup puts a child into a process group of its own: the terminal's Ctrl-C
// must reach its parent alone.
func ownGroup() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
