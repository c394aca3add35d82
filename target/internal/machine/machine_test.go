package machine

import (
	"context"
	"io/fs"
	"runtime"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

func TestReadTellsWhatItRunsOn(t *testing.T) {
	e := Read(t.Context())
	if e.OS != runtime.GOOS || e.Arch != runtime.GOARCH || e.Cores != runtime.NumCPU() || e.GOMAXPROCS != runtime.GOMAXPROCS(0) {
		t.Errorf("got %+v, want what the runtime knows", e)
	}
	if e.Kernel == "" || e.MemoryBytes < 1<<20 {
		t.Errorf("got kernel %q and %d bytes of memory", e.Kernel, e.MemoryBytes)
	}
	if runtime.GOOS == "linux" && e.OpenFiles == 0 {
		t.Error("open files: got 0 on Linux")
	}
	t.Logf("%+v", e)
}

func TestReadNeverFails(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if e := Read(ctx); e.Cores == 0 || e.OS == "" {
		t.Errorf("cancelled: got %+v, want what the runtime knows", e)
	}
}

func TestVirtualization(t *testing.T) {
	for name, tc := range map[string]struct {
		system, role string
		flags        []string
		want         string
	}{
		"a guest with a name":        {"kvm", "guest", []string{"hypervisor"}, "kvm"},
		"a guest without":            {"", "guest", nil, "virtual machine"},
		"a hypervisor that hides":    {"", "", []string{"fpu", "hypervisor"}, "virtual machine"},
		"bare metal that has guests": {"kvm", "host", []string{"vmx"}, ""},
		"a guest that has guests":    {"kvm", "host", []string{"vmx", "hypervisor"}, "virtual machine"},
		"bare metal":                 {"", "", []string{"fpu"}, ""},
	} {
		if got := virtualization(tc.system, tc.role, tc.flags); got != tc.want {
			t.Errorf("%s: got %q, want %q", name, got, tc.want)
		}
	}
}

// files makes a file system of these files.
func files(content map[string]string) fs.FS {
	root := fstest.MapFS{}
	for name, text := range content {
		root[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return root
}

func TestGovernor(t *testing.T) {
	const of0 = "sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"
	const of1 = "sys/devices/system/cpu/cpu1/cpufreq/scaling_governor"
	const of10 = "sys/devices/system/cpu/cpu10/cpufreq/scaling_governor"
	for _, tc := range []struct {
		name  string
		files map[string]string
		want  string
	}{
		{"none", nil, ""},
		{"the same for all", map[string]string{of0: "performance\n", of1: "performance\n", of10: "performance\n"}, "performance"},
		{"several", map[string]string{of0: "schedutil\n", of1: "performance\n", of10: "schedutil\n"}, "performance,schedutil"},
	} {
		if got := governor(files(tc.files)); got != tc.want {
			t.Errorf("%s: got %q, want %q", tc.name, got, tc.want)
		}
	}
}

func TestContainer(t *testing.T) {
	const (
		unified = "31 24 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n"
		cpu     = "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
		cpuset  = "33 31 0:30 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset\n"
		memory  = "34 31 0:31 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
	)
	for _, tc := range []struct {
		name  string
		files map[string]string
		want  *Container
	}{
		{"no control groups", nil, nil},
		{"version 2 without limits", map[string]string{
			"proc/self/cgroup":         "0::/\n",
			"proc/self/mountinfo":      unified,
			"sys/fs/cgroup/cpu.max":    "max 100000\n",
			"sys/fs/cgroup/memory.max": "max\n",
		}, nil},
		{"version 2 in a container", map[string]string{
			"proc/self/cgroup":         "0::/\n",
			"proc/self/mountinfo":      unified,
			"sys/fs/cgroup/cpu.max":    "150000 100000\n",
			"sys/fs/cgroup/memory.max": "536870912\n",
		}, &Container{CPUs: 1.5, MemoryBytes: 512 << 20}},
		{"version 2, the tightest of those above", map[string]string{
			"proc/self/cgroup":                "0::/a/b\n",
			"proc/self/mountinfo":             unified,
			"sys/fs/cgroup/a/b/cpu.max":       "400000 100000\n",
			"sys/fs/cgroup/a/b/memory.max":    "100000\n",
			"sys/fs/cgroup/a/cpu.max":         "50000 100000\n",
			"sys/fs/cgroup/a/memory.max":      "200000\n",
			"sys/fs/cgroup/elsewhere/cpu.max": "1 100000\n",
		}, &Container{CPUs: 0.5, MemoryBytes: 100_000}},
		{"version 2, mounted from its own group", map[string]string{
			"proc/self/cgroup":      "0::/docker/abc\n",
			"proc/self/mountinfo":   "31 24 0:26 /docker/abc /sys/fs/cgroup ro - cgroup2 cgroup2 rw\n",
			"sys/fs/cgroup/cpu.max": "200000 100000\n",
		}, &Container{CPUs: 2}},
		{"version 2, another group mounted as well", map[string]string{
			"proc/self/cgroup":      "0::/a\n",
			"proc/self/mountinfo":   unified + "35 24 0:26 /b /mnt rw - cgroup2 cgroup2 rw\n",
			"sys/fs/cgroup/cpu.max": "200000 100000\n",
			"mnt/cpu.max":           "100000 100000\n",
		}, &Container{CPUs: 2}},
		{"version 2 at a point with a space", map[string]string{
			"proc/self/cgroup":       "0::/a\n",
			"proc/self/mountinfo":    "31 24 0:26 / /my\\040groups rw - cgroup2 cgroup2 rw\n",
			"my groups/a/memory.max": "7\n",
		}, &Container{MemoryBytes: 7}},
		{"version 1 without limits", map[string]string{
			"proc/self/cgroup":                            "4:memory:/\n3:cpuset:/\n2:cpu,cpuacct:/\n",
			"proc/self/mountinfo":                         cpuset + cpu + memory,
			"sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us":  "-1\n",
			"sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
			"sys/fs/cgroup/memory/memory.limit_in_bytes":  "9223372036854771712\n",
		}, nil},
		{"version 1", map[string]string{
			"proc/self/cgroup":                              "4:memory:/x\n3:cpuset:/y\n2:cpu,cpuacct:/z\n0::/\n",
			"proc/self/mountinfo":                           cpuset + cpu + memory,
			"sys/fs/cgroup/cpu,cpuacct/z/cpu.cfs_quota_us":  "25000\n",
			"sys/fs/cgroup/cpu,cpuacct/z/cpu.cfs_period_us": "100000\n",
			"sys/fs/cgroup/memory/x/memory.limit_in_bytes":  "1000000\n",
			"sys/fs/cgroup/memory/memory.limit_in_bytes":    "9223372036854771712\n",
		}, &Container{CPUs: 0.25, MemoryBytes: 1_000_000}},
		{"nonsense", map[string]string{
			"proc/self/cgroup":         "0::/\nnonsense\n",
			"proc/self/mountinfo":      "nonsense - \n" + unified,
			"sys/fs/cgroup/cpu.max":    "100000 0\n",
			"sys/fs/cgroup/memory.max": "plenty\n",
		}, nil},
	} {
		if diff := cmp.Diff(tc.want, container(files(tc.files))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.name, diff)
		}
	}
}

func BenchmarkRead(b *testing.B) {
	for b.Loop() {
		Read(b.Context())
	}
}
