package machine

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
)

// stat is what /proc/stat tells of all cores together, in ticks since boot.
// Ticks, not durations: three hundred busy cores fill 63 bits of nanoseconds
// within a year.
type stat struct {
	cores      int    // online
	tasks      uint64 // user, nice and system; guests are within user
	interrupts uint64 // irq and softirq
	steal      uint64 // the hypervisor ran somebody else
}

// errCut says that the buffer ended before the lines about CPUs did.
var errCut = errors.New("ends within the cpu lines")

// parseStat reads the head of /proc/stat: the line of totals, a line for each
// core, and at least the start of what follows, by which it knows that no core
// is missing. The rest may be cut. It allocates nothing unless it fails.
// Source: proc_stat(5).
func parseStat(b []byte) (stat, error) {
	line, rest, ok := bytes.Cut(b, []byte("\n"))
	if !ok {
		return stat{}, errCut
	}
	const (
		user = iota
		nice
		system
		idle
		iowait
		irq
		softirq
		steal
		columns
	)
	var v [columns]uint64
	line, ok = bytes.CutPrefix(line, []byte("cpu "))
	if !ok {
		return stat{}, fmt.Errorf("first line is not the cpu totals: %.20q", b)
	}
	n := 0
	for n < columns {
		line = bytes.TrimLeft(line, " ")
		if len(line) == 0 {
			break
		}
		var field []byte
		field, line, _ = bytes.Cut(line, []byte(" "))
		x, err := strconv.ParseUint(string(field), 10, 64)
		if err != nil {
			return stat{}, fmt.Errorf("cpu totals, column %d: %w", n+1, err)
		}
		v[n] = x
		n++
	}
	if n <= idle {
		return stat{}, fmt.Errorf("cpu totals have %d columns, want at least %d", n, idle+1)
	}
	s := stat{
		tasks:      v[user] + v[nice] + v[system],
		interrupts: v[irq] + v[softirq],
		steal:      v[steal],
	}
	for {
		if len(rest) < len("cpu") {
			return stat{}, errCut
		}
		if !bytes.HasPrefix(rest, []byte("cpu")) {
			break
		}
		if _, rest, ok = bytes.Cut(rest, []byte("\n")); !ok {
			return stat{}, errCut
		}
		s.cores++
	}
	if s.cores == 0 {
		return stat{}, errors.New("no line for any core")
	}
	return s, nil
}
