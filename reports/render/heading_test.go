package render

import (
	"testing"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/reports"
)

func TestMachine(t *testing.T) {
	for _, c := range []struct {
		name string
		e    record.Environment
		want string
	}{
		{"little is known", record.Environment{Cores: 1, OS: "linux", Arch: "arm64"}, "1 core · linux arm64"},
		{"all is known", record.Environment{
			CPU: "a CPU", Cores: 8, Governor: "powersave", MemoryBytes: 16 << 30, Virtualization: "kvm",
			Container: &record.Container{CPUs: 1.5, MemoryBytes: 2 << 30}, OS: "linux", Kernel: "6.8.0", Arch: "amd64", Go: "go1.26.0",
		}, "a CPU · 8 cores · governor powersave · 16.0 GiB · kvm · container of 1.5 CPUs and 2.0 GiB · linux 6.8.0 amd64 · go1.26.0"},
		{"one limit", record.Environment{Cores: 2, OS: "linux", Arch: "amd64", Container: &record.Container{MemoryBytes: 1 << 29}},
			"2 cores · container of 0.5 GiB · linux amd64"},
		{"a container without limits", record.Environment{Cores: 2, OS: "linux", Arch: "amd64", Container: &record.Container{}},
			"2 cores · linux amd64"},
	} {
		if got := machine(c.e); got != c.want {
			t.Errorf("%s:\ngot  %s\nwant %s", c.name, got, c.want)
		}
	}
}

func TestTargetsOwnMachine(t *testing.T) {
	told := &record.Target{CPU: "another CPU", Cores: 4, OS: "linux", Kernel: "6.1", Arch: "arm64", Governor: "performance"}
	for _, c := range []struct {
		name string
		e    record.Environment
		want string
	}{
		{"another one", record.Environment{Target: told}, "on another CPU · 4 cores · governor performance · linux 6.1 arm64"},
		{"the generator's", record.Environment{Target: told, Shared: true}, ""},
		{"not told", record.Environment{Target: &record.Target{Store: "latest"}}, ""},
		{"no side channel", record.Environment{}, ""},
	} {
		if got := targetMachine(c.e); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func TestTargetSaysWhatLeadsToIt(t *testing.T) {
	for _, c := range []struct {
		name string
		n    *record.Network
		want string
	}{
		{"unknown", nil, "ws://h · no side channel"},
		{"loopback", &record.Network{Interface: "lo", Loopback: true, MTU: 65536}, "ws://h · over loopback · no side channel"},
		{"a network", &record.Network{Interface: "eth0", MTU: 9000}, "ws://h · over eth0, MTU 9000 · no side channel"},
	} {
		r := &reports.Report{Settings: record.Settings{URL: "ws://h"}, Environment: record.Environment{Network: c.n}}
		if got := target(r); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}
