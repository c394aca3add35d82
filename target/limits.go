package target

import (
	"errors"
	"fmt"
	"time"
)

// The defaults of Limits.
const (
	DefaultPerAddress       = 10_000
	DefaultNewPerAddress    = 1_000
	DefaultHandshakeTimeout = 10 * time.Second
	DefaultMessageTimeout   = time.Minute
	DefaultIdleTimeout      = 2 * time.Minute
	DefaultWriteTimeout     = 30 * time.Second
)

// Limits bound what clients can make a target use, and for how long. A zero
// field means its default. Size limits are Settings.MaxImage.
type Limits struct {
	// Connections is how many sessions there may be; default: as many as the
	// process may have files open, less those that the store and the rest need,
	// and as there is memory for at their worst. One more is refused with HTTP
	// 503. Sessions come before the store: the more there may be, the fewer files
	// kind Latest keeps open, from 1,024 down to 16.
	Connections int
	// PerAddress is how many sessions one source address may have, and
	// NewPerAddress how many it may begin in a second, with a burst of as many
	// again. One more is refused with HTTP 429. Loopback addresses are exempt.
	PerAddress    int
	NewPerAddress float64
	// InFlight bounds the memory that messages take over all sessions, in bytes;
	// default: 1 GB, or a quarter of the memory there is when that is less. Who
	// would need more waits, unread; the one whose message began first may
	// overdraw by what the largest message takes, or all might wait. While
	// somebody waits, messages must come at 64 KB/s or end with 1008.
	InFlight int64
	// Handshake is how long a client may take from connecting to its whole
	// request.
	Handshake time.Duration
	// Message is how long a message may take from its first byte to its last.
	// Waiting for memory does not count; that may take as long again, and then
	// the message is refused with 1013: try again later.
	Message time.Duration
	// Idle is how long a client may show no sign of life between messages; it
	// is pinged meanwhile, and its pongs are such signs.
	Idle time.Duration
	// Write is how long a client may take to accept a reply.
	Write time.Duration
}

func (l Limits) withDefaults() Limits {
	fill(&l.PerAddress, DefaultPerAddress)
	fill(&l.NewPerAddress, DefaultNewPerAddress)
	fill(&l.Handshake, DefaultHandshakeTimeout)
	fill(&l.Message, DefaultMessageTimeout)
	fill(&l.Idle, DefaultIdleTimeout)
	fill(&l.Write, DefaultWriteTimeout)
	return l
}

// leastTimeout is the shortest limit of time: below it honest clients on a busy
// machine would be turned out at random.
const leastTimeout = 100 * time.Millisecond

// validate returns every fault it finds, joined into one error. It is for limits
// with their defaults.
func (l Limits) validate() error {
	var faults []error
	for _, limit := range []struct {
		name  string
		value float64
	}{
		{"connections", float64(l.Connections)},
		{"connections of one address", float64(l.PerAddress)},
		{"new connections of one address", l.NewPerAddress},
		{"bytes in flight", float64(l.InFlight)},
	} {
		if limit.value < 0 {
			faults = append(faults, fmt.Errorf("%s: the limit must be above 0", limit.name))
		}
	}
	for _, limit := range []struct {
		name, flag string
		value      time.Duration
	}{
		{"handshake timeout", "--handshake-timeout", l.Handshake},
		{"message timeout", "--message-timeout", l.Message},
		{"idle timeout", "--idle-timeout", l.Idle},
		{"write timeout", "--write-timeout", l.Write},
	} {
		if limit.value < leastTimeout {
			faults = append(faults, fmt.Errorf("%s of %v: no client can be that fast: set %s to %v or more", limit.name, limit.value, limit.flag, leastTimeout))
		}
	}
	return errors.Join(faults...)
}
