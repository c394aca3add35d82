package machine

import (
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wsimg/wsimg/loadgen/record"
)

// restartVariable has this test binary restart itself on the processors in it,
// and restartedVariable, without them, tell what it then is.
const (
	restartVariable   = "WSIMG_MACHINE_TEST_RESTART"
	restartedVariable = "WSIMG_MACHINE_TEST_RESTARTED"
)

// restarted is a process before and after it restarted itself.
type restarted struct {
	PID      int
	Affinity record.CPUs
	Env      record.Environment
}

func TestRestart(t *testing.T) {
	own, err := Affinity()
	if err != nil {
		t.Fatal(err)
	}
	if len(own) < 2 {
		t.Skipf("this process may use %s alone", own.Words())
	}
	last := own[len(own)-1:]
	cmd := exec.Command(os.Args[0], "-test.run=^TestRestarted$")
	cmd.Env = append(os.Environ(), restartVariable+"="+last.String())
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	line, _, _ := strings.Cut(string(out), "\n")
	var got restarted
	if err := json.Unmarshal([]byte(line), &got); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if got.PID != cmd.Process.Pid {
		t.Errorf("got process %d, want %d as before", got.PID, cmd.Process.Pid)
	}
	if diff := cmp.Diff(last, got.Affinity); diff != "" {
		t.Errorf("affinity (-want +got):\n%s", diff)
	}
	if got.Env.Cores != 1 || got.Env.GOMAXPROCS != 1 {
		t.Errorf("got %d cores and GOMAXPROCS %d, want 1 of each", got.Env.Cores, got.Env.GOMAXPROCS)
	}
}

// TestRestarted is the process that TestRestart starts.
func TestRestarted(t *testing.T) {
	if list := os.Getenv(restartVariable); list != "" {
		cpus, err := ParseCPUs(list)
		if err != nil {
			t.Fatal(err)
		}
		t.Setenv(restartVariable, "")
		t.Setenv(restartedVariable, "yes")
		t.Fatal(Restart(cpus))
	}
	if os.Getenv(restartedVariable) == "" {
		t.Skip("for TestRestart")
	}
	cpus, err := Affinity()
	if err != nil {
		t.Fatal(err)
	}
	told := restarted{os.Getpid(), cpus, Environment(t.Context(), "v1")}
	if err := json.NewEncoder(os.Stdout).Encode(told); err != nil {
		t.Fatal(err)
	}
}

// TestRestartRefusesWhatIsNotThere does so for a set of which a part is there,
// too, which the kernel would take.
func TestRestartRefusesWhatIsNotThere(t *testing.T) {
	own, err := Affinity()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		cpus record.CPUs
		want string
	}{
		{record.CPUs{maxCPU}, "sched_setaffinity: invalid argument"},
		{record.CPUs{own[0], maxCPU}, "can't be had, or not all of them"},
	} {
		failed := make(chan error)
		go func() { failed <- Restart(c.cpus) }() // its thread is kept, and ends with it
		if err := <-failed; err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want it to say %q", c.cpus.Words(), err, c.want)
		}
	}
}
