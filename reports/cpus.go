package reports

import (
	"strconv"
	"strings"
)

// FormatCPUs writes processors, ascending, for a sentence: "CPU 1", "CPUs
// 0-3,6", "all CPUs" of none.
func FormatCPUs(cpus []int) string {
	var parts []string
	for i := 0; i < len(cpus); {
		last := i
		for last+1 < len(cpus) && cpus[last+1] == cpus[last]+1 {
			last++
		}
		part := strconv.Itoa(cpus[i])
		if last > i {
			part += "-" + strconv.Itoa(cpus[last])
		}
		parts = append(parts, part)
		i = last + 1
	}
	switch len(cpus) {
	case 0:
		return "all CPUs"
	case 1:
		return "CPU " + parts[0]
	}
	return "CPUs " + strings.Join(parts, ",")
}
