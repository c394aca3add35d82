package machine

import (
	"io/fs"
	"iter"
	"path"
	"slices"
	"strings"
)

// groups returns the folders, within root, of the control groups in which a
// controller, "cpu" or "memory", may limit this process: its own and those
// above it, as far as it can see, of version 1 and 2 alike. Source: cgroups(7),
// proc_pid_mountinfo(5).
func groups(root fs.FS, controller string) []string {
	own := map[string]string{} // by type of file system
	for line := range lines(root, "proc/self/cgroup") {
		// hierarchy:controllers:path
		f := strings.SplitN(line, ":", 3)
		switch {
		case len(f) != 3:
		case f[0] == "0" && f[1] == "":
			own["cgroup2"] = f[2]
		case slices.Contains(strings.Split(f[1], ","), controller):
			own["cgroup"] = f[2]
		}
	}
	var dirs []string
	for line := range lines(root, "proc/self/mountinfo") {
		// id parent device ROOT POINT options [tags] - TYPE source OPTIONS
		before, after, _ := strings.Cut(line, " - ")
		mount, system := strings.Fields(before), strings.Fields(after)
		if len(mount) < 5 || len(system) < 3 {
			continue
		}
		group, ok := own[system[0]]
		if !ok || system[0] == "cgroup" && !slices.Contains(strings.Split(system[2], ","), controller) {
			continue
		}
		delete(own, system[0]) // it may be mounted again
		point := strings.Trim(unescape(mount[4]), "/")
		for rel := below(unescape(mount[3]), group); rel != "/"; rel = path.Dir(rel) {
			dirs = append(dirs, path.Join(point, rel))
		}
		dirs = append(dirs, point)
	}
	return dirs
}

// below returns group relative to the group that is mounted, and "/" when it
// lies elsewhere: in a container whose own group is mounted as the root.
func below(mounted, group string) string {
	rel, ok := strings.CutPrefix(group, strings.TrimSuffix(mounted, "/"))
	if !ok || rel != "" && rel[0] != '/' {
		return "/"
	}
	return path.Clean("/" + rel)
}

// unescape undoes how mountinfo writes the characters that separate its fields.
func unescape(s string) string {
	return strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`).Replace(s)
}

// lines returns the lines of a small file; none when it can't be read.
func lines(root fs.FS, file string) iter.Seq[string] {
	b, _ := fs.ReadFile(root, file)
	return strings.SplitSeq(strings.TrimSuffix(string(b), "\n"), "\n")
}
