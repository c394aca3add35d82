package store

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"
)

// census counts the files in a folder that a store has made, of whatever kind
// and at whatever start.
type census struct {
	starts []string
	index  map[string]uint32 // of starts
	files  []counted
}

type counted struct {
	saved
	at time.Time
}

// newCensus returns a census in which the files of start have index 0.
func newCensus(start string) *census {
	return &census{starts: []string{start}, index: map[string]uint32{start: 0}}
}

// add counts an entry if it is a file of ours. One that has gone meanwhile is
// none.
func (c *census) add(e fs.DirEntry) error {
	start, s, ok := parseName(e.Name())
	if !ok || !e.Type().IsRegular() {
		return nil
	}
	info, err := e.Info()
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look at an image of an earlier run: %w", err)
	}
	i, known := c.index[start]
	if !known {
		i = uint32(len(c.starts))
		c.starts = append(c.starts, start)
		c.index[start] = i
	}
	s.start, s.size = i, info.Size()
	c.files = append(c.files, counted{s, info.ModTime()})
	return nil
}

// oldestFirst returns the files in the order they were saved in. Among files of
// one instant, as coarse clocks make them, the numbers decide.
func (c *census) oldestFirst() []saved {
	slices.SortFunc(c.files, func(a, b counted) int {
		return cmp.Or(
			a.at.Compare(b.at),
			cmp.Compare(c.starts[a.start], c.starts[b.start]),
			cmp.Compare(a.sequence, b.sequence),
			cmp.Compare(a.session, b.session),
		)
	})
	files := make([]saved, len(c.files))
	for i, f := range c.files {
		files[i] = f.saved
	}
	return files
}
