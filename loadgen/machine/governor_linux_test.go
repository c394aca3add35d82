package machine

import (
	"fmt"
	"slices"
	"testing"
	"testing/fstest"
)

func TestGovernors(t *testing.T) {
	for name, c := range map[string]struct {
		cores []string // governors of cpu0, cpu1 ...; empty: it has none
		own   []int    // cores that may be used; nil: all
		want  string
	}{
		"one for all":                 {[]string{"performance", "performance"}, nil, "performance"},
		"cores that differ":           {[]string{"powersave", "performance", "powersave"}, nil, "performance,powersave"},
		"only those that may be used": {[]string{"powersave", "performance"}, []int{1}, "performance"},
		"two digits": {
			[]string{"a", "a", "a", "a", "a", "a", "a", "a", "a", "a", "schedutil"}, []int{10}, "schedutil",
		},
		"a core without":    {[]string{"", "ondemand"}, nil, "ondemand"},
		"a virtual machine": {[]string{"", ""}, nil, ""},
		"no cores":          {nil, nil, ""},
	} {
		cpus := fstest.MapFS{
			"cpufreq/boost":                      {Data: []byte("1\n")},
			"cpuidle/current_governor":           {Data: []byte("menu\n")},
			"cpu0x/cpufreq/scaling_governor":     {Data: []byte("not-a-core\n")},
			"cpufreq/policy0/scaling_governor":   {Data: []byte("not-a-core\n")},
			"cpu0/cpufreq/scaling_available_xyz": {Data: []byte("not-it\n")},
		}
		for core, g := range c.cores {
			if g != "" {
				cpus[fmt.Sprintf("cpu%d/cpufreq/scaling_governor", core)] = &fstest.MapFile{Data: []byte(g + "\n")}
			}
		}
		may := func(core int) bool { return c.own == nil || slices.Contains(c.own, core) }
		if got := governors(cpus, may); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}
