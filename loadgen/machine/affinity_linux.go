package machine

import (
	"fmt"
	"os"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/wsimg/wsimg/loadgen/record"
)

// Affinity returns the processors that this process may use. Source:
// sched_getaffinity(2).
func Affinity() (record.CPUs, error) {
	var mask unix.CPUSet
	if err := unix.SchedGetaffinity(os.Getpid(), &mask); err != nil {
		return nil, fmt.Errorf("sched_getaffinity: %w", err)
	}
	var cpus record.CPUs
	for cpu := range maxCPU + 1 {
		if mask.IsSet(cpu) {
			cpus = append(cpus, cpu)
		}
	}
	return cpus, nil
}

// Restart begins this process anew with the same arguments and environment, kept
// to cpus: its id and its files stay, all else is lost. So its runtime never sees
// another processor; kept to some later, it would have made its threads and counted
// its processors already. It returns only when it failed, and then the process has
// to end: a thread of it may be kept to cpus.
func Restart(cpus record.CPUs) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	runtime.LockOSThread() // exec(2) keeps the affinity of the thread that calls it
	var asked, set unix.CPUSet
	for _, cpu := range cpus {
		asked.Set(cpu)
	}
	if err := unix.SchedSetaffinity(0, &asked); err != nil {
		return fmt.Errorf("sched_setaffinity: %w", err)
	}
	// The kernel takes a mask of which only a part is allowed, and keeps that part.
	if err := unix.SchedGetaffinity(0, &set); err != nil || set != asked {
		return fmt.Errorf("%s can't be had, or not all of them", cpus.Words())
	}
	return fmt.Errorf("exec %s: %w", self, syscall.Exec(self, os.Args, os.Environ()))
}

// ThreadsOfOneCore returns a processor of a and one of b that are threads of the
// same core, and so slow each other; ok is false where there are none.
func ThreadsOfOneCore(a, b record.CPUs) (ofA, ofB int, ok bool) {
	return threadsOfOneCore(os.DirFS("/sys/devices/system/cpu"), a, b)
}
