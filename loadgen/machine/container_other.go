//go:build !linux

package machine

import "github.com/wsimg/wsimg/loadgen/record"

// container returns nil: control groups are Linux's.
func container() *record.Container { return nil }

// containerLeaves returns ok false, for the same reason.
func containerLeaves() (bytes uint64, ok bool) { return 0, false }
