//go:build linux || darwin || freebsd

package store

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// BenchmarkSave alternates between a store and the bare system calls it can't
// do without, in one run, and reports the ratio of their times.
func BenchmarkSave(b *testing.B) {
	image := make([]byte, 100_000)
	copy(image, jpg)
	for _, bench := range []struct {
		kind Kind
		raw  func(dir string) func(i int) error
	}{
		{Files, func(dir string) func(int) error {
			part := filepath.Join(dir, "raw.part")
			return func(i int) error { return rawFile(part, filepath.Join(dir, fmt.Sprint(i)), image) }
		}},
		{Latest, func(dir string) func(int) error {
			fd, err := unix.Open(filepath.Join(dir, "raw"), unix.O_WRONLY|unix.O_CREAT|unix.O_CLOEXEC, 0o600)
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(func() { unix.Close(fd) })
			return func(int) error { _, err := unix.Pwrite(fd, image, 0); return err }
		}},
	} {
		b.Run(string(bench.kind), func(b *testing.B) {
			dir := b.TempDir()
			saver := mustOpen(b, bench.kind, dir).Session(1)
			defer saver.Close()
			raw := bench.raw(b.TempDir())
			b.ReportAllocs()
			b.SetBytes(int64(len(image)))
			var bare time.Duration
			i := 0
			for b.Loop() {
				if err := saver.Save(b.Context(), image); err != nil {
					b.Fatal(err)
				}
				b.StopTimer()
				start := time.Now()
				if err := raw(i); err != nil {
					b.Fatal(err)
				}
				bare += time.Since(start)
				i++
				b.StartTimer()
			}
			b.ReportMetric(float64(b.Elapsed())/float64(bare), "x-of-syscalls")
		})
	}
}

func rawFile(part, name string, image []byte) error {
	fd, err := unix.Open(part, unix.O_WRONLY|unix.O_CREAT|unix.O_TRUNC|unix.O_CLOEXEC, 0o600)
	if err != nil {
		return err
	}
	if _, err := unix.Write(fd, image); err != nil {
		return err
	}
	if err := unix.Close(fd); err != nil {
		return err
	}
	return unix.Rename(part, name)
}
