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

// containerLeaves returns how many bytes of memory the control groups leave to
// this process beyond what is used in them already; ok is false when they limit
// nothing.
func containerLeaves() (bytes uint64, ok bool) {
	self, _ := os.ReadFile("/proc/self/cgroup")
	mounts, _ := os.ReadFile("/proc/self/mountinfo")
	return leastLeft(string(self), string(mounts))
}

// leastLeft returns the least that is left in any of the groups that this process
// is in. The arguments are those of cgroupDirs.
func leastLeft(self, mounts string) (bytes uint64, ok bool) {
	for _, dir := range cgroupDirs(self, mounts, "memory") {
		if left, limited := memoryLeft(dir); limited && (!ok || left < bytes) {
			bytes, ok = left, true
		}
	}
	return bytes, ok
}
