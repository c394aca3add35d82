package target

import (
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net"
	"time"

	"github.com/wsimg/wsimg/target/internal/compression"
	"github.com/wsimg/wsimg/target/internal/decoder"
	"github.com/wsimg/wsimg/target/store"
)

// The defaults of Settings.
const (
	DefaultAddr         = "127.0.0.1:9000"
	DefaultStore        = store.Files
	DefaultDir          = "images"
	DefaultMaxImage     = 64_000_000
	DefaultCodec        = SIMD
	DefaultReply        = Echo
	DefaultDrainTimeout = 5 * time.Second
)

// Settings is what a server is made from. A zero field means its default, so
// the zero value is useful.
type Settings struct {
	// Addr is where to listen, as host:port; port 0 picks a free one.
	Addr string
	// Store says what becomes of an image.
	Store store.Kind
	// Dir is the folder that images are saved in, made when absent. Kinds of
	// store that don't write don't look at it.
	Dir string
	// MaxImage is the largest image taken, in raw bytes. As text it may have
	// the 4*ceil(n/3) bytes that Base64 makes of it, and what belongs to a data
	// URL or, if Lenient, to line breaks.
	MaxImage int64
	// Limits bound what clients can make the target use.
	Limits Limits
	// Access says who may use it.
	Access Access
	// Keep says how long saved images last, and how sure they are.
	Keep store.Keep
	// Lenient takes Base64 with line breaks, without padding, or in the URL
	// alphabet (RFC 4648 section 5), too.
	Lenient bool
	// Codec decodes Base64 unless a session asks for another.
	Codec Codec
	// Reply is what an image is answered with unless a session asks for
	// another.
	Reply Reply
	// Deflate gives permessage-deflate (RFC 7692) to clients that offer it. It
	// is off by default because browsers always do, and few images grow smaller
	// by it.
	Deflate bool
	// Version is what /stats calls this build of wsimg.
	Version string
	// Logger is told of connections (info), images (debug), of faults of the
	// target's own (error), and of the disk's when they begin (error) and end
	// (warning). Nil is silence.
	Logger *slog.Logger
	// DrainTimeout is how long messages in progress may take to finish once
	// the server is told to stop.
	DrainTimeout time.Duration

	transient bool // Dir goes with the server
	expected  int  // connections, where Limits.Connections is not to be that
	keptFiles int  // that store Latest may keep open; set by the machine
}

// Validate returns every fault it finds, joined into one error.
func (s Settings) Validate() error {
	s = s.withDefaults()
	var faults []error
	if _, _, err := net.SplitHostPort(s.Addr); err != nil {
		faults = append(faults, fmt.Errorf("address %q is not host:port, as in %s", s.Addr, DefaultAddr))
	}
	if _, err := store.Parse(string(s.Store)); err != nil {
		faults = append(faults, err)
	}
	if _, err := ParseCodec(string(s.Codec)); err != nil {
		faults = append(faults, err)
	}
	if _, err := ParseReply(string(s.Reply)); err != nil {
		faults = append(faults, err)
	}
	if s.MaxImage < 0 || s.MaxImage > math.MaxInt/4 {
		faults = append(faults, fmt.Errorf("largest image of %d bytes: choose a size above 0 that fits in memory, as in 64MB", s.MaxImage))
	}
	if s.DrainTimeout < 0 {
		faults = append(faults, fmt.Errorf("drain timeout of %v is negative", s.DrainTimeout))
	}
	if s.Keep != (store.Keep{}) && s.Keep != (store.Keep{Sync: store.SyncNever}) && !s.Store.Writes() {
		faults = append(faults, fmt.Errorf("--keep, --max-bytes and --fsync are for stores that write: choose --store %s or %s, or leave them out", store.Files, store.Latest))
	}
	faults = append(faults, s.Limits.validate(), s.Access.validate(s.Addr), s.Keep.Validate())
	return errors.Join(faults...)
}

// messageLimits returns how long messages may be once they are inflated.
func (s Settings) messageLimits() [modes]int {
	return [modes]int{
		text:   int(decoder.New(s.Codec, s.Lenient).MaxText(s.MaxImage)),
		binary: int(s.MaxImage),
	}
}

// largestMessage returns how long a message may be as it comes.
func (s Settings) largestMessage() int {
	largest := s.messageLimits()[text]
	if s.Deflate {
		largest = compression.Bound(largest)
	}
	return largest
}

func (s Settings) withDefaults() Settings {
	fill(&s.Addr, DefaultAddr)
	fill(&s.Store, DefaultStore)
	fill(&s.Dir, DefaultDir)
	fill(&s.MaxImage, DefaultMaxImage)
	fill(&s.Codec, DefaultCodec)
	fill(&s.Reply, DefaultReply)
	fill(&s.DrainTimeout, DefaultDrainTimeout)
	s.Limits = s.Limits.withDefaults()
	fill(&s.Logger, slog.New(slog.DiscardHandler))
	return s
}

// fill sets what was left zero.
func fill[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}
