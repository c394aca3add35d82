//go:build !unix

package loadgen

// rawReader does nothing: without a way to wait for readiness memory would be
// held by every idle client. Reads go straight to the connection.
type rawReader struct{}

func (rawReader) init(*wire)       {}
func (rawReader) works() bool      { return false }
func (rawReader) read(*wire) error { panic("there is no read-ahead") }
