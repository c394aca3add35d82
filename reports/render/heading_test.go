package render

import (
	"strings"
	"testing"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/reports"
)

func TestMachine(t *testing.T) {
	for _, c := range []struct {
		name string
		e    record.Environment
		kept record.CPUs
		want string
	}{
		{"little is known", record.Environment{Cores: 1, OS: "linux", Arch: "arm64"}, nil, "1 core · linux arm64"},
		{"all is known", record.Environment{
			CPU: "a CPU", Cores: 8, Governor: "powersave", MemoryBytes: 16 << 30, Virtualization: "kvm",
			Container: &record.Container{CPUs: 1.5, MemoryBytes: 2 << 30}, OS: "linux", Kernel: "6.8.0", Arch: "amd64", Go: "go1.26.0",
		}, nil, "a CPU · 8 cores · governor powersave · 16.0 GiB · kvm · container of 1.5 CPUs and 2.0 GiB · linux 6.8.0 amd64 · go1.26.0"},
		{"one limit", record.Environment{Cores: 2, OS: "linux", Arch: "amd64", Container: &record.Container{MemoryBytes: 1 << 29}}, nil,
			"2 cores · container of 0.5 GiB · linux amd64"},
		{"a container without limits", record.Environment{Cores: 2, OS: "linux", Arch: "amd64", Container: &record.Container{}}, nil,
			"2 cores · linux amd64"},
		{"a generator that was kept to one of them", record.Environment{Cores: 1, OS: "linux", Arch: "amd64"}, record.CPUs{3},
			"1 core for the generator · linux amd64"},
	} {
		if got := machine(c.e, c.kept); got != c.want {
			t.Errorf("%s:\ngot  %s\nwant %s", c.name, got, c.want)
		}
	}
}

func TestHeadingSaysWhichCPUs(t *testing.T) {
	for _, c := range []struct {
		name              string
		target, generator record.CPUs
		want              string
	}{
		{"all", nil, nil, ""},
		{"each its own", record.CPUs{0}, record.CPUs{1, 2}, "cpus     target on CPU 0 · generator on CPUs 1-2\n"},
		{"the target's", record.CPUs{0, 2}, nil, "cpus     target on CPUs 0,2\n"},
		{"the generator's", nil, record.CPUs{1}, "cpus     generator on CPU 1\n"},
	} {
		var b strings.Builder
		heading(&b, &reports.Report{Settings: record.Settings{TargetCPUs: c.target, GeneratorCPUs: c.generator}}, palette(false))
		got := ""
		for line := range strings.Lines(b.String()) {
			if strings.HasPrefix(line, "cpus") {
				got += line
			}
		}
		if got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
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
