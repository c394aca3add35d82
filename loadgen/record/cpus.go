package record

import (
	"slices"
	"strconv"
	"strings"
)

// CPUs are logical processors, by the numbers that the system gives them,
// ascending and each once. None stands for all that there are.
type CPUs []int

// String writes c as a list of numbers and ranges, "0-3,6", empty of none.
func (c CPUs) String() string {
	var parts []string
	for i := 0; i < len(c); {
		last := i
		for last+1 < len(c) && c[last+1] == c[last]+1 {
			last++
		}
		part := strconv.Itoa(c[i])
		if last > i {
			part += "-" + strconv.Itoa(c[last])
		}
		parts = append(parts, part)
		i = last + 1
	}
	return strings.Join(parts, ",")
}

// Words writes c for a sentence: "CPU 1", "CPUs 0-3", "all CPUs" of none.
func (c CPUs) Words() string {
	switch len(c) {
	case 0:
		return "all CPUs"
	case 1:
		return "CPU " + c.String()
	default:
		return "CPUs " + c.String()
	}
}

// Apart reports whether c and other have no processor in common. Where either
// is none they have.
func (c CPUs) Apart(other CPUs) bool {
	return len(c) > 0 && len(other) > 0 && !slices.ContainsFunc(c, func(cpu int) bool { return slices.Contains(other, cpu) })
}
