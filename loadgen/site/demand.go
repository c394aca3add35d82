package site

import "net/netip"

// Demand is what a run is going to ask of its site. What is zero is not asked
// for, or not known.
type Demand struct {
	Connections int          // at the same time, over all fleets
	ConnectRate float64      // how many are begun a second at most; 0: as many as are taken
	LocalAddrs  []netip.Addr // their source addresses, taken in turn; none: the system's choice
	Bundled     bool         // the target is our child: it lives under the same limits
	Store       string       // of a bundled target

	ImageBytes   int64 // the largest image
	SourceBytes  int64 // all images, and what is prepared of them to be sent and compared
	InFlight     int   // images that are under way at the same time at most
	TLS, Deflate bool
}

// What an end takes, in bytes; see the documentation of the package.
const (
	processBytes   = 32 << 20
	generatorBytes = 8 << 10  // of a connection
	targetBytes    = 9 << 10  // the same at a bundled target
	kernelBytes    = 4 << 10  // its socket, at either end: on Linux 3.7 KB of it
	secureBytes    = 16 << 10 // its TLS, at either end
	deflateBytes   = 48 << 20 // compressors, whoever uses them at the moment
	targetInFlight = 1e9      // the most that a bundled target takes for messages
)

// generatorMemory returns how many bytes this end takes.
func (d Demand) generatorMemory() int64 {
	return d.endMemory(generatorBytes) + d.SourceBytes + int64(d.InFlight)*d.messageBytes()
}

// targetMemory returns how many bytes the other end takes, if it is a bundled
// target. A message is in it as it came, and as the image it was decoded to.
func (d Demand) targetMemory() int64 {
	return d.endMemory(targetBytes) + min(int64(d.InFlight)*2*d.messageBytes(), targetInFlight)
}

// endMemory returns what either end takes, whatever is sent.
func (d Demand) endMemory(connection int64) int64 {
	connection += kernelBytes
	if d.TLS {
		connection += secureBytes
	}
	n := processBytes + int64(d.Connections)*connection
	if d.Deflate {
		n += deflateBytes
	}
	return n
}

// messageBytes is how long a message can be: an image as Base64.
func (d Demand) messageBytes() int64 { return (d.ImageBytes + 2) / 3 * 4 }

// sources returns the addresses that connections come from, of which the system
// may have to choose one on the way to a destination.
func (d Demand) sources(chosen netip.Addr) []netip.Addr {
	if len(d.LocalAddrs) > 0 {
		return d.LocalAddrs
	}
	return []netip.Addr{chosen}
}

// share is how many connections come from one of n source addresses at most.
func (d Demand) share(n int) int { return (d.Connections + n - 1) / n }
