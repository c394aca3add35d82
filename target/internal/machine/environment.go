// Package machine tells what a target runs on, and what it takes of it. The
// former is read once, at the start:
//
//	environment := machine.Read(ctx)
//
// and [Resident] whenever somebody wants to know. Nothing here fails: what a
// system does not tell stays zero. Linux tells everything; elsewhere there are no
// governors and control groups, and on Windows no limit of open files either.
package machine

import (
	"context"
	"io/fs"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/shirou/gopsutil/v4/cpu"
	"github.com/shirou/gopsutil/v4/host"
	"github.com/shirou/gopsutil/v4/mem"
)

// lookupTimeout bounds the slow look-ups of some systems (WMI on Windows).
const lookupTimeout = 150 * time.Millisecond

// Environment is a machine, and what of it this process may use.
type Environment struct {
	OS             string `json:"os"`
	Arch           string `json:"arch"`
	Kernel         string `json:"kernel,omitempty"`
	CPU            string `json:"cpu,omitempty"` // model name
	Cores          int    `json:"cores"`         // logical, usable by this process
	GOMAXPROCS     int    `json:"gomaxprocs"`
	MemoryBytes    uint64 `json:"memory_bytes,omitempty"`   // the machine's
	Virtualization string `json:"virtualization,omitempty"` // empty on bare metal
	// Governor is the CPU frequency governor, several joined by commas when
	// cores differ; empty where the kernel governs no frequency.
	Governor string `json:"governor,omitempty"`
	// OpenFiles is the soft limit of open files, sockets among them.
	OpenFiles uint64 `json:"open_files,omitempty"`
	// Container is what the process is limited to; nil when it is not.
	Container *Container `json:"container,omitempty"`
}

// Read describes this machine and process. It takes a millisecond on Linux, and
// nowhere much more than 150. What is in it can be shown around: no name of a
// host or user is.
func Read(ctx context.Context) Environment {
	ctx, cancel := context.WithTimeout(ctx, lookupTimeout)
	defer cancel()
	root := os.DirFS("/")
	e := Environment{
		OS:         runtime.GOOS,
		Arch:       runtime.GOARCH,
		Cores:      runtime.NumCPU(),
		GOMAXPROCS: runtime.GOMAXPROCS(0),
		Governor:   governor(root),
		OpenFiles:  openFiles(),
		Container:  container(root),
	}
	e.Kernel, _ = host.KernelVersionWithContext(ctx)
	if m, err := mem.VirtualMemoryWithContext(ctx); err == nil {
		e.MemoryBytes = m.Total
	}
	var flags []string
	if cpus, err := cpu.InfoWithContext(ctx); err == nil && len(cpus) > 0 {
		// Models are padded, sometimes in the middle too.
		e.CPU = strings.Join(strings.Fields(cpus[0].ModelName), " ")
		flags = cpus[0].Flags
	}
	if system, role, err := host.VirtualizationWithContext(ctx); err == nil {
		e.Virtualization = virtualization(system, role, flags)
	}
	return e
}

// virtualization names what this machine is a guest of, and is empty when it
// is nobody's. The role "host" says only that the machine could have guests.
// Hypervisors that hide their name still set the CPU flag.
func virtualization(system, role string, flags []string) string {
	switch {
	case role == "guest" && system != "":
		return system
	case role == "guest", slices.Contains(flags, "hypervisor"):
		return "virtual machine"
	default:
		return ""
	}
}

// governor returns the governors of all cores. Source: the kernel's
// documentation of CPU performance scaling.
func governor(root fs.FS) string {
	files, _ := fs.Glob(root, "sys/devices/system/cpu/cpu[0-9]*/cpufreq/scaling_governor")
	var found []string
	for _, file := range files {
		found = append(found, words(root, file)...)
	}
	slices.Sort(found)
	return strings.Join(slices.Compact(found), ",")
}

// words returns the words of a small file; none when it can't be read.
func words(root fs.FS, file string) []string {
	b, err := fs.ReadFile(root, file)
	if err != nil {
		return nil
	}
	return strings.Fields(string(b))
}
