package machine

import (
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"github.com/wsimg/wsimg/loadgen/record"
)

// maxCPU is the highest number of a processor that an affinity mask of 1,024
// bits can name.
const maxCPU = 1023

// ParseCPUs reads a list of processors as taskset -c takes it: numbers and
// ranges with commas between them, such as 0, 0-3 or 0,2,4-7. They may come in
// any order, but each once.
func ParseCPUs(list string) (record.CPUs, error) {
	var cpus record.CPUs
	for part := range strings.SplitSeq(list, ",") {
		from, to, isRange := strings.Cut(part, "-")
		first, errFirst := parseCPU(from)
		last, errLast := first, error(nil)
		if isRange {
			last, errLast = parseCPU(to)
		}
		switch {
		case errFirst != nil || errLast != nil:
			return nil, fmt.Errorf("%q is no list of CPUs: give their numbers such as 0, 0-3 or 0,2,4-7", list)
		case max(first, last) > maxCPU:
			return nil, fmt.Errorf("CPU %d of %q is beyond %d, the highest that can be asked for", max(first, last), list, maxCPU)
		case last < first:
			return nil, fmt.Errorf("the range %s of %q goes down: give the lower CPU first", part, list)
		}
		for cpu := first; cpu <= last; cpu++ {
			cpus = append(cpus, cpu)
		}
	}
	slices.Sort(cpus)
	for i, cpu := range cpus[1:] {
		if cpu == cpus[i] {
			return nil, fmt.Errorf("CPU %d is in %q twice: name each once", cpu, list)
		}
	}
	return cpus, nil
}

// parseCPU reads the number of a processor, without a sign.
func parseCPU(s string) (int, error) {
	n, err := strconv.ParseUint(s, 10, 31)
	return int(n), err
}

// threadsOfOneCore returns a processor of a and one of b that are threads of the
// same core, as cpus, the folder /sys/devices/system/cpu, has it; ok is false
// where there are none or it does not tell.
// Source: the kernel's documentation of CPU topology, thread_siblings_list.
func threadsOfOneCore(cpus fs.FS, a, b record.CPUs) (ofA, ofB int, ok bool) {
	for _, cpu := range a {
		list, err := fs.ReadFile(cpus, fmt.Sprintf("cpu%d/topology/thread_siblings_list", cpu))
		if err != nil {
			continue
		}
		threads, _ := ParseCPUs(strings.TrimSpace(string(list)))
		for _, thread := range threads {
			if thread != cpu && slices.Contains(b, thread) {
				return cpu, thread, true
			}
		}
	}
	return 0, 0, false
}
