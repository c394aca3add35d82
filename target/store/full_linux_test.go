package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// cannotMount is the exit status of a child that may not mount a disk.
const cannotMount = 77

func TestADiskThatFillsUpLeavesNothingPartial(t *testing.T) {
	cmd := child(t, "full", t.TempDir())
	cmd.Stderr = nil
	// Own namespaces: the mount is seen by the child only, and goes with it.
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
	}
	out, err := cmd.Output()
	exit, ran := errors.AsType[*exec.ExitError](err)
	switch {
	case err == nil:
	case !ran:
		t.Skipf("this user may make no namespaces: %v", err)
	case exit.ExitCode() == cannotMount:
		t.Skipf("this user may mount nothing: %s", exit.Stderr)
	default:
		t.Errorf("%s%s", out, exit.Stderr)
	}
}

// fillDisk mounts a disk of 1 MiB on dir and does to both kinds of store what
// the test wants to know.
func fillDisk(dir string) int {
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=1m"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return cannotMount
	}
	failed := 0
	for _, kind := range []Kind{Files, Latest} {
		if err := fillWith(kind, filepath.Join(dir, string(kind))); err != nil {
			fmt.Printf("%s: %v\n", kind, err)
			failed = 1
		}
	}
	return failed
}

func fillWith(kind Kind, dir string) error {
	// The disk check would refuse so small a disk at once.
	st, err := open(kind, dir, Keep{}, withSpace(plenty))
	if err != nil {
		return err
	}
	defer st.Close()
	saver := st.Session(1)
	defer saver.Close()
	save := func(size int) error { return saver.Save(context.Background(), bytes.Repeat([]byte{'x'}, size)) }
	for range 2 {
		if err := save(300_000); err != nil {
			return fmt.Errorf("while there is room: %w", err)
		}
	}
	before, err := sizes(dir)
	if err != nil {
		return err
	}
	err = save(2_000_000)
	if !errors.Is(err, ErrNoSpace) || err.Error() != "no space left on the disk" {
		return fmt.Errorf("on the full disk: got error %v, want %v", err, ErrNoSpace)
	}
	after, err := sizes(dir)
	if err != nil {
		return err
	}
	want := before // what was whole stays
	if kind == Latest {
		want = nil // it was being overwritten
	}
	if fmt.Sprint(after) != fmt.Sprint(want) {
		return fmt.Errorf("after the failed image: files of sizes %v, want %v", after, want)
	}
	if err := save(300_000); err != nil {
		return fmt.Errorf("with room again: %w", err)
	}
	return os.RemoveAll(dir)
}

// plenty is a disk without end.
func plenty(string) (free, total uint64, err error) { return 1e12, 1e12, nil }

func sizes(dir string) (all []int64, err error) {
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		if e.Name() == lockName {
			continue
		}
		info, err := e.Info()
		if err != nil {
			return nil, err
		}
		all = append(all, info.Size())
	}
	return all, err
}

func TestAWriteThatFindsTheDiskFullIsLookedInto(t *testing.T) {
	looks := 0
	w := watch{look: func() error { looks++; return nil }}
	now := time.Now()
	for _, tc := range []struct {
		name string
		err  error
		want int // looks so far
	}{
		{"a first look", nil, 1},
		{"any other fault", unix.EIO, 1},
		{"a full disk", unix.ENOSPC, 2},
		{"a quota", unix.EDQUOT, 3},
	} {
		w.note(tc.err)
		if err := w.check(now); err != nil || looks != tc.want {
			t.Errorf("%s: got %d looks, error %v, want %d", tc.name, looks, err, tc.want)
		}
	}
}
