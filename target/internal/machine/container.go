package machine

import (
	"io/fs"
	"slices"
	"strconv"
)

// Container is the limits of the control groups that a process is in. A zero
// field is no limit.
type Container struct {
	CPUs        float64 `json:"cpus,omitempty"` // cores' worth of time
	MemoryBytes uint64  `json:"memory_bytes,omitempty"`
}

// container returns the least limits among all the groups that this process is
// in, each of which holds; nil when there are none.
func container(root fs.FS) *Container {
	var c Container
	for _, dir := range groups(root, "cpu") {
		c.CPUs = tighter(c.CPUs, cpus(root, dir))
	}
	for _, dir := range groups(root, "memory") {
		c.MemoryBytes = tighter(c.MemoryBytes, memoryBytes(root, dir))
	}
	if c == (Container{}) {
		return nil
	}
	return &c
}

// tighter returns the lower of two limits, 0 being none.
func tighter[T float64 | uint64](a, b T) T {
	if a == 0 || b == 0 {
		return max(a, b)
	}
	return min(a, b)
}

// cpus returns how many cores' worth of time the group in dir may use: the
// quota as a share of its period, in cpu.max ("50000 100000", "max 100000" for
// no limit), in version 1 in files of their own (-1 for no limit).
func cpus(root fs.FS, dir string) float64 {
	limit := words(root, dir+"/cpu.max")
	if limit == nil {
		limit = slices.Concat(words(root, dir+"/cpu.cfs_quota_us"), words(root, dir+"/cpu.cfs_period_us"))
	}
	if len(limit) != 2 {
		return 0
	}
	quota, quotaErr := strconv.ParseUint(limit[0], 10, 63)
	period, periodErr := strconv.ParseUint(limit[1], 10, 63)
	if quotaErr != nil || periodErr != nil || period == 0 {
		return 0
	}
	return float64(quota) / float64(period)
}

// unlimited is below what version 1 writes for no limit, the most whole pages
// that 63 bits hold, pages having 64 KiB at most.
const unlimited = 1<<63 - 64<<10

// memoryBytes returns how many bytes the group in dir may use: memory.max ("max"
// for no limit), memory.limit_in_bytes in version 1.
func memoryBytes(root fs.FS, dir string) uint64 {
	limit := words(root, dir+"/memory.max")
	if limit == nil {
		limit = words(root, dir+"/memory.limit_in_bytes")
	}
	if len(limit) != 1 {
		return 0
	}
	n, err := strconv.ParseUint(limit[0], 10, 64)
	if err != nil || n >= unlimited {
		return 0
	}
	return n
}
