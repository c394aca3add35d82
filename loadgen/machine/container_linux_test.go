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
