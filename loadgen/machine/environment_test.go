package machine

import (
	"context"
	"runtime"
	"testing"
	"time"
)

func TestEnvironmentTellsWhatItRunsOn(t *testing.T) {
	start := time.Now()
	env := Environment(t.Context(), "v1.2.3")
	if took := time.Since(start); took > time.Second {
		t.Errorf("took %v, want about 150 ms at most", took)
	}
	for name, got := range map[string][2]any{
		"wsimg":      {env.Wsimg, "v1.2.3"},
		"go":         {env.Go, runtime.Version()},
		"os":         {env.OS, runtime.GOOS},
		"arch":       {env.Arch, runtime.GOARCH},
		"cores":      {env.Cores, runtime.NumCPU()},
		"gomaxprocs": {env.GOMAXPROCS, runtime.GOMAXPROCS(0)},
	} {
		if got[0] != got[1] {
			t.Errorf("%s: got %v, want %v", name, got[0], got[1])
		}
	}
	if env.Kernel == "" {
		t.Error("kernel: got nothing")
	}
	if env.MemoryBytes < 1<<20 {
		t.Errorf("memory: got %d bytes", env.MemoryBytes)
	}
	if runtime.GOOS == "linux" && env.OpenFiles == 0 {
		t.Error("open files: got 0 on Linux")
	}
	t.Logf("%+v", env)
}

func TestEnvironmentNeverFails(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if env := Environment(ctx, "v1"); env.Cores == 0 || env.Go == "" {
		t.Errorf("cancelled: got %+v, want what the runtime knows", env)
	}
}

func TestVirtualization(t *testing.T) {
	for name, c := range map[string]struct {
		system, role string
		flags        []string
		want         string
	}{
		"named guest":                   {"kvm", "guest", []string{"hypervisor"}, "kvm"},
		"nameless guest":                {"", "guest", nil, "virtual machine"},
		"hypervisor that hides":         {"", "", []string{"fpu", "hypervisor"}, "virtual machine"},
		"bare metal that runs guests":   {"kvm", "host", []string{"vmx"}, ""},
		"guest that runs guests itself": {"kvm", "host", []string{"vmx", "hypervisor"}, "virtual machine"},
		"bare metal":                    {"", "", []string{"fpu"}, ""},
	} {
		if got := virtualization(c.system, c.role, c.flags); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func BenchmarkEnvironment(b *testing.B) {
	for b.Loop() {
		Environment(b.Context(), "v1")
	}
}
