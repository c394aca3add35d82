package machine

import (
	"bytes"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// cgroupDirs returns the folders of the control groups whose controller, "cpu"
// or "memory", may limit this process: its own, then each above it as far as
// it can see, in version 1 and 2 alike. self is /proc/self/cgroup and mounts
// is /proc/self/mountinfo. Source: cgroups(7), proc_pid_mountinfo(5).
func cgroupDirs(self, mounts, controller string) []string {
	groups := make(map[string]string) // by file system type
	for line := range strings.Lines(self) {
		// hierarchy:controllers:path
		f := strings.SplitN(strings.TrimSuffix(line, "\n"), ":", 3)
		switch {
		case len(f) != 3:
		case f[0] == "0" && f[1] == "":
			groups["cgroup2"] = f[2]
		case slices.Contains(strings.Split(f[1], ","), controller):
			groups["cgroup"] = f[2]
		}
	}
	var dirs []string
	for line := range strings.Lines(mounts) {
		// id parent device ROOT POINT options [tags] - TYPE source OPTIONS
		before, after, _ := strings.Cut(line, " - ")
		f, g := strings.Fields(before), strings.Fields(after)
		if len(f) < 5 || len(g) < 3 {
			continue
		}
		if g[0] == "cgroup" && !slices.Contains(strings.Split(g[2], ","), controller) {
			continue
		}
		group, ok := groups[g[0]]
		if !ok {
			continue
		}
		delete(groups, g[0]) // the same hierarchy mounted again
		root, point := unescape(f[3]), unescape(f[4])
		dirs = append(dirs, upwards(point, below(root, group))...)
	}
	return dirs
}

// below returns group relative to root, and "/" when it lies elsewhere: in a
// container whose own group is mounted as the root.
func below(root, group string) string {
	rel, ok := strings.CutPrefix(group, strings.TrimSuffix(root, "/"))
	if !ok || rel != "" && rel[0] != '/' {
		return "/"
	}
	return path.Clean("/" + rel)
}

// upwards returns point/rel and every folder above it up to point.
func upwards(point, rel string) []string {
	var dirs []string
	for ; rel != "/"; rel = path.Dir(rel) {
		dirs = append(dirs, path.Join(point, rel))
	}
	return append(dirs, point)
}

// unescape undoes how mountinfo writes the characters that separate its fields.
func unescape(s string) string {
	return strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`).Replace(s)
}

// cpuLimit returns how many cores' worth of time the group in dir may use: the
// quota of cpu.max (version 2: "50000 100000") or cpu.cfs_quota_us (version 1)
// as a share of its period. ok is false when it is not limited, which the
// former writes "max" and the latter "-1".
func cpuLimit(dir string) (cores float64, ok bool) {
	limit := readFields(dir, "cpu.max")
	if limit == nil {
		limit = slices.Concat(readFields(dir, "cpu.cfs_quota_us"), readFields(dir, "cpu.cfs_period_us"))
	}
	if len(limit) != 2 {
		return 0, false
	}
	quota, errQuota := strconv.ParseInt(limit[0], 10, 64)
	period, errPeriod := strconv.ParseInt(limit[1], 10, 64)
	if errQuota != nil || errPeriod != nil || quota <= 0 || period <= 0 {
		return 0, false
	}
	return float64(quota) / float64(period), true
}

// memoryLimit returns how many bytes the group in dir may use: memory.max in
// version 2, memory.limit_in_bytes in version 1. ok is false when it is not
// limited, which the former writes "max" and the latter as the most whole
// pages that 63 bits hold; a page has at most 64 KiB.
func memoryLimit(dir string) (bytes uint64, ok bool) {
	limit := readFields(dir, "memory.max")
	if limit == nil {
		limit = readFields(dir, "memory.limit_in_bytes")
	}
	if len(limit) != 1 {
		return 0, false
	}
	const unlimited = 1<<63 - 64<<10
	n, err := strconv.ParseUint(limit[0], 10, 64)
	return n, err == nil && n > 0 && n < unlimited
}

// readFields returns the words of a file; nil when it can't be read.
func readFields(dir, name string) []string {
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		return nil
	}
	return strings.Fields(string(b))
}

// parseThrottled finds in a cpu.stat how long its group was throttled, summed
// over cores: throttled_usec in version 2, throttled_time, in nanoseconds, in
// version 1. It allocates nothing.
func parseThrottled(b []byte) (time.Duration, bool) {
	for len(b) > 0 {
		var line []byte
		line, b, _ = bytes.Cut(b, []byte("\n"))
		key, value, _ := bytes.Cut(line, []byte(" "))
		unit := time.Duration(0)
		switch string(key) {
		case "throttled_usec":
			unit = time.Microsecond
		case "throttled_time":
			unit = time.Nanosecond
		default:
			continue
		}
		n, err := strconv.ParseInt(string(value), 10, 64)
		if err != nil || n < 0 {
			return 0, false
		}
		return time.Duration(n) * unit, true
	}
	return 0, false
}
