package machine

import (
	"context"
	"encoding/json"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wsimg/wsimg/loadgen/record"
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
	shown, err := json.MarshalIndent(env, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s", shown)
}

// What only Linux tells must arrive in the record, whatever it is here.
func TestEnvironmentOnLinux(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("not Linux")
	}
	want := record.Environment{Governor: governor(), Container: container(), Sysctls: sysctls()}
	env := Environment(t.Context(), "v1")
	got := record.Environment{Governor: env.Governor, Container: env.Container, Sysctls: env.Sysctls}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(got.Sysctls) < 10 {
		t.Errorf("got only %d sysctls: %v", len(got.Sysctls), got.Sysctls)
	}
}

// A record is shown around: nothing of where it was made, with what in its
// variables.
func TestEnvironmentTellsNoVariables(t *testing.T) {
	const secret = "hush-3f9a8b7c6d5e"
	t.Setenv("WSIMG_TOKEN", secret)
	shown, err := json.Marshal(Environment(t.Context(), "v1"))
	if err != nil {
		t.Fatal(err)
	}
	hidden := map[string]string{"a variable": secret}
	if dir, err := os.Getwd(); err == nil {
		hidden["the folder"] = dir
	}
	for what, value := range hidden {
		if strings.Contains(string(shown), value) {
			t.Errorf("%s is in it: %s", what, shown)
		}
	}
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
