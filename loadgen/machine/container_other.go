//go:build !linux

package machine

import "github.com/wsimg/wsimg/loadgen/record"

// container returns nil: control groups are Linux's.
func container() *record.Container { return nil }
