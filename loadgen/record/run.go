// Package record is the saved run: everything a run measured, and all that a
// report reads. It is a leaf: plain values and histograms, no clock, no I/O
// beyond an io.Reader or io.Writer handed in.
//
// A Run holds what there was to run on (Environment), what was asked
// (Settings), and one Cell for each (mode, size, load) combination; a Cell
// holds one Sample for each block that was measured. Whatever a report prints
// can be recomputed from a Run.
//
// Units are in the names: seconds are float64 seconds, _ns are integer
// nanoseconds, bytes are bytes. Sizes are always raw image bytes.
//
// A run is saved as the JSON of a Run, documented field by field in FORMAT.md.
// [Read] takes it back and refuses what is no consistent run; [Merge] makes
// one run of several that were asked the same on the same machine.
package record

import "time"

// Schema names the version of the saved format that this package writes.
const Schema = "wsimg.run/1"

// The loads a cell can be measured under.
const (
	// Closed is N clients back to back: throughput and cost at saturation.
	Closed = "closed"
	// Single is one client back to back: unloaded latency.
	Single = "single"
	// Open is images due by plan, whatever the server does: latency under a
	// given load.
	Open = "open"
)

// The ways arrivals of an open load are spread.
const (
	Poisson  = "poisson"
	Constant = "constant"
)

// What a server answers an image with.
const (
	Echo = "echo" // the message as it came
	Ack  = "ack"  // a short JSON text: {"ok":true,"bytes":n}
)

// Synthetic is the source of images that were made and not read from files.
const Synthetic = "synthetic"

// What the rounds of a comparison ended by.
const (
	EndedPrecise = "precision" // the primaries' intervals were narrow enough
	EndedTime    = "time"      // the time budget was used up
	EndedRounds  = "rounds"    // as many were measured as had been asked for
)

// Parts of the work on an image that can be done, and so timed, by
// themselves.
const (
	EncodeStep  = "encode"  // image → Base64, at the generator
	DeflateStep = "deflate" // compressing the message, at the generator
	MaskStep    = "mask"    // copying and masking the message, at the generator
	UnmaskStep  = "unmask"  // the same at the target
	UTF8Step    = "utf8"    // checking a text message, where the target does
	InflateStep = "inflate" // decompressing the reply, at the generator
	CompareStep = "compare" // comparing the reply with what it should be, at the generator
)

// Run is one invocation of wsimg and everything it measured. It is not safe
// for concurrent use while it is being filled.
type Run struct {
	Schema      string      `json:"schema"`
	Started     time.Time   `json:"started"`
	Seconds     float64     `json:"seconds"`
	Incomplete  string      `json:"incomplete,omitempty"` // why the run ended before its plan did; empty when it did not
	Environment Environment `json:"environment"`
	Settings    Settings    `json:"settings"`
	Cells       []Cell      `json:"cells"`
	// Ended says what the rounds of a comparison ended by: EndedPrecise,
	// EndedTime or EndedRounds. Empty where they did not end by themselves.
	Ended string   `json:"ended,omitempty"`
	Notes []string `json:"notes,omitempty"` // what the reader must know of this run; become footnotes
	// Merged is the number of runs that Merge made this one of; 0: it is one.
	Merged int `json:"merged,omitempty"`

	// Idle is what the clients cost that do not send, where only some do.
	Idle *Idle `json:"idle,omitempty"`

	// Capacity is a search for the highest load that meets objectives; nil where
	// nobody asked for one.
	Capacity *Capacity `json:"capacity,omitempty"`

	// Audit is what the books of both ends came to, when asked for.
	Audit *Audit `json:"audit,omitempty"`

	Calibration *Calibration `json:"calibration,omitempty"` // of the generator's machine, when asked for
}

// Settings is what was asked of the run, defaults filled in.
type Settings struct {
	Command      string   `json:"command"` // "bench", "run" or "capacity"
	URL          string   `json:"url"`     // of the target, credentials and query redacted
	Bundled      bool     `json:"bundled"` // the target was started by the run itself
	SizesBytes   []int64  `json:"sizes_bytes,omitempty"`
	Images       []string `json:"images,omitempty"` // files and folders, when not synthetic
	Modes        []string `json:"modes"`            // as reports name them: binary, text, binary#2
	Baseline     string   `json:"baseline"`
	Loads        []string `json:"loads,omitempty"` // bench: those measured
	Clients      int      `json:"clients"`
	Rounds       int      `json:"rounds"`        // asked for; 0 when chosen by the time there was
	BlockSeconds float64  `json:"block_seconds"` // asked for; 0 when chosen by the design's rule
	// Precision is the half-width of the primaries' intervals, relative to the
	// ratio, at which the rounds may end, and TimeBudgetSeconds when they must;
	// both 0 where Rounds says how many there are.
	Precision         float64 `json:"precision,omitempty"`
	TimeBudgetSeconds float64 `json:"time_budget_seconds,omitempty"`

	WarmupSeconds  float64 `json:"warmup_seconds"`
	TimeoutSeconds float64 `json:"timeout_seconds"` // the longest an image may stay unanswered
	Distinct       int     `json:"distinct"`        // distinct images a size asked for, before the memory bound
	Seed           uint64  `json:"seed"`
	Store          string  `json:"store,omitempty"` // of the bundled target; empty against another server
	Sender         string  `json:"sender"`          // live or prepared
	RcvbufBytes    int     `json:"rcvbuf_bytes"`    // SO_RCVBUF of each client; 0: the kernel's default

	InFlight     int     `json:"in_flight"`               // images a client may have unanswered
	ThinkSeconds float64 `json:"think_seconds,omitempty"` // closed loads: from a verified reply to the next image
	Reply        string  `json:"reply"`                   // Echo or Ack
	RatePerS     float64 `json:"rate_per_s,omitempty"`    // open load: asked for; 0 when it follows from the throughput
	Arrivals     string  `json:"arrivals,omitempty"`      // open load: Poisson or Constant
	Stages       []Ramp  `json:"stages,omitempty"`        // open load of a run in stages
	Seconds      float64 `json:"seconds,omitempty"`       // run: how long it was to last, the ramp of clients not counted

	ConnectRatePerS float64  `json:"connect_rate_per_s,omitempty"` // connections begun a second at most; 0: as the target took them
	LocalAddrs      []string `json:"local_addrs,omitempty"`        // source addresses, taken in turn; none: the system's choice
	RampSeconds     float64  `json:"ramp_seconds,omitempty"`       // run: clients come evenly over so long
	Active          int      `json:"active,omitempty"`             // run: clients that send; 0: all
	Churn           *Churn   `json:"churn,omitempty"`              // run: when connections end and how they come back

	TargetCPUs    CPUs `json:"target_cpus,omitempty"`    // processors the bundled target was kept to; none: all
	GeneratorCPUs CPUs `json:"generator_cpus,omitempty"` // likewise the generator
}

// Ramp is one stage of a staged load: the rate goes evenly from one to the
// other.
type Ramp struct {
	FromPerS float64 `json:"from_per_s"` // images a second
	ToPerS   float64 `json:"to_per_s"`
	Seconds  float64 `json:"seconds"`
}

// Environment is what there was to run on.
type Environment struct {
	Wsimg          string `json:"wsimg"` // version
	Go             string `json:"go"`
	OS             string `json:"os"`
	Arch           string `json:"arch"`
	Kernel         string `json:"kernel"`
	CPU            string `json:"cpu"`   // model name
	Cores          int    `json:"cores"` // logical, usable by this process
	GOMAXPROCS     int    `json:"gomaxprocs"`
	MemoryBytes    uint64 `json:"memory_bytes"`
	Virtualization string `json:"virtualization,omitempty"`
	OpenFiles      uint64 `json:"open_files"` // soft limit; 0 when the system tells none
	// Governor is the CPU frequency governor, several when cores differ.
	Governor string `json:"governor,omitempty"`
	// Container is what the process is limited to; nil when it is not.
	Container *Container `json:"container,omitempty"`
	// Network is the interface that leads to the target.
	Network *Network `json:"network,omitempty"`
	// Sysctls are the kernel's settings that bear on a run, by name.
	Sysctls map[string]string `json:"sysctls,omitempty"`
	Shared  bool              `json:"shared"` // both ends run on this machine
	Target  *Target           `json:"target,omitempty"`
}

// Container is the limits of a control group.
type Container struct {
	CPUs        float64 `json:"cpus,omitempty"`         // cores' worth of time; 0: no limit
	MemoryBytes uint64  `json:"memory_bytes,omitempty"` // 0: no limit
}

// Network is a network interface.
type Network struct {
	Interface string `json:"interface"`
	Loopback  bool   `json:"loopback"`
	MTU       int    `json:"mtu"`
}

// Target is what the server told of itself over the side channel
// (GET /stats); nil where there is none.
type Target struct {
	Wsimg string `json:"wsimg"`
	Go    string `json:"go"`
	Store string `json:"store"`
	Codec string `json:"codec"`
	Reply string `json:"reply,omitempty"`
	// What it runs on, as in Environment; zero where it does not tell.
	OS             string     `json:"os,omitempty"`
	Arch           string     `json:"arch,omitempty"`
	Kernel         string     `json:"kernel,omitempty"`
	CPU            string     `json:"cpu,omitempty"`
	Cores          int        `json:"cores,omitempty"`
	GOMAXPROCS     int        `json:"gomaxprocs,omitempty"`
	MemoryBytes    uint64     `json:"memory_bytes,omitempty"`
	Virtualization string     `json:"virtualization,omitempty"`
	Governor       string     `json:"governor,omitempty"`
	OpenFiles      uint64     `json:"open_files,omitempty"`
	Container      *Container `json:"container,omitempty"`
}

// Cell is one (mode, size, load) combination and its samples.
type Cell struct {
	SizeBytes int64    `json:"size_bytes"` // mean of the images' raw bytes, rounded
	Source    string   `json:"source"`     // Synthetic, or the path of the file or folder
	Distinct  int      `json:"distinct"`   // images that were sent in turn
	Mode      string   `json:"mode"`
	Load      string   `json:"load"`
	Clients   int      `json:"clients"`
	RatePerS  float64  `json:"rate_per_s,omitempty"` // open load: requested, the mean over its plan
	Samples   []Sample `json:"samples"`
	// Examples keeps the first failure of each kind, warm-up included.
	Examples map[string]Example `json:"examples,omitempty"`
	// Connecting is how the connections came to be that the first measured block
	// began with.
	Connecting *Connections `json:"connecting,omitempty"`
	// WarmupErrors counts failures before the first measured block.
	WarmupErrors map[string]uint64 `json:"warmup_errors,omitempty"`
	// Failed says why this cell could not be measured at all; else empty.
	Failed string `json:"failed,omitempty"`
}

// Sample is everything measured in one block of one cell.
//
// The window of a closed block runs from the last client's first reply to the
// planned stop; that of an open block lies in its plan from the start, behind
// the ramp-in. An image belongs to the window when it was due in it, whenever
// its reply came; Images and the histograms hold exactly those. Credit is the
// rate's numerator: closed, every verified image counted by the share of its
// round trip that lies within the window; open, those verified within it.
// Block, CPU and wire figures cover the whole block, ends included, for they
// are read when the connections are drained.
//
// What was due in the window and given up, unanswered in its time or unsent,
// is in Response too, with the time it had waited by then: Censored counts
// these. They are in no other histogram and not in Images. What was lost with
// its connection, or answered wrongly, is counted as a failure and not timed.
type Sample struct {
	Round   int     `json:"round"`
	Order   int     `json:"order"`   // position among the modes of its pair: 0 ran first
	Seconds float64 `json:"seconds"` // length of the window; 0 when it never opened

	Images      uint64  `json:"images"`       // verified, due within the window
	Credit      float64 `json:"credit"`       // verified images, by overlap with the window
	CreditBytes float64 `json:"credit_bytes"` // the same in raw image bytes

	BlockImages       uint64 `json:"block_images"` // verified in the whole block
	BlockBytes        uint64 `json:"block_bytes"`  // their raw image bytes
	WireSentBytes     uint64 `json:"wire_sent_bytes"`
	WireReceivedBytes uint64 `json:"wire_received_bytes"`

	Errors  map[string]uint64 `json:"errors,omitempty"`  // by kind, whole block
	Redials uint64            `json:"redials,omitempty"` // connections replaced before the block and in it
	// ConnectionErrors counts, by kind, those of Errors that took no image with
	// them: attempts to connect that failed, and connections that were lost while
	// nothing was owed over them. The rest of Errors are images.
	ConnectionErrors map[string]uint64 `json:"connection_errors,omitempty"`

	// Connections is what became of connections in the block of a run.
	Connections *Connections `json:"connections,omitempty"`
	// Ramp is what happened before the window of a run whose clients came one
	// by one, and Drain what happened behind it.
	Ramp  *Stretch `json:"ramp,omitempty"`
	Drain *Stretch `json:"drain,omitempty"`

	// Scheduled counts the images that were due in the window of an open
	// block, whatever became of them.
	Scheduled uint64 `json:"scheduled,omitempty"`
	// Censored counts the values of Response that are only lower bounds, and
	// CensoredFromNs is the least of them: every percentile at or above it is a
	// lower bound too.
	Censored       uint64 `json:"censored,omitempty"`
	CensoredFromNs int64  `json:"censored_from_ns,omitempty"`

	// GeneratorCPUNs is what the images cost the generator, PacerCPUNs what
	// waiting for their instants did: it is not part of the former.
	GeneratorCPUNs int64  `json:"generator_cpu_ns"`
	PacerCPUNs     int64  `json:"pacer_cpu_ns,omitempty"`
	TargetCPUNs    *int64 `json:"target_cpu_ns,omitempty"` // nil without a side channel

	// Stages are the target's stage totals for this cell's mode; nil without
	// a side channel.
	Stages map[string]Stage `json:"stages,omitempty"`

	// Steps are parts of the work done by themselves, on the generator's
	// machine and one core, with this cell's images: measured beside the block,
	// not within it. By name, EncodeStep and so on; only what the mode needs.
	// Their time is CPU time, on Windows the wall clock's.
	Steps map[string]Stage `json:"steps,omitempty"`

	Response Histogram `json:"response"`  // due → last byte read, encoding included
	Service  Histogram `json:"service"`   // first byte written → last byte read
	Wait     Histogram `json:"wait"`      // due → its connection was free: the load's or the server's doing
	Lateness Histogram `json:"lateness"`  // the rest of due → write call, encoding apart: the generator's doing
	EncodeNs int64     `json:"encode_ns"` // encoding and masking of the whole block's images, summed
	Clamped  uint64    `json:"clamped"`   // values outside the histograms' range, recorded at its edge

	Disturbance Disturbance `json:"disturbance"`
	// Repeated marks a disturbed round that is set aside: it stays in the
	// record and out of the estimates. Others were measured in its stead where
	// there was time.
	Repeated bool `json:"repeated,omitempty"`

	// Series is the block second by second, in a run, and sub-window by sub-window
	// in a search; longer steps where there would be more than MaxPoints.
	Series []Point `json:"series,omitempty"`
}

// MaxPoints bounds a series: when it is full, neighbours are merged.
const MaxPoints = 3600

// Point is what happened in one step of a series. Images count at the instant
// they were verified, failures when they were found. What was scheduled in the
// points adds up to that of the sample and of its ramp, or ramp-in.
type Point struct {
	AtSeconds      float64           `json:"at_seconds"`          // end of the step, from the start of the block
	Seconds        float64           `json:"seconds"`             // length of the step
	Scheduled      uint64            `json:"scheduled,omitempty"` // due in the step, in the ramp too; open load only
	Images         uint64            `json:"images"`
	Bytes          uint64            `json:"bytes"` // raw image bytes of Images
	Errors         map[string]uint64 `json:"errors,omitempty"`
	Response       Histogram         `json:"response"` // of Images
	Service        Histogram         `json:"service,omitzero"`
	Wait           Histogram         `json:"wait,omitzero"`
	Lateness       Histogram         `json:"lateness"`
	GeneratorCPUNs int64             `json:"generator_cpu_ns"`
	TargetCPUNs    *int64            `json:"target_cpu_ns,omitempty"`
	// Connected is how many clients had a connection at the end of the step;
	// nil: not known. Dialed and Lost count attempts to connect, and connections
	// that failed, in the step.
	Connected *uint64 `json:"connected,omitempty"`
	Dialed    uint64  `json:"dialed,omitempty"`
	Lost      uint64  `json:"lost,omitempty"`
}

// Stage is one stage of the target's work during a block, or a step.
type Stage struct {
	Count   uint64 `json:"count"` // images
	TotalNs int64  `json:"total_ns"`
}

// Disturbance is how much of the machine's CPU time went elsewhere while a
// block ran, each as a share (0 to 1) of all its cores. A block shorter than
// the system can resolve carries the figures of the span it lies in.
type Disturbance struct {
	SpanSeconds float64 `json:"span_seconds"` // 0: not measurable here
	Steal       float64 `json:"steal"`
	Throttled   float64 `json:"throttled"`
	Foreign     float64 `json:"foreign"` // other processes: busy less both ends
}

// Example is the first failure of its kind, kept whole.
type Example struct {
	Client int    `json:"client"`
	Round  int    `json:"round"`            // -1 in the warm-up
	Detail string `json:"detail"`           // what happened, and what to do where Remedy is empty
	Remedy string `json:"remedy,omitempty"` // what to do
	// Local and Remote are the ends of the connection, as address:port; empty:
	// there was none.
	Local  string `json:"local,omitempty"`
	Remote string `json:"remote,omitempty"`
	// AtSeconds is when, from the start of the block, or of connecting.
	AtSeconds float64 `json:"at_seconds,omitempty"`
}
