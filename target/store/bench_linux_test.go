package store

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// BenchmarkSave alternates, in one run, blocks of images saved by a store and by
// the bare system calls that it can't do without, and reports the median of
// the blocks' time ratios and the quartiles beside it. On tmpfs, where the calls
// cost least and the store shows most, if there is one:
//
//	go test -bench Save -run '^$' -benchtime 2000x
//
// The bars are 1.25 for files and 1.3 for latest.
func BenchmarkSave(b *testing.B) {
	for _, kind := range []Kind{Files, Latest} {
		for _, size := range []int{10_000, 100_000, 1_000_000} {
			b.Run(fmt.Sprintf("%s/%dKB", kind, size/1000), func(b *testing.B) {
				benchmarkSave(b, kind, Keep{}, size)
			})
		}
	}
	b.Run("files/10KB/kept", func(b *testing.B) { benchmarkSave(b, Files, Keep{Images: 1e6}, 10_000) })
	b.Run("latest/10KB/kept", func(b *testing.B) { benchmarkSave(b, Latest, Keep{Images: 1e6}, 10_000) })
}

// blockLength is a compromise: files of a block are on the disk together, and
// a block should outlast the noise of one call.
const blockLength = 32

func benchmarkSave(b *testing.B, kind Kind, keep Keep, size int) {
	image := slices.Repeat(jpg, size/len(jpg)+1)[:size]
	dir := shortLived(b)
	st, err := Open(kind, dir, keep)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { st.Close() })
	saver := st.Session(1)
	defer saver.Close()
	ours := func() error { return saver.Save(b.Context(), image) }
	bareDir := shortLived(b)
	bare := bareFiles(bareDir, image)
	if kind == Latest {
		bare = bareLatest(b, bareDir, image)
	}

	var ratios []float64
	done, oursFirst := 0, true
	timed := func(save func() error) time.Duration {
		start := time.Now()
		for range blockLength {
			if err := save(); err != nil {
				b.Fatal(err)
			}
		}
		return time.Since(start)
	}
	empty := func() {
		if kind == Files {
			removeAll(b, dir)
			removeAll(b, bareDir)
		}
	}
	ours()
	bare()
	empty()
	var total time.Duration
	b.ReportAllocs()
	for b.Loop() {
		// One iteration is one block of each.
		var mine, raw time.Duration
		if oursFirst {
			mine, raw = timed(ours), timed(bare)
		} else {
			raw, mine = timed(bare), timed(ours)
		}
		oursFirst = !oursFirst
		ratios = append(ratios, float64(mine)/float64(raw))
		total += mine
		done++
		b.StopTimer()
		empty()
		b.StartTimer()
	}
	slices.Sort(ratios)
	at := func(q float64) float64 { return ratios[int(q*float64(len(ratios)-1))] }
	b.ReportMetric(at(0.5), "x-of-syscalls")
	b.ReportMetric(at(0.25), "x-quartile1")
	b.ReportMetric(at(0.75), "x-quartile3")
	b.ReportMetric(float64(total.Nanoseconds())/float64(done*blockLength), "ns/image")
	b.ReportMetric(0, "ns/op")
}

// shortLived returns a folder in memory if there is one.
func shortLived(b *testing.B) string {
	if dir, err := os.MkdirTemp("/dev/shm", "wsimg-bench-"); err == nil {
		b.Cleanup(func() { os.RemoveAll(dir) })
		return dir
	}
	return b.TempDir()
}

func removeAll(b *testing.B, dir string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		b.Fatal(err)
	}
	for _, e := range entries {
		if e.Name() == lockName {
			continue
		}
		if err := unix.Unlink(dir + "/" + e.Name()); err != nil {
			b.Fatal(err)
		}
	}
}

// bareFiles creates, writes, closes and renames. The paths are made beforehand.
func bareFiles(dir string, image []byte) func() error {
	part := path(dir, "raw.part")
	finals := make([]*byte, 2*blockLength)
	for i := range finals {
		finals[i] = path(dir, strconv.Itoa(i))
	}
	i := 0
	return func() error {
		fd, err := openat(part)
		if err != nil {
			return err
		}
		if _, err := unix.Write(fd, image); err != nil {
			return err
		}
		if err := unix.Close(fd); err != nil {
			return err
		}
		i++
		return rename(part, finals[i%len(finals)])
	}
}

// bareLatest overwrites in place.
func bareLatest(b *testing.B, dir string, image []byte) func() error {
	fd, err := openat(path(dir, "raw"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { unix.Close(fd) })
	return func() error { _, err := unix.Pwrite(fd, image, 0); return err }
}

// path returns a name as the kernel wants it.
func path(dir, name string) *byte { return &append([]byte(dir+"/"+name), 0)[0] }

func openat(path *byte) (fd int, err error) {
	at := unix.AT_FDCWD
	n, _, errno := unix.Syscall6(unix.SYS_OPENAT, uintptr(at), uintptr(unsafe.Pointer(path)),
		unix.O_WRONLY|unix.O_CREAT|unix.O_TRUNC|unix.O_CLOEXEC, 0o600, 0, 0)
	if errno != 0 {
		return 0, errno
	}
	return int(n), nil
}

func rename(from, to *byte) error {
	at := unix.AT_FDCWD
	_, _, errno := unix.Syscall6(unix.SYS_RENAMEAT2, uintptr(at), uintptr(unsafe.Pointer(from)),
		uintptr(at), uintptr(unsafe.Pointer(to)), 0, 0)
	if errno != 0 {
		return errno
	}
	return nil
}
