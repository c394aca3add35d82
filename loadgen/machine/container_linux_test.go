package machine

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wsimg/wsimg/loadgen/record"
)

func TestTightest(t *testing.T) {
	const (
		version2 = "25 1 0:23 / ROOT rw - cgroup2 cgroup2 rw\n"
		version1 = "40 1 0:30 / ROOT/cpu rw - cgroup cgroup rw,cpu,cpuacct\n" +
			"41 1 0:31 / ROOT/memory rw - cgroup cgroup rw,memory\n"
	)
	for name, c := range map[string]struct {
		self, mounts string
		files        map[string]string
		want         *record.Container
	}{
		"version 2, as a container sees it": {
			"0::/\n", version2,
			map[string]string{"cpu.max": "200000 100000\n", "memory.max": "1073741824\n"},
			&record.Container{CPUs: 2, MemoryBytes: 1 << 30},
		},
		"version 2, a parent tighter in memory and its child in CPU": {
			"0::/a/b\n", version2,
			map[string]string{
				"a/cpu.max": "400000 100000\n", "a/memory.max": "1000\n",
				"a/b/cpu.max": "50000 100000\n", "a/b/memory.max": "2000\n",
			},
			&record.Container{CPUs: 0.5, MemoryBytes: 1000},
		},
		"version 2, only the grandparent limits": {
			"0::/a/b/c\n", version2,
			map[string]string{
				"a/cpu.max": "300000 100000\n", "a/memory.max": "max\n",
				"a/b/cpu.max": "max 100000\n", "a/b/memory.max": "max\n",
			},
			&record.Container{CPUs: 3},
		},
		"another group's limits": {
			"0::/a\n", version2,
			map[string]string{"b/cpu.max": "300000 100000\n", "b/memory.max": "1000\n"},
			nil,
		},
		"version 1, CPU and memory in groups of their own": {
			"4:memory:/m\n3:cpu,cpuacct:/c\n", version1,
			map[string]string{
				"cpu/c/cpu.cfs_quota_us": "150000\n", "cpu/c/cpu.cfs_period_us": "100000\n",
				"cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n",
				"memory/m/memory.limit_in_bytes": "9223372036854771712\n",
				"memory/memory.limit_in_bytes":   "4096\n",
			},
			&record.Container{CPUs: 1.5, MemoryBytes: 4096},
		},
		"version 1, unlimited": {
			"4:memory:/\n3:cpu,cpuacct:/\n", version1,
			map[string]string{
				"cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n",
				"memory/memory.limit_in_bytes": "9223372036854771712\n",
			},
			nil,
		},
		"both versions, memory under the second": {
			"3:cpu,cpuacct:/\n0::/\n",
			version1[:strings.Index(version1, "\n")+1] + strings.ReplaceAll(version2, "ROOT", "ROOT/unified"),
			map[string]string{
				"cpu/cpu.cfs_quota_us": "100000\n", "cpu/cpu.cfs_period_us": "100000\n",
				"unified/memory.max": "8192\n",
			},
			&record.Container{CPUs: 1, MemoryBytes: 8192},
		},
		"no control groups": {"", "", nil, nil},
	} {
		mounts := strings.ReplaceAll(c.mounts, "ROOT", folder(t, c.files))
		if diff := cmp.Diff(c.want, tightest(c.self, mounts)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestLeastLeft(t *testing.T) {
	const (
		version2 = "25 1 0:23 / ROOT rw - cgroup2 cgroup2 rw\n"
		version1 = "41 1 0:31 / ROOT/memory rw - cgroup cgroup rw,memory\n"
	)
	for name, c := range map[string]struct {
		self, mounts string
		files        map[string]string
		want         uint64
		ok           bool
	}{
		"version 2, files that it has read are no loss": {
			"0::/\n", version2,
			map[string]string{"memory.max": "1000\n", "memory.current": "700\n", "memory.stat": "anon 300\nfile 400\ninactive_file 250\nactive_file 150\n"},
			550, true,
		},
		"version 2, its parent has less left": {
			"0::/a\n", version2,
			map[string]string{"a/memory.max": "1000\n", "a/memory.current": "100\n", "memory.max": "2000\n", "memory.current": "1990\n"},
			10, true,
		},
		"version 2, unlimited": {
			"0::/\n", version2,
			map[string]string{"memory.max": "max\n", "memory.current": "700\n"},
			0, false,
		},
		"version 2, all of it is used": {
			"0::/\n", version2,
			map[string]string{"memory.max": "1000\n", "memory.current": "1001\n"},
			0, true,
		},
		"version 2, only files": {
			"0::/\n", version2,
			map[string]string{"memory.max": "1000\n", "memory.current": "400\n", "memory.stat": "inactive_file 500\n"},
			1000, true,
		},
		"version 1": {
			"4:memory:/m\n", version1,
			map[string]string{
				"memory/m/memory.limit_in_bytes": "1000\n", "memory/m/memory.usage_in_bytes": "600\n",
				"memory/m/memory.stat": "inactive_file 1\ntotal_inactive_file 100\n",
			},
			500, true,
		},
		"a limit without what is used": {
			"0::/\n", version2,
			map[string]string{"memory.max": "1000\n"},
			0, false,
		},
		"no control groups": {"", "", nil, 0, false},
	} {
		mounts := strings.ReplaceAll(c.mounts, "ROOT", folder(t, c.files))
		if got, ok := leastLeft(c.self, mounts); got != c.want || ok != c.ok {
			t.Errorf("%s: got %d, %v, want %d, %v", name, got, ok, c.want, c.ok)
		}
	}
}

func TestMemoryAvailable(t *testing.T) {
	got, ok := MemoryAvailable(t.Context())
	if !ok || got < 1<<20 || got > 1<<50 {
		t.Errorf("got %d, %v of a machine that runs tests", got, ok)
	}
}
