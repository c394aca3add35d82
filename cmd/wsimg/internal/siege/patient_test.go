package siege

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/wsimg/wsimg/target/store"
)

// endAtOnce has the processes that a test starts end when they are told to, and not
// a second later, as the race detector would have it.
func endAtOnce(t *testing.T) {
	t.Helper()
	t.Setenv("GORACE", os.Getenv("GORACE")+" atexit_sleep_ms=0")
}

// TestPatientIsExaminedAndReleased goes the way of the slow programs, with one
// client.
func TestPatientIsExaminedAndReleased(t *testing.T) {
	endAtOnce(t)
	p, err := admit(t.Context(), treatment{Store: store.Discard})
	if err != nil {
		t.Fatal(err)
	}
	if p.pid() == os.Getpid() {
		t.Error("the patient is this process, want one of its own")
	}
	l, err := dial(t.Context(), p.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer l.hangUp()
	if err := l.upgrade("/", ""); err != nil {
		t.Errorf("connect to the patient: %v", err)
	}
	profile := filepath.Join(t.TempDir(), "heap")
	for _, file := range []string{"", profile} {
		a, err := p.examine(file)
		if err != nil {
			t.Fatal(err)
		}
		if a.Heap <= 0 || a.Stacks <= 0 || a.Runtime <= 0 || a.Goroutines <= 0 {
			t.Errorf("examined: %+v, want some of everything", a)
		}
	}
	if info, err := os.Stat(profile); err != nil || info.Size() == 0 {
		t.Errorf("the heap profile is %v, %v, want a file with something in it", info, err)
	}
	l.hangUp() // else it is waited for
	if err := p.release(); err != nil {
		t.Errorf("release: %v", err)
	}
	if l, err := dial(t.Context(), p.addr); err == nil {
		l.hangUp()
		t.Error("the patient takes connections after it was released")
	}
}

func TestPatientThatCannotStartIsNotAdmitted(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if p, err := admit(t.Context(), treatment{Store: store.Files, Dir: filepath.Join(file, "folder")}); err == nil {
		p.release()
		t.Error("a target was started whose folder can't be made")
	}
}
