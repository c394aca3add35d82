package target

import (
	"fmt"
	"math"

	"github.com/wsimg/wsimg/target/store"
)

// What the default of Connections leaves of the files that a process may have
// open.
const (
	latestFiles = 1024 // of store latest
	otherFiles  = 64 + pendingConnections
)

const (
	// mostInFlight is the largest default of InFlight.
	mostInFlight = 1_000_000_000
	// unknownFiles is the default of Connections where the system tells no limit
	// of open files, and fewestConnections the least it can be.
	unknownFiles      = 1 << 16
	fewestConnections = 16
)

// on returns the settings with what the machine decides of them.
func (s Settings) on(e Environment) Settings {
	s = s.withDefaults()
	memory := memoryOf(e)
	inFlight, connections := int64(mostInFlight), filesFor(e, s.Store)
	if memory > 0 {
		inFlight = min(inFlight, memory/4)
	}
	fill(&s.Limits.InFlight, inFlight)
	if memory > 0 {
		connections = min(connections, s.affordable(memory))
	}
	fill(&s.Limits.Connections, int(max(fewestConnections, connections)))
	return s
}

// fits returns an error if there may be more sessions than the process may have
// files open: it would accept them and then fail in the midst of it.
func (s Settings) fits(e Environment) error {
	files := max(fewestConnections, filesFor(e, s.Store))
	if e.OpenFiles == 0 || int64(s.Limits.Connections) <= files {
		return nil
	}
	return fmt.Errorf("%d connections need more than the %d files that this process may have open: raise that with ulimit -n, or lower --max-connections to %d",
		s.Limits.Connections, e.OpenFiles, files)
}

// memoryOf returns the memory that this process may use, 0 if nobody tells.
func memoryOf(e Environment) int64 {
	memory := e.MemoryBytes
	if c := e.Container; c != nil && c.MemoryBytes > 0 {
		memory = c.MemoryBytes // less than the machine's, or no limit
	}
	return int64(min(memory, math.MaxInt64))
}

// filesFor returns how many sessions there are open files for.
func filesFor(e Environment, kind store.Kind) int64 {
	if e.OpenFiles == 0 {
		return unknownFiles
	}
	files := int64(min(e.OpenFiles, math.MaxInt32)) - otherFiles
	if kind == store.Latest {
		files -= latestFiles
	}
	return files
}
