//go:build !slow

package interop

// What the cases that take long are cut down to.
const (
	// largest is the longest message, in bytes; the suite's longest has 16 MB.
	largest = 1 << 20
	// fragmented is the length of messages in fragments, and chopped that of
	// messages in pieces; in the suite 4 MB and 1 MB.
	fragmented = 256 << 10
	chopped    = 128 << 10
	// roundTrips is how many messages follow one another; in the suite 1,000.
	roundTrips = 50
	// compressedTrips is the same for compressed messages.
	compressedTrips = 2
	// thorough runs every combination of sizes and parameters.
	thorough = false
)
