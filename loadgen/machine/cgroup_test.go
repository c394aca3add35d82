package machine

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestCgroupDirs(t *testing.T) {
	for name, c := range map[string]struct {
		self, mounts string
		want         []string
	}{
		"version 2, a session of systemd": {
			"0::/user.slice/user-1000.slice/session-2.scope\n",
			"25 1 0:23 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n",
			[]string{
				"/sys/fs/cgroup/user.slice/user-1000.slice/session-2.scope",
				"/sys/fs/cgroup/user.slice/user-1000.slice",
				"/sys/fs/cgroup/user.slice",
				"/sys/fs/cgroup",
			},
		},
		"version 2, a container with its own namespace": {
			"0::/\n",
			"899 1 0:28 / /sys/fs/cgroup ro - cgroup2 cgroup rw\n",
			[]string{"/sys/fs/cgroup"},
		},
		"version 1, a container that sees the host's path": {
			"4:memory:/docker/abc\n3:cpu,cpuacct:/docker/abc\n0::/docker/abc\n",
			"40 1 0:30 /docker/abc /sys/fs/cgroup/cpu,cpuacct ro master:11 - cgroup cgroup rw,cpu,cpuacct\n" +
				"41 1 0:31 /docker/abc /sys/fs/cgroup/memory ro master:12 - cgroup cgroup rw,memory\n",
			[]string{"/sys/fs/cgroup/cpu,cpuacct"},
		},
		"version 1, inside the mounted group": {
			"3:cpu,cpuacct:/docker/abc/job\n",
			"40 1 0:30 /docker/abc /sys/fs/cgroup/cpu ro - cgroup cgroup rw,cpu,cpuacct\n",
			[]string{"/sys/fs/cgroup/cpu/job", "/sys/fs/cgroup/cpu"},
		},
		"a sibling whose name only begins alike": {
			"3:cpu:/docker/abcdef\n",
			"40 1 0:30 /docker/abc /sys/fs/cgroup/cpu ro - cgroup cgroup rw,cpu\n",
			[]string{"/sys/fs/cgroup/cpu"},
		},
		"both versions": {
			"2:cpuacct:/\n1:cpu:/a\n0::/\n",
			"32 31 0:29 / /cg/cpu rw - cgroup cgroup rw,cpu\n" +
				"33 31 0:30 / /cg/cpuacct rw - cgroup cgroup rw,cpuacct\n" +
				"41 31 0:38 / /cg/unified rw - cgroup2 cgroup2 rw\n",
			[]string{"/cg/cpu/a", "/cg/cpu", "/cg/unified"},
		},
		"a mount point with a space, mounted twice": {
			"0::/\n",
			"1 1 0:1 / /my\\040cgroup rw - cgroup2 none rw\n2 1 0:1 / /again rw - cgroup2 none rw\n",
			[]string{"/my cgroup"},
		},
		"no control groups": {"", "1 1 8:1 / / rw - ext4 /dev/vda rw\n", nil},
		"nonsense":          {"::\nx\n", "a b - c\n- \n", nil},
	} {
		if diff := cmp.Diff(c.want, cgroupDirs(c.self, c.mounts, "cpu")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// folder makes one with the files in it, by path; slashes make folders too.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, content := range files {
		name = filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestCPULimit(t *testing.T) {
	for name, c := range map[string]struct {
		files map[string]string
		want  float64
		ok    bool
	}{
		"version 2":                   {map[string]string{"cpu.max": "150000 100000\n"}, 1.5, true},
		"version 2, another period":   {map[string]string{"cpu.max": "5000 20000\n"}, 0.25, true},
		"version 2, unlimited":        {map[string]string{"cpu.max": "max 100000\n"}, 0, false},
		"version 1":                   {map[string]string{"cpu.cfs_quota_us": "200000\n", "cpu.cfs_period_us": "100000\n"}, 2, true},
		"version 1, unlimited":        {map[string]string{"cpu.cfs_quota_us": "-1\n", "cpu.cfs_period_us": "100000\n"}, 0, false},
		"version 1, without a period": {map[string]string{"cpu.cfs_quota_us": "200000\n"}, 0, false},
		"a period of nothing":         {map[string]string{"cpu.max": "5000 0\n"}, 0, false},
		"a quota cut off":             {map[string]string{"cpu.max": "5000"}, 0, false},
		"an empty file":               {map[string]string{"cpu.max": ""}, 0, false},
		"no file":                     {nil, 0, false},
	} {
		if got, ok := cpuLimit(folder(t, c.files)); got != c.want || ok != c.ok {
			t.Errorf("%s: got %v, %v, want %v, %v", name, got, ok, c.want, c.ok)
		}
	}
}

func TestMemoryLimit(t *testing.T) {
	for name, c := range map[string]struct {
		file, content string
		want          uint64
		ok            bool
	}{
		"version 2":                             {"memory.max", "536870912\n", 512 << 20, true},
		"version 2, unlimited":                  {"memory.max", "max\n", 0, false},
		"version 1":                             {"memory.limit_in_bytes", "536870912\n", 512 << 20, true},
		"version 1, unlimited, pages of 4 KiB":  {"memory.limit_in_bytes", "9223372036854771712\n", 0, false},
		"version 1, unlimited, pages of 64 KiB": {"memory.limit_in_bytes", "9223372036854710272\n", 0, false},
		"nothing":                               {"memory.max", "", 0, false},
		"a word":                                {"memory.max", "many\n", 0, false},
		"a negative number":                     {"memory.max", "-1\n", 0, false},
		"another file":                          {"memory.high", "536870912\n", 0, false},
	} {
		got, ok := memoryLimit(folder(t, map[string]string{c.file: c.content}))
		if ok != c.ok || ok && got != c.want {
			t.Errorf("%s: got %v, %v, want %v, %v", name, got, ok, c.want, c.ok)
		}
	}
}

func TestParseThrottled(t *testing.T) {
	for name, c := range map[string]struct {
		in   string
		want time.Duration
		ok   bool
	}{
		"version 2":        {"usage_usec 5\nnr_throttled 2\nthrottled_usec 1500\nnr_bursts 0\n", 1500 * time.Microsecond, true},
		"version 1":        {"nr_periods 9\nnr_throttled 2\nthrottled_time 1500\n", 1500, true},
		"without a limit":  {"usage_usec 5\nuser_usec 3\n", 0, false},
		"cut in the key":   {"usage_usec 5\nthrottled_u", 0, false},
		"a negative value": {"throttled_usec -4\n", 0, false},
		"nothing":          {"", 0, false},
	} {
		if got, ok := parseThrottled([]byte(c.in)); got != c.want || ok != c.ok {
			t.Errorf("%s: got %v, %v, want %v, %v", name, got, ok, c.want, c.ok)
		}
	}
}
