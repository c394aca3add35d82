package site

import (
	"errors"
	"fmt"

	"github.com/wsimg/wsimg/loadgen/machine"
)

// ErrLimit is what Allows wraps when the machine does not allow what was asked
// for.
var ErrLimit = errors.New("more than this machine allows")

const (
	// spareFiles is what either end has open beside its connections.
	spareFiles = 64
	// storeFiles is how many files a bundled target keeps open at most.
	storeFiles = 1024
)

// Allows finds out, before anything is made or dialed, whether both ends may
// have as many files open as that many connections take. A bundled target runs
// under the same limits.
func Allows(connections int, bundled bool) error {
	soft, _, ok := machine.OpenFiles()
	if !ok {
		return nil
	}
	need := connections + spareFiles
	if bundled {
		need += min(connections, storeFiles)
	}
	if uint64(need) > soft {
		return fmt.Errorf("%w: %d connections take %d open files and a process may have %d here: raise the limit with ulimit -n, or ask for fewer clients",
			ErrLimit, connections, need, soft)
	}
	return nil
}
