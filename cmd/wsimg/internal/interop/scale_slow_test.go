//go:build slow

package interop

// What the cases are in the suite, but for the number of compressed messages:
// there it is 1,000, which takes hours.
const (
	largest         = 16 << 20
	fragmented      = 4 << 20
	chopped         = 1 << 20
	roundTrips      = 1000
	compressedTrips = 50
	thorough        = true
)
