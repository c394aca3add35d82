package machine

import (
	"os"

	"github.com/wsimg/wsimg/loadgen/record"
)

// container returns what the control groups leave to this process; nil when
// they leave it everything.
func container() *record.Container {
	self, _ := os.ReadFile("/proc/self/cgroup")
	mounts, _ := os.ReadFile("/proc/self/mountinfo")
	return tightest(string(self), string(mounts))
}

// tightest returns the least limits among the groups that this process is in:
// its own and those above it, each of which holds. The arguments are those of
// cgroupDirs.
func tightest(self, mounts string) *record.Container {
	var c record.Container
	for _, dir := range cgroupDirs(self, mounts, "cpu") {
		if cores, ok := cpuLimit(dir); ok && (c.CPUs == 0 || cores < c.CPUs) {
			c.CPUs = cores
		}
	}
	for _, dir := range cgroupDirs(self, mounts, "memory") {
		if bytes, ok := memoryLimit(dir); ok && (c.MemoryBytes == 0 || bytes < c.MemoryBytes) {
			c.MemoryBytes = bytes
		}
	}
	if c == (record.Container{}) {
		return nil
	}
	return &c
}
