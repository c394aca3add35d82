package machine

import (
	"fmt"
	"runtime"

	"golang.org/x/sys/unix"
)

// maxCPU is the highest processor that a unix.CPUSet can name.
const maxCPU = 1023

// StartOn calls start, which begins a process, on a thread that is kept to cpus.
// The process inherits that before its first instruction, so its runtime sees no
// other processor. Which this process may use stays as it is. The error is start's,
// or says what of cpus can't be had. Source: sched_setaffinity(2), fork(2).
func StartOn(cpus []int, start func() error) error {
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // os.StartProcess forks on the thread of its caller
		before, err := keepTo(cpus)
		if err == nil {
			err = start()
		}
		// A thread that can't be given back is not unlocked: it ends with its
		// goroutine and keeps nobody else to cpus.
		if unix.SchedSetaffinity(0, &before) == nil {
			runtime.UnlockOSThread()
		}
		done <- err
	}()
	return <-done
}

// keepTo keeps this thread to cpus and returns what it was kept to before.
func keepTo(cpus []int) (before unix.CPUSet, err error) {
	if err := unix.SchedGetaffinity(0, &before); err != nil {
		return before, fmt.Errorf("sched_getaffinity: %w", err)
	}
	var asked, set unix.CPUSet
	for _, cpu := range cpus {
		asked.Set(cpu)
	}
	if asked.Count() != len(cpus) { // a set takes no notice of what it can't hold
		return before, fmt.Errorf("the CPUs %v are not all different and from 0 to %d", cpus, maxCPU)
	}
	if err := unix.SchedSetaffinity(0, &asked); err != nil {
		return before, fmt.Errorf("sched_setaffinity: %w", err)
	}
	// The kernel takes a mask of which only a part is allowed, and keeps that part.
	if err := unix.SchedGetaffinity(0, &set); err != nil || set != asked {
		return before, fmt.Errorf("of the CPUs %v not all can be had", cpus)
	}
	return before, nil
}
