package calibrate

import "syscall"

// ownGroup puts a child into a process group of its own: the console's Ctrl-C
// must reach its parent alone.
func ownGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
}
