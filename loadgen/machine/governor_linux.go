package machine

import (
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// governor names the CPU frequency governor of the cores that this process may
// use, several joined by commas when they differ. Empty where frequency is not
// the kernel's business, as in most virtual machines.
// Source: the kernel's documentation of CPU performance scaling.
func governor() string {
	var own unix.CPUSet
	may := own.IsSet
	if unix.SchedGetaffinity(os.Getpid(), &own) != nil {
		may = func(int) bool { return true }
	}
	return governors(os.DirFS("/sys/devices/system/cpu"), may)
}

// governors reads the folders cpu0, cpu1 and so on in cpus, of those cores
// that may be used.
func governors(cpus fs.FS, may func(core int) bool) string {
	const file = "cpufreq/scaling_governor"
	names, _ := fs.Glob(cpus, "cpu[0-9]*/"+file)
	var found []string
	for _, name := range names {
		core, err := strconv.Atoi(strings.TrimPrefix(strings.TrimSuffix(name, "/"+file), "cpu"))
		if err != nil || !may(core) {
			continue
		}
		if b, err := fs.ReadFile(cpus, name); err == nil {
			found = append(found, strings.Fields(string(b))...)
		}
	}
	slices.Sort(found)
	return strings.Join(slices.Compact(found), ",")
}
