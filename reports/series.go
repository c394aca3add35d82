package reports

import (
	"fmt"
	"slices"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/stats"
)

// MaxSteps bounds the rows of a series that is printed.
const MaxSteps = 20

// Point is one step of a load over time. Images count in the step in which
// they were verified, failures in that in which they were found; so an image
// that was given up is in no step's response time.
type Point struct {
	AtSeconds        float64           `json:"at_seconds"`      // its end, from the start of the load
	Seconds          float64           `json:"seconds"`         // its length
	ScheduledPerS    *float64          `json:"scheduled_per_s"` // images due, nil but under an open load
	ImagesPerS       *float64          `json:"images_per_s"`
	GoodputBytesPerS *float64          `json:"goodput_bytes_per_s"`
	Response         Latency           `json:"response_us"`
	Lateness         Latency           `json:"lateness_us"`
	Errors           map[string]uint64 `json:"errors"`
	ErrorCount       uint64            `json:"error_count"`
	// CPU is that of one core: two cores in full use are 2.
	GeneratorCPUShare *float64 `json:"generator_cpu_share"`
	TargetCPUShare    *float64 `json:"target_cpu_share"`

	Connected *uint64 `json:"connected,omitempty"` // clients that had a connection at the instant of its end; nil: not known
	Dialed    uint64  `json:"dialed,omitempty"`    // attempts to connect
	Lost      uint64  `json:"lost,omitempty"`      // connections that failed or were given up
}

// step is a recorded point with its histograms decoded.
type step struct {
	record.Point
	response, lateness stats.Distribution
}

// series returns the recorded series of the measured load, point by point and
// merged evenly into at most MaxSteps.
func series(ms []*measurement) (points, steps []Point, err error) {
	for _, m := range ms {
		fine, err := m.steps()
		if err != nil {
			return nil, nil, err
		}
		open := m.Load == record.Open
		for _, s := range fine {
			points = append(points, s.point(open))
		}
		for together := range slices.Chunk(fine, max((len(fine)+MaxSteps-1)/MaxSteps, 1)) {
			steps = append(steps, mergeSteps(together).point(open))
		}
	}
	return points, steps, nil
}

func (m *measurement) steps() ([]step, error) {
	var steps []step
	for b := range m.estimates {
		for _, p := range b.Series {
			response, err := distribution(p.Response)
			if err != nil {
				return nil, fmt.Errorf("read response times of second %g: %w", p.AtSeconds, err)
			}
			lateness, err := distribution(p.Lateness)
			if err != nil {
				return nil, fmt.Errorf("read lateness of second %g: %w", p.AtSeconds, err)
			}
			steps = append(steps, step{p, response, lateness})
		}
	}
	return steps, nil
}

// mergeSteps returns neighbouring steps as one. The target's CPU is known when
// it is for all of them.
func mergeSteps(steps []step) step {
	sum := step{Point: record.Point{AtSeconds: steps[len(steps)-1].AtSeconds, Errors: map[string]uint64{}}}
	var responses, latenesses []stats.Distribution
	var target int64
	known := true
	for _, s := range steps {
		sum.Seconds += s.Seconds
		sum.Scheduled += s.Scheduled
		sum.Images += s.Images
		sum.Bytes += s.Bytes
		sum.GeneratorCPUNs += s.GeneratorCPUNs
		sum.Connected = s.Connected
		sum.Dialed += s.Dialed
		sum.Lost += s.Lost
		if known = known && s.TargetCPUNs != nil; known {
			target += *s.TargetCPUNs
		}
		for kind, n := range s.Errors {
			sum.Errors[kind] += n
		}
		responses, latenesses = append(responses, s.response), append(latenesses, s.lateness)
	}
	if known {
		sum.TargetCPUNs = &target
	}
	sum.response, sum.lateness = stats.Merge(responses...), stats.Merge(latenesses...)
	return sum
}

func (s step) point(open bool) Point {
	perSecond := func(amount float64) *float64 { return quotient(stats.Total{Amount: amount, Over: s.Seconds}) }
	p := Point{
		AtSeconds:         significant(s.AtSeconds),
		Seconds:           significant(s.Seconds),
		ImagesPerS:        perSecond(float64(s.Images)),
		GoodputBytesPerS:  perSecond(float64(s.Bytes)),
		Response:          latency(s.response),
		Lateness:          latency(s.lateness),
		Errors:            map[string]uint64{},
		GeneratorCPUShare: perSecond(float64(s.GeneratorCPUNs) / 1e9),
		Connected:         s.Connected,
		Dialed:            s.Dialed,
		Lost:              s.Lost,
	}
	if open {
		p.ScheduledPerS = perSecond(float64(s.Scheduled))
	}
	if s.TargetCPUNs != nil {
		p.TargetCPUShare = perSecond(float64(*s.TargetCPUNs) / 1e9)
	}
	for kind, n := range s.Errors {
		p.Errors[kind] = n
		p.ErrorCount += n
	}
	return p
}
