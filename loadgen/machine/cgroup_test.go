package machine

import (
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
		if diff := cmp.Diff(c.want, cgroupDirs(c.self, c.mounts)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestLimits(t *testing.T) {
	for quota, want := range map[string]bool{
		"max 100000\n":   false,
		"50000 100000\n": true,
		"-1\n":           false,
		"200000\n":       true,
		"":               false,
	} {
		if got := limits(quota); got != want {
			t.Errorf("%q: got %v, want %v", quota, got, want)
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
