package bench

import (
	"errors"
	"fmt"

	"github.com/wsimg/wsimg/loadgen/machine"
	"github.com/wsimg/wsimg/loadgen/payload"
)

// ErrLimit is what Run wraps when the machine does not allow what was asked
// for; nothing has been dialed then.
var ErrLimit = errors.New("more than this machine allows")

const (
	// spareFiles is what either end has open beside its connections.
	spareFiles = 64
	// storeFiles is how many files a bundled target keeps open at most.
	storeFiles = 1024
)

// limits finds out before anything is made or dialed whether both ends may
// have as many files open as the connections take.
func limits(s Settings) error {
	soft, _, ok := machine.OpenFiles()
	if !ok {
		return nil
	}
	codecs := make(map[payload.CodecKind]bool) // each has fleets of its own
	for _, m := range s.Modes {
		codecs[m.Codec] = true
	}
	connections := len(codecs) * (s.Clients + 1)
	need := connections + spareFiles
	if s.Bundled {
		need += min(connections, storeFiles)
	}
	if uint64(need) > soft {
		return fmt.Errorf("%w: %d connections take %d open files and a process may have %d here: raise the limit with ulimit -n, or ask for fewer clients",
			ErrLimit, connections, need, soft)
	}
	return nil
}
