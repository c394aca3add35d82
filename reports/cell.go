package reports

import (
	"maps"
	"slices"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/stats"
)

// Cell is what was measured of one (mode, size, load) combination. A pointer
// is nil where the sample cannot support the figure.
type Cell struct {
	SizeBytes int64  `json:"size_bytes"` // mean raw bytes of the images
	Source    string `json:"source"`     // "synthetic", or the images' file or folder
	Distinct  int    `json:"distinct"`   // different images sent in turn
	Mode      string `json:"mode"`
	Load      string `json:"load"`
	Clients   int    `json:"clients"`
	Rounds    int    `json:"rounds"` // blocks behind the figures
	Images    uint64 `json:"images"` // verified and due within a window: those behind the latencies
	// Censored counts the images that were given up: they are in Response alone,
	// with the time they had waited by then.
	Censored uint64 `json:"censored"`

	// Errors counts failures by kind, images and connections, warm-up and repeated
	// rounds included.
	Errors       map[string]uint64 `json:"errors"`
	ErrorCount   uint64            `json:"error_count"`
	WarmupErrors map[string]uint64 `json:"warmup_errors,omitempty"` // those of Errors before the first block
	// ConnectionErrors are those of Errors in the blocks that took no image with
	// them. They and the failed images add up to ErrorCount without the warm-up.
	ConnectionErrors  map[string]uint64 `json:"connection_errors,omitempty"`
	FailedImages      uint64            `json:"failed_images"`                // in the blocks: with Images, what was due
	FailedAttempts    uint64            `json:"failed_attempts,omitempty"`    // to connect, in the blocks
	FailedConnections uint64            `json:"failed_connections,omitempty"` // lost or given up, nothing in flight

	Examples map[string]record.Example `json:"examples,omitempty"` // the first failure of each kind
	Failed   string                    `json:"failed,omitempty"`   // why the cell could not be measured at all

	Seconds          float64  `json:"seconds"`             // the windows' length, summed
	ImagesPerS       *float64 `json:"images_per_s"`        // credited images over Seconds
	GoodputBytesPerS *float64 `json:"goodput_bytes_per_s"` // raw image bytes, one direction

	// What became of an open load; nil under the others.
	RequestedPerS *float64 `json:"requested_per_s"` // asked for; with stages the mean over the plan
	ScheduledPerS *float64 `json:"scheduled_per_s"` // images that were due, over Seconds
	AchievedPerS  *float64 `json:"achieved_per_s"`  // ImagesPerS

	Response Latency `json:"response_us"` // due → last byte of the reply read
	Service  Latency `json:"service_us"`  // first byte written → the same read
	Wait     Latency `json:"wait_us"`     // due → its connection was free: the load's or the server's doing
	Lateness Latency `json:"lateness_us"` // the later of due and free → write call: the generator's doing
	Clamped  uint64  `json:"clamped,omitempty"`

	WireBytesSentPerImage     *float64 `json:"wire_bytes_sent_per_image"`
	WireBytesReceivedPerImage *float64 `json:"wire_bytes_received_per_image"`
	WireBytesPerImage         *float64 `json:"wire_bytes_per_image"` // both directions

	EncodeUsPerImage       *float64 `json:"encode_us_per_image"` // encoding and masking, wall clock
	GeneratorCPUUsPerImage *float64 `json:"generator_cpu_us_per_image"`
	PacerCPUUsPerImage     *float64 `json:"pacer_cpu_us_per_image"` // waiting for the images' instants; not in the above
	TargetCPUUsPerImage    *float64 `json:"target_cpu_us_per_image"`

	// TargetStagesUsPerImage is where the target spent its time, wall clock.
	TargetStagesUsPerImage map[string]float64 `json:"target_stages_us_per_image,omitempty"`

	Failures    []Failure    `json:"failures,omitempty"`    // Errors and Examples together, the most frequent first
	Connections *Connections `json:"connections,omitempty"` // nil: not recorded
	Stretches   []Stretch    `json:"stretches,omitempty"`   // of `wsimg run`; empty: not recorded
	Gaps        []Gap        `json:"gaps,omitempty"`        // of `wsimg run`: where nothing went

	// Samples are the blocks behind the figures, for formats of single rounds
	// and whole distributions. They are the run's own: read them only.
	Samples []record.Sample `json:"-"`
}

// ResponseSamples returns how many times Response is made of.
func (c Cell) ResponseSamples() uint64 { return c.Images + c.Censored }

// reported is cell with what is told of a run alone.
func (m *measurement) reported(s record.Settings) (Cell, error) {
	c := m.cell()
	c.Failures = c.failures()
	var err error
	if c.Connections, err = m.connections(); err != nil || s.Command != "run" {
		return c, err
	}
	c.Gaps = m.gaps(s)
	c.Stretches, err = m.stretches(c)
	return c, err
}

func (m *measurement) cell() Cell {
	c := Cell{
		SizeBytes:    m.SizeBytes,
		Source:       m.Source,
		Distinct:     m.Distinct,
		Mode:         m.Mode,
		Load:         m.Load,
		Clients:      m.Clients,
		Errors:       map[string]uint64{},
		WarmupErrors: maps.Clone(m.WarmupErrors),
		Examples:     maps.Clone(m.Examples),

		ConnectionErrors: map[string]uint64{},
		Failed:           m.Failed,

		ImagesPerS:       quotient(m.total(imagesPerSecond)),
		GoodputBytesPerS: quotient(m.total(bytesPerSecond)),

		Response: latency(m.merged(func(b block) stats.Distribution { return b.response })),
		Wait:     latency(m.merged(func(b block) stats.Distribution { return b.wait })),
		Service:  latency(m.merged(func(b block) stats.Distribution { return b.service })),
		Lateness: latency(m.merged(func(b block) stats.Distribution { return b.lateness })),

		WireBytesSentPerImage:     quotient(m.total(bytesSent)),
		WireBytesReceivedPerImage: quotient(m.total(bytesReceived)),
		WireBytesPerImage:         quotient(m.total(bytesBothWays)),

		EncodeUsPerImage:       quotient(m.total(encoding)),
		GeneratorCPUUsPerImage: quotient(m.total(generatorCPU)),
		PacerCPUUsPerImage:     quotient(m.total(pacerCPU)),
		TargetCPUUsPerImage:    quotient(m.total(targetCPU)),
		TargetStagesUsPerImage: m.stages(),
	}
	if m.Load == record.Open {
		c.RequestedPerS, c.ScheduledPerS, c.AchievedPerS = number(m.RatePerS), quotient(m.total(scheduledPerSecond)), c.ImagesPerS
	}
	c.Response.LowerBoundFrom = microseconds(censoredFrom(slices.Collect(m.estimates)))
	for b := range m.estimates {
		c.Rounds++
		c.Images += b.Images
		c.Censored += b.Censored
		c.Seconds += b.Seconds
		c.Clamped += b.Clamped
		c.Samples = append(c.Samples, *b.Sample)
	}
	c.Seconds = significant(c.Seconds)
	count := func(errors map[string]uint64) {
		for kind, n := range errors {
			c.Errors[kind] += n
			c.ErrorCount += n
		}
	}
	if c.declined() {
		maps.Copy(c.Errors, m.WarmupErrors)
	} else {
		count(m.WarmupErrors)
	}
	for _, b := range m.blocks {
		count(b.Errors)
		c.countFailed(b.Sample)
	}
	return c
}

// stages returns the target's time in each of its stages an image, in
// microseconds; nil without a side channel.
func (m *measurement) stages() map[string]float64 {
	sums := map[string]stats.Total{}
	for b := range m.estimates {
		for name, stage := range b.Stages {
			sum := sums[name]
			sum.Amount += float64(stage.TotalNs) / 1e3
			sum.Over += float64(b.BlockImages)
			sums[name] = sum
		}
	}
	if len(sums) == 0 {
		return nil
	}
	us := make(map[string]float64, len(sums))
	for name, sum := range sums {
		if q := quotient(sum); q != nil {
			us[name] = *q
		}
	}
	return us
}

// declined reports whether no image was sent, for the server declined the mode.
// That is no image that failed.
func (c Cell) declined() bool {
	return c.Failed != "" && c.Images == 0 && c.WarmupErrors[declined] > 0
}

// isClosed reports whether a cell was measured at saturation.
func isClosed(c Cell) bool { return c.Load == record.Closed }

// isOpen reports whether a cell's images were due by plan.
func isOpen(c Cell) bool { return c.Load == record.Open }
