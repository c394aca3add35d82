//go:build !unix

package target

// processCPU is not known here.
func processCPU() (ns int64, ok bool) { return 0, false }
