//go:build !linux

package machine

import (
	"errors"

	"github.com/wsimg/wsimg/loadgen/record"
)

// Affinity returns errors.ErrUnsupported: only Linux is asked.
func Affinity() (record.CPUs, error) { return nil, errors.ErrUnsupported }

// Restart returns errors.ErrUnsupported.
func Restart(record.CPUs) error { return errors.ErrUnsupported }

// ThreadsOfOneCore returns none.
func ThreadsOfOneCore(_, _ record.CPUs) (ofA, ofB int, ok bool) { return 0, 0, false }
