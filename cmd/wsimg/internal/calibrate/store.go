package calibrate

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/target/store"
)

// stores returns the kinds of store that look at an image, measured in a
// folder within dir with one connection a core.
func stores(all []*images, dir string) []ceiling {
	one := func(kind store.Kind, note string) ceiling {
		return &sized{
			about:  record.Ceiling{Name: "store " + string(kind), Kind: record.StoreCeiling, Cores: runtime.GOMAXPROCS(0), Note: note},
			weight: storeWeight,
			images: all,
			rate: func(ctx context.Context, of *images, d time.Duration) (float64, error) {
				return saving(ctx, kind, dir, of, d)
			},
		}
	}
	return []ceiling{
		one(store.Files, "a new file each, into the page cache: the disk itself may be slower"),
		one(store.Latest, "one file a connection, overwritten in the page cache"),
		one(store.Discard, "nothing is written; decoding counts apart"),
	}
}

// saving measures one store and leaves nothing of it behind.
func saving(ctx context.Context, kind store.Kind, dir string, of *images, d time.Duration) (rate float64, err error) {
	dir = filepath.Join(dir, string(kind))
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	st, err := store.Open(kind, dir, store.Keep{})
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, st.Close()) }()

	savers := make([]store.Saver, runtime.GOMAXPROCS(0))
	for core := range savers {
		savers[core] = st.Session(uint64(core))
		defer savers[core].Close()
		// The first image finds no file to overwrite.
		if err := savers[core].Save(ctx, of.image(0)); err != nil {
			return 0, err
		}
	}
	return parallel(func(core int) (float64, error) {
		return timed(d, func(i int) error {
			// Each begins elsewhere in the images, as connections do.
			return savers[core].Save(ctx, of.image(i+core*len(of.raw)/len(savers)))
		})
	})
}

// makeFolder makes a folder of our own in dir and finds out whether images can
// be stored there at all.
func makeFolder(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	own, err := os.MkdirTemp(dir, "wsimg-calibrate-")
	if err != nil {
		return "", fmt.Errorf("%w: give a folder that exists and may be written, with --dir", err)
	}
	st, err := store.Open(store.Files, own, store.Keep{})
	if err != nil {
		return "", errors.Join(fmt.Errorf("%s: %w; give another folder with --dir", dir, err), os.RemoveAll(own))
	}
	return own, st.Close()
}
