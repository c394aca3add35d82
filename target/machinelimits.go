package target

import (
	"fmt"
	"math"

	"github.com/wsimg/wsimg/target/store"
)

// otherFiles is what a process has open beside its sessions and what the store
// keeps open: itself, and connections that are no sessions yet.
const otherFiles = 64 + pendingConnections

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
	inFlight := int64(mostInFlight)
	if memory > 0 {
		inFlight = min(inFlight, memory/4)
	}
	fill(&s.Limits.InFlight, inFlight)

	expected := int64(max(s.expected, s.Limits.Connections))
	connections, kept := shareFiles(e, s.Store, expected)
	s.keptFiles = int(kept)
	if memory > 0 {
		connections = min(connections, max(expected, s.affordable(memory)))
	}
	fill(&s.Limits.Connections, int(max(fewestConnections, connections)))
	return s
}

// fits returns an error if there may be more sessions than the process may have
// files open: it would accept them and then fail in the midst of it.
func (s Settings) fits(e Environment) error {
	files := max(fewestConnections, filesFor(e)-fewestKept(s.Store))
	if e.OpenFiles == 0 || int64(s.Limits.Connections) <= files {
		return nil
	}
	return fmt.Errorf("%d connections need more than the %d files that this process may have open: raise that with ulimit -n, or lower --max-connections to %d",
		s.Limits.Connections, e.OpenFiles, files)
}

// shareFiles returns how many sessions a process may have for the files that it
// may open, and how many files its store may keep open. The sessions that are
// expected come first, 0 being nobody in particular. Of what is left the store
// gets half, within its bounds; the other half is for more of them, as those of
// clients that came back before their old connections were found dead.
func shareFiles(e Environment, kind store.Kind, expected int64) (sessions, kept int64) {
	if e.OpenFiles == 0 {
		return max(unknownFiles, expected), store.MostOpenFiles
	}
	files := filesFor(e)
	if kind == store.Latest {
		kept = min(max(store.LeastOpenFiles, (files-expected)/2), store.MostOpenFiles)
	}
	return files - kept, kept
}

// fewestKept returns how many files a store of this kind must be able to keep
// open.
func fewestKept(kind store.Kind) int64 {
	if kind == store.Latest {
		return store.LeastOpenFiles
	}
	return 0
}

// filesFor returns how many files there are for sessions and the store.
func filesFor(e Environment) int64 {
	return int64(min(e.OpenFiles, math.MaxInt32)) - otherFiles
}

// memoryOf returns the memory that this process may use, 0 if nobody tells.
func memoryOf(e Environment) int64 {
	memory := e.MemoryBytes
	if c := e.Container; c != nil && c.MemoryBytes > 0 {
		memory = c.MemoryBytes // less than the machine's, or no limit
	}
	return int64(min(memory, math.MaxInt64))
}
