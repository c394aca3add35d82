//go:build !linux

package machine

// governor returns "": only Linux is asked.
func governor() string { return "" }
