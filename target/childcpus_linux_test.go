package target

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// allowed returns the CPUs of a process, or of one of its threads, as /proc has
// them in its folder dir.
func allowed(t *testing.T, dir string) string {
	t.Helper()
	status, err := os.ReadFile(dir + "/status")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(status)) {
		if list, ok := strings.CutPrefix(line, "Cpus_allowed_list:"); ok {
			return strings.TrimSpace(list)
		}
	}
	t.Fatalf("%s/status tells no Cpus_allowed_list:\n%s", dir, status)
	return ""
}

// TestChildIsKeptToItsCPUs asks the kernel, of every thread, and the child's
// runtime, which counts processors when it starts and never again.
func TestChildIsKeptToItsCPUs(t *testing.T) {
	var mask unix.CPUSet
	if err := unix.SchedGetaffinity(0, &mask); err != nil {
		t.Fatal(err)
	}
	if mask.Count() < 2 {
		t.Skip("this process may use one CPU alone")
	}
	own := allowed(t, "/proc/self")
	for cpu := range len(mask) * 64 {
		if !mask.IsSet(cpu) {
			continue
		}
		settings := testChild("child")
		settings.CPUs = []int{cpu}
		c, err := Start(t.Context(), settings)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Stop(context.Background()) })
		tasks := fmt.Sprintf("/proc/%d/task", c.PID())
		threads, err := os.ReadDir(tasks)
		if err != nil || len(threads) == 0 {
			t.Fatalf("got threads %v, %v", threads, err)
		}
		for _, thread := range threads {
			if got, want := allowed(t, tasks+"/"+thread.Name()), fmt.Sprint(cpu); got != want {
				t.Errorf("thread %s of the child may use CPUs %s, want %s", thread.Name(), got, want)
			}
		}
		if e := getStats(t, testServer{url: c.URL()}, "").Environment; e.Cores != 1 || e.GOMAXPROCS != 1 {
			t.Errorf("the child on CPU %d tells of %d cores and GOMAXPROCS %d, want 1 of each", cpu, e.Cores, e.GOMAXPROCS)
		}
	}
	tasks, err := os.ReadDir("/proc/self/task")
	if err != nil {
		t.Fatal(err)
	}
	for _, thread := range tasks {
		dir := "/proc/self/task/" + thread.Name()
		if _, err := os.Stat(dir); err != nil {
			continue // ended meanwhile
		}
		if got := allowed(t, dir); got != own {
			t.Errorf("a thread of the parent may use CPUs %s, want %s as before", got, own)
		}
	}
}

func TestChildIsNotStartedOnOtherCPUs(t *testing.T) {
	var mask unix.CPUSet
	if err := unix.SchedGetaffinity(0, &mask); err != nil {
		t.Fatal(err)
	}
	first := 0
	for !mask.IsSet(first) {
		first++
	}
	for _, tc := range []struct {
		name string
		cpus []int
		want string
	}{
		{"none of them is there", []int{1023}, "start the target: sched_setaffinity: invalid argument"},
		{"one of them is not there", []int{first, 1023}, "start the target: of the CPUs [" + fmt.Sprint(first) + " 1023] not all can be had"},
		{"one can't be named", []int{first, 1024}, "are not all different and from 0 to 1023"},
		{"one is named twice", []int{first, first}, "are not all different and from 0 to 1023"},
	} {
		settings := testChild("child")
		settings.CPUs = tc.cpus
		c, err := Start(t.Context(), settings)
		if err == nil {
			c.Stop(t.Context())
		}
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: got %v, want it to say %q", tc.name, err, tc.want)
		}
	}
}
