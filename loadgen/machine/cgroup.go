package machine

import (
	"bytes"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

// cgroupDirs returns the folders of the control groups that may limit this
// process's CPU: its own, then each above it as far as it can see, in version
// 1 and 2 alike. self is /proc/self/cgroup and mounts is /proc/self/mountinfo.
// Source: cgroups(7), proc_pid_mountinfo(5).
func cgroupDirs(self, mounts string) []string {
	groups := make(map[string]string) // by file system type
	for line := range strings.Lines(self) {
		// hierarchy:controllers:path
		f := strings.SplitN(strings.TrimSuffix(line, "\n"), ":", 3)
		switch {
		case len(f) != 3:
		case f[0] == "0" && f[1] == "":
			groups["cgroup2"] = f[2]
		case slices.Contains(strings.Split(f[1], ","), "cpu"):
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
		if g[0] == "cgroup" && !slices.Contains(strings.Split(g[2], ","), "cpu") {
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

// limits reports whether quota, the content of cpu.max (version 2: "max
// 100000") or cpu.cfs_quota_us (version 1: "-1"), limits anything.
func limits(quota string) bool {
	f := strings.Fields(quota)
	return len(f) > 0 && f[0] != "max" && f[0] != "-1"
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
