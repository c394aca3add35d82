// Package machine tells what there is to run on: the environment a run is
// recorded with, the limits it will meet, the CPU time it has used, and how
// much of the machine went elsewhere meanwhile.
//
//   - [Environment] fills in a record.Environment, once a run.
//   - [OpenFiles], [EphemeralPorts], [PortsInUse] and [MemoryAvailable] are asked
//     before dialing, [Local], [Source] and [Network] about the addresses that
//     [Resolve] finds.
//   - [ParseCPUs] reads a list of processors, [Affinity] returns those that this
//     process may use, and [Restart] begins it anew with fewer.
//   - [Resident] is how much memory this process has.
//   - [CPUTime] is read at both edges of a block, so it costs about what the
//     system call costs.
//   - [Monitor] takes a [Snapshot] at both edges of a span of at least
//     [MinSpan], and [Between] subtracts them into a record.Disturbance.
//
// Nothing that only looks fails: what a system does not tell stays zero, or comes
// back with ok false. In full on Linux; elsewhere:
//
//	                 macOS, BSD     Windows
//	Environment      yes, but       yes, but
//	  CPU            yes            may stay empty
//	  OpenFiles      yes            no: there is no such limit
//	  Governor       no             no
//	  Container      no             no
//	  Sysctls        macOS, a few   no
//	Affinity,
//	  Restart        no             no
//	CPUTime          yes            yes, in steps of 15.6 ms
//	OpenFiles        yes            no: there is no such limit
//	EphemeralPorts,
//	  PortsInUse     no             no
//	Local, Source,
//	  Network        yes            yes
//	MemoryAvailable  yes            yes
//	Resident         yes            yes
//	Disturbance      no             no
package machine

import (
	"context"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/shirou/gopsutil/v4/cpu"
	"github.com/shirou/gopsutil/v4/host"
	"github.com/shirou/gopsutil/v4/mem"

	"github.com/wsimg/wsimg/loadgen/record"
)

// lookupTimeout bounds the slow look-ups of some systems (WMI on Windows):
// the user waits for the first number meanwhile.
const lookupTimeout = 150 * time.Millisecond

// Environment describes this machine and process; version is wsimg's own. It
// takes at most about 150 ms, some ms on Linux. What can't be found out stays
// empty. Network, Shared and Target are the caller's to fill in.
//
// Cores follows the CPU affinity of the process and GOMAXPROCS also its CPU
// quota. MemoryBytes is the machine's, whatever Container says that the
// process may use of it. Nothing is taken from the process's variables or
// arguments, and no host or user name: a record can be shown around.
func Environment(ctx context.Context, version string) record.Environment {
	ctx, cancel := context.WithTimeout(ctx, lookupTimeout)
	defer cancel()

	env := record.Environment{
		Wsimg:      version,
		Go:         runtime.Version(),
		OS:         runtime.GOOS,
		Arch:       runtime.GOARCH,
		Cores:      runtime.NumCPU(),
		GOMAXPROCS: runtime.GOMAXPROCS(0),
		Governor:   governor(),
		Container:  container(),
		Sysctls:    sysctls(),
	}
	env.OpenFiles, _, _ = OpenFiles()
	env.Kernel, _ = host.KernelVersionWithContext(ctx)
	if m, err := mem.VirtualMemoryWithContext(ctx); err == nil {
		env.MemoryBytes = m.Total
	}
	var flags []string
	if cpus, err := cpu.InfoWithContext(ctx); err == nil && len(cpus) > 0 {
		// Models are padded, sometimes in the middle too.
		env.CPU = strings.Join(strings.Fields(cpus[0].ModelName), " ")
		flags = cpus[0].Flags
	}
	if system, role, err := host.VirtualizationWithContext(ctx); err == nil {
		env.Virtualization = virtualization(system, role, flags)
	}
	return env
}

// virtualization names what this machine is a guest of, and is empty when it
// is nobody's. The role "host" says only that the machine could have guests.
// Hypervisors that hide their name (Firecracker, many clouds) still set the
// CPU flag.
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
