package store

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"slices"
)

// census counts the files in a folder that a store has made, of whatever kind
// and at whatever start.
type census struct {
	starts []string
	index  map[string]uint32 // of starts
	files  []counted
	stay   []saved // older than files, and not to be removed now
}

type counted struct {
	saved
	at int64 // Unix nanoseconds
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
	s.start, s.size = i, onDisk(info.Size())
	c.files = append(c.files, counted{s, info.ModTime().UnixNano()})
	return nil
}

// surplus takes the oldest files off the books when there are a quarter more than
// most, and returns them: as many newer ones are there as may stay. So a folder of
// millions costs no more memory than its bounds allow. It is called after
// every add.
func (c *census) surplus(most int64) []saved {
	over := int64(len(c.files)) - most
	if over < max(most/surplusShare, chunkLength) {
		return nil
	}
	c.sort()
	oldest := make([]saved, over)
	for i := range oldest {
		oldest[i] = c.files[i].saved
	}
	c.files = slices.Delete(c.files, 0, len(oldest))
	return oldest
}

// surplusShare is the part of a bound by which a census may exceed it.
const surplusShare = 4

// keep puts a surplus file back.
func (c *census) keep(s saved) { c.stay = append(c.stay, s) }

// oldestFirst returns the files in the order they were saved in.
func (c *census) oldestFirst() iter.Seq[saved] {
	c.sort()
	return func(yield func(saved) bool) {
		for _, s := range c.stay {
			if !yield(s) {
				return
			}
		}
		for _, f := range c.files {
			if !yield(f.saved) {
				return
			}
		}
	}
}

// sort puts the oldest first. Among files of one instant, as coarse clocks make
// them, the numbers decide.
func (c *census) sort() {
	slices.SortFunc(c.files, func(a, b counted) int {
		return cmp.Or(
			cmp.Compare(a.at, b.at),
			cmp.Compare(c.starts[a.start], c.starts[b.start]),
			cmp.Compare(a.sequence, b.sequence),
			cmp.Compare(a.session, b.session),
		)
	})
}
