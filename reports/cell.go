package reports

import (
	"maps"

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

	// Errors counts failed images by kind, warm-up and repeated rounds included.
	Errors       map[string]uint64         `json:"errors"`
	ErrorCount   uint64                    `json:"error_count"`
	WarmupErrors map[string]uint64         `json:"warmup_errors,omitempty"` // those of Errors before the first block
	Examples     map[string]record.Example `json:"examples,omitempty"`      // the first failure of each kind
	Failed       string                    `json:"failed,omitempty"`        // why the cell could not be measured at all

	Seconds          float64  `json:"seconds"`             // the windows' length, summed
	ImagesPerS       *float64 `json:"images_per_s"`        // credited images over Seconds
	GoodputBytesPerS *float64 `json:"goodput_bytes_per_s"` // raw image bytes, one direction

	Response Latency `json:"response_us"` // due → last byte of the reply read
	Service  Latency `json:"service_us"`  // first byte written → the same read
	Lateness Latency `json:"lateness_us"` // due → write call: the generator's doing
	Clamped  uint64  `json:"clamped,omitempty"`

	WireBytesSentPerImage     *float64 `json:"wire_bytes_sent_per_image"`
	WireBytesReceivedPerImage *float64 `json:"wire_bytes_received_per_image"`
	WireBytesPerImage         *float64 `json:"wire_bytes_per_image"` // both directions

	GeneratorCPUUsPerImage *float64 `json:"generator_cpu_us_per_image"`
	TargetCPUUsPerImage    *float64 `json:"target_cpu_us_per_image"`

	// TargetStagesUsPerImage is where the target spent its time, wall clock.
	TargetStagesUsPerImage map[string]float64 `json:"target_stages_us_per_image,omitempty"`
}

// Latency is a distribution of times in microseconds. A percentile is nil
// when there are fewer samples than an upper confidence bound of it needs.
type Latency struct {
	P50  *float64 `json:"p50"`
	P90  *float64 `json:"p90"`
	P99  *float64 `json:"p99"`
	P999 *float64 `json:"p999"`
	Max  *float64 `json:"max"`
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
		Failed:       m.Failed,

		ImagesPerS:       quotient(m.total(imagesPerSecond)),
		GoodputBytesPerS: quotient(m.total(bytesPerSecond)),

		Response: latency(m.merged(func(b block) stats.Distribution { return b.response })),
		Service:  latency(m.merged(func(b block) stats.Distribution { return b.service })),
		Lateness: latency(m.merged(func(b block) stats.Distribution { return b.lateness })),

		WireBytesSentPerImage:     quotient(m.total(bytesSent)),
		WireBytesReceivedPerImage: quotient(m.total(bytesReceived)),
		WireBytesPerImage:         quotient(m.total(bytesBothWays)),

		GeneratorCPUUsPerImage: quotient(m.total(generatorCPU)),
		TargetCPUUsPerImage:    quotient(m.total(targetCPU)),
		TargetStagesUsPerImage: m.stages(),
	}
	for b := range m.estimates {
		c.Rounds++
		c.Images += b.Images
		c.Seconds += b.Seconds
		c.Clamped += b.Clamped
	}
	c.Seconds = significant(c.Seconds)
	count := func(errors map[string]uint64) {
		for kind, n := range errors {
			c.Errors[kind] += n
			c.ErrorCount += n
		}
	}
	count(m.WarmupErrors)
	for _, b := range m.blocks {
		count(b.Errors)
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

func latency(d stats.Distribution) Latency {
	quantile := func(q float64) *float64 {
		ns, ok := d.Quantile(q)
		return microseconds(ns, ok)
	}
	l := Latency{P50: quantile(0.50), P90: quantile(0.90), P99: quantile(0.99), P999: quantile(0.999)}
	l.Max = microseconds(d.Max())
	return l
}

// isClosed reports whether a cell was measured at saturation.
func isClosed(c Cell) bool { return c.Load == record.Closed }
