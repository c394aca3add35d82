package target

import (
	"fmt"
	"os"
	"runtime"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/wsimg/wsimg/target/internal/machine"
	"github.com/wsimg/wsimg/target/internal/tally"
	"github.com/wsimg/wsimg/target/store"
)

// StatsSchema names the version of Stats as JSON.
const StatsSchema = "wsimg.stats/1"

// Stats is what GET /stats answers: what a target did since it started. All
// counters only ever grow, so the difference of two readings belongs to the
// time between them.
//
// An image is counted before its reply is sent, so a client that has all its
// replies finds all its images; only Echoed and the echo stage may follow by
// the time the write takes to return.
//
// Where a session answers with acks, they are what is counted as echoed and
// timed as the stage echo. Codec and Reply are the server's own: a session may
// have asked for another.
type Stats struct {
	Schema        string  `json:"schema"`
	Wsimg         string  `json:"wsimg"` // version
	Go            string  `json:"go"`
	PID           int     `json:"pid"`
	Instance      string  `json:"instance"` // drawn anew at each start, for a container's PID is always the same
	Store         string  `json:"store"`
	Codec         string  `json:"codec"`
	Reply         string  `json:"reply"`
	Deflate       bool    `json:"deflate"` // whether clients that offer permessage-deflate get it
	MaxImageBytes int64   `json:"max_image_bytes"`
	UptimeSeconds float64 `json:"uptime_seconds"`
	// Environment is what the target runs on, as it was at the start.
	Environment Environment `json:"environment"`
	// CPUNs is the user and system time of the process, in nanoseconds; nil
	// where the system can't tell.
	CPUNs *int64 `json:"cpu_ns,omitempty"`
	// Memory is what the process takes now.
	Memory MemoryStats `json:"memory"`

	// Limits are those in force, and MemoryBytes what comes of them.
	Limits LimitStats `json:"limits"`

	Connections ConnectionStats `json:"connections"`
	// Refused counts the requests refused with HTTP 401, 403, 429 and 503, by
	// status.
	Refused map[int]uint64 `json:"refused"`
	// InFlightBytes is the memory that messages take now.
	InFlightBytes int64      `json:"in_flight_bytes"`
	Images        ImageStats `json:"images"`
	Bytes         ByteStats  `json:"bytes"`
	// CloseCodes counts the close frames by which the target ended sessions
	// itself, not its answers to a close.
	CloseCodes map[int]uint64 `json:"close_codes"`
	Stages     Stages         `json:"stages"`
	// Histograms are given for ?hist=1 only.
	Histograms *Histograms `json:"histograms,omitempty"`
	// Audit is given for ?audit=1 only: the book of the images saved for
	// sessions that connected with ?audit=1.
	Audit *Audit `json:"audit,omitempty"`
}

// MemoryStats is the memory of a process.
type MemoryStats struct {
	// ResidentBytes is the resident set, the working set on Windows; nil where the
	// system can't tell. What the kernel holds for sockets is not in it.
	ResidentBytes *uint64 `json:"resident_bytes,omitempty"`
}

// Audit is a book of images: their numbers and the sums of their hashes.
type Audit = tally.Stats

// LimitStats is Limits as they are in force.
type LimitStats struct {
	Connections      int     `json:"connections"`
	PerAddress       int     `json:"per_address"`
	NewPerAddress    float64 `json:"new_per_address"`
	InFlightBytes    int64   `json:"in_flight_bytes"`
	MaxImageBytes    int64   `json:"max_image_bytes"`
	HandshakeSeconds float64 `json:"handshake_seconds"`
	MessageSeconds   float64 `json:"message_seconds"`
	IdleSeconds      float64 `json:"idle_seconds"`
	WriteSeconds     float64 `json:"write_seconds"`
	// MemoryBytes is Settings.MemoryBound: the process never takes more.
	MemoryBytes int64 `json:"memory_bytes"`
}

func (s *Server) limitStats() LimitStats {
	l := s.settings.Limits
	return LimitStats{
		Connections:      l.Connections,
		PerAddress:       l.PerAddress,
		NewPerAddress:    l.NewPerAddress,
		InFlightBytes:    l.InFlight,
		MaxImageBytes:    s.settings.MaxImage,
		HandshakeSeconds: l.Handshake.Seconds(),
		MessageSeconds:   l.Message.Seconds(),
		IdleSeconds:      l.Idle.Seconds(),
		WriteSeconds:     l.Write.Seconds(),
		MemoryBytes:      s.memoryBound,
	}
}

// Environment is a machine, and what of it the target may use; what the system
// does not tell is zero.
type Environment = machine.Environment

// Container is the limits of the control groups that the target is in.
type Container = machine.Container

// ConnectionStats counts sessions. Cut are those that ended without a close
// frame because their client did not read what it was sent.
type ConnectionStats struct {
	Open  int64  `json:"open"`
	Total uint64 `json:"total"`
	Cut   uint64 `json:"cut"`
}

// ImageStats counts images in total and by mode.
type ImageStats struct {
	ImageCounts
	Text   ImageCounts `json:"text"`
	Binary ImageCounts `json:"binary"`
}

// ImageCounts counts images. Received is Saved + Refused, to the image and at any
// moment, and Echoed is never above Saved. InHand are those whose fate is not
// decided yet, by a count of its own: one a connection at most, but for what came in
// the microseconds that a reading takes, and none once all connections have ended.
// An image too large, or that waited too long for memory, is refused whether or not
// its end arrived; one that the connection broke off was never received. Discard
// counts as saved what it decoded and let go. With store off nothing is saved:
// there Saved is 0, and Received - Refused images passed unseen. Echoed counts
// replies, acks too.
type ImageCounts struct {
	Received uint64 `json:"received"`
	Saved    uint64 `json:"saved"`
	Echoed   uint64 `json:"echoed"`
	Refused  uint64 `json:"refused"`
	InHand   uint64 `json:"in_hand"`
}

func (a ImageCounts) plus(b ImageCounts) ImageCounts {
	return ImageCounts{a.Received + b.Received, a.Saved + b.Saved, a.Echoed + b.Echoed, a.Refused + b.Refused, a.InHand + b.InHand}
}

// ByteStats sums raw image bytes, whatever the mode and the reply. Images that were
// refused or are in hand have none.
type ByteStats struct {
	Received uint64 `json:"received"`
	Saved    uint64 `json:"saved"`
	Echoed   uint64 `json:"echoed"`
}

// Stages is the time spent, by mode.
type Stages struct {
	Text   StageStats `json:"text"`
	Binary StageStats `json:"binary"`
}

// StageStats is the time spent on the messages of one mode, by stage. The stages
// follow one another in this order and don't overlap, so they may be added up.
type StageStats struct {
	// Receive runs from the first bytes of a message until it is in memory;
	// the network and the sender's pace are in it.
	Receive Stage `json:"receive"`
	// Inflate is decompressing the message, with store off checking its UTF-8
	// too; it stays 0 for messages that came uncompressed.
	Inflate Stage `json:"inflate"`
	// Decode is Base64 to image; it stays 0 for binary.
	Decode Stage `json:"decode"`
	// Save is the call of the store.
	Save Stage `json:"save"`
	// Deflate is compressing the reply; it stays 0 where that is not done.
	Deflate Stage `json:"deflate"`
	// Echo is making and writing the reply, an ack too.
	Echo Stage `json:"echo"`
}

func (s *StageStats) all() [stages]*Stage {
	return [...]*Stage{receive: &s.Receive, inflate: &s.Inflate, decode: &s.Decode, save: &s.Save, deflate: &s.Deflate, echo: &s.Echo}
}

// Stage is how often a stage ran, and how long in total, in nanoseconds.
type Stage struct {
	Count   uint64 `json:"count"`
	TotalNs int64  `json:"total_ns"`
}

// Histograms are the stages' times in nanoseconds, within 1 %, in the
// compressed encoding (V2) that HdrHistogram tools open.
type Histograms struct {
	Text   StageHistograms `json:"text"`
	Binary StageHistograms `json:"binary"`
}

// StageHistograms holds one encoded histogram per stage.
type StageHistograms struct {
	Receive string `json:"receive"`
	Inflate string `json:"inflate"`
	Decode  string `json:"decode"`
	Save    string `json:"save"`
	Deflate string `json:"deflate"`
	Echo    string `json:"echo"`
}

func (h *StageHistograms) all() [stages]*string {
	return [...]*string{receive: &h.Receive, inflate: &h.Inflate, decode: &h.Decode, save: &h.Save, deflate: &h.Deflate, echo: &h.Echo}
}

// Stats returns what the server did so far, without histograms. It is safe for
// concurrent use and costs microseconds.
func (s *Server) Stats() Stats {
	stats := Stats{
		Schema:        StatsSchema,
		Wsimg:         s.settings.Version,
		Go:            runtime.Version(),
		PID:           os.Getpid(),
		Instance:      s.instance,
		Store:         string(s.settings.Store),
		Codec:         string(s.settings.Codec),
		Reply:         string(s.settings.Reply),
		Deflate:       s.settings.Deflate,
		MaxImageBytes: s.settings.MaxImage,
		UptimeSeconds: time.Since(s.started).Seconds(),
		Environment:   s.runsOn,
		Limits:        s.limitStats(),
		InFlightBytes: s.budget.InUse(),
	}
	if ns, ok := processCPU(); ok {
		stats.CPUNs = &ns
	}
	if bytes, ok := machine.Resident(); ok {
		stats.Memory.ResidentBytes = &bytes
	}
	s.counters.sum(&stats)
	if s.settings.Store == store.Off {
		for _, c := range []*ImageCounts{&stats.Images.ImageCounts, &stats.Images.Text, &stats.Images.Binary} {
			c.Saved = 0
		}
		stats.Bytes.Saved = 0
	}
	return stats
}

// histograms merges and encodes the stages' times: a millisecond of work.
func (s *Server) histograms() (*Histograms, error) {
	var h Histograms
	for m, encoded := range [modes][stages]*string{text: h.Text.all(), binary: h.Binary.all()} {
		for i, to := range encoded {
			merged, err := s.counters.histogram(mode(m), stage(i))
			if err != nil {
				return nil, fmt.Errorf("merge histogram: %w", err)
			}
			b, err := merged.Encode(hdrhistogram.V2CompressedEncodingCookieBase)
			if err != nil {
				return nil, fmt.Errorf("encode histogram: %w", err)
			}
			*to = string(b)
		}
	}
	return &h, nil
}
