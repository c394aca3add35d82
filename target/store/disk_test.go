package store

import (
	"errors"
	"io/fs"
	"testing"
)

func TestDiskKeepsSpaceFree(t *testing.T) {
	const GB = 1_000_000_000
	for _, tc := range []struct {
		name        string
		free, total uint64
		err         error
		want        error
	}{
		{"plenty", 50 * GB, 100 * GB, nil, nil},
		{"5 % of a large disk", 5 * GB, 100 * GB, nil, nil},
		{"less than 5 % of a large disk", 5*GB - 1, 100 * GB, nil, ErrNoSpace},
		{"1 GB of a small disk", GB, 2 * GB, nil, nil},
		{"less than 1 GB of a small disk", GB - 1, 2 * GB, nil, ErrNoSpace},
		{"a system that doesn't tell", 0, 0, errors.ErrUnsupported, nil},
		{"a folder that is gone", 0, 0, fs.ErrNotExist, fs.ErrNotExist},
	} {
		t.Run(tc.name, func(t *testing.T) {
			ask := freeSpace(func(string) (uint64, uint64, error) { return tc.free, tc.total, tc.err })
			room, err := ask.measure("images")
			if err == nil {
				err = room.check()
			}
			if !errors.Is(err, tc.want) {
				t.Errorf("got error %v, want %v", err, tc.want)
			}
		})
	}
}
