package reports

import (
	"fmt"
	"maps"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/stats"
)

// The stretches of a load, one after the other.
const (
	RampStretch   = "ramp"   // the clients come, one by one
	SteadyStretch = "steady" // the window: rates, latency and costs are of it
	DrainStretch  = "drain"  // nothing more is due, and the last replies come
)

// Stretch is one part of a load. The drain's images were due in the steady
// state, and are in its latency too. The ramp's rates are of what was verified in
// it, and its latency is that of what was due in it, whenever that was verified;
// runs of before 0.5.0 tell only of the latter.
type Stretch struct {
	Name             string            `json:"stretch"`
	Seconds          float64           `json:"seconds"`
	ScheduledPerS    *float64          `json:"scheduled_per_s"` // images due; nil where none are, or it is not known
	Images           uint64            `json:"images"`          // verified: in it, and for the steady state, that were due in it
	ImagesPerS       *float64          `json:"images_per_s"`
	GoodputBytesPerS *float64          `json:"goodput_bytes_per_s"`
	Response         Latency           `json:"response_us"`
	Errors           map[string]uint64 `json:"errors"`
	ErrorCount       uint64            `json:"error_count"`
}

// Ramped reports whether the clients of a load came one by one.
func (c Cell) Ramped() bool { return len(c.Stretches) > 0 && c.Stretches[0].Name == RampStretch }

// stretches returns the parts of a load of one block, nil where they were not
// recorded.
func (m *measurement) stretches(c Cell) ([]Stretch, error) {
	var b *block
	for each := range m.estimates {
		b = &each
	}
	if b == nil || b.Ramp == nil && b.Drain == nil {
		return nil, nil
	}
	var all []Stretch
	steady := Stretch{
		Name: SteadyStretch, Seconds: c.Seconds, ScheduledPerS: c.ScheduledPerS, Images: c.Images,
		ImagesPerS: c.ImagesPerS, GoodputBytesPerS: c.GoodputBytesPerS, Response: c.Response,
		Errors: maps.Clone(b.Errors),
	}
	if steady.Errors == nil {
		steady.Errors = map[string]uint64{}
	}
	for _, part := range []struct {
		name string
		of   *record.Stretch
	}{{RampStretch, b.Ramp}, {SteadyStretch, nil}, {DrainStretch, b.Drain}} {
		switch {
		case part.name == SteadyStretch:
			all = append(all, steady)
		case part.of != nil:
			s, err := stretch(part.name, part.of)
			if err != nil {
				return nil, fmt.Errorf("read response times of the %s: %w", part.name, err)
			}
			for kind, n := range s.Errors {
				// More than the block's would be a damaged file's.
				steady.Errors[kind] -= min(n, steady.Errors[kind])
			}
			all = append(all, s)
		}
	}
	maps.DeleteFunc(steady.Errors, func(_ string, n uint64) bool { return n == 0 })
	for i := range all {
		for _, n := range all[i].Errors {
			all[i].ErrorCount += n
		}
	}
	return all, nil
}

func stretch(name string, s *record.Stretch) (Stretch, error) {
	perSecond := func(amount float64) *float64 { return quotient(stats.Total{Amount: amount, Over: s.Seconds}) }
	verified := record.Verified{Images: s.Images, Bytes: s.Bytes}
	if s.Within != nil {
		verified = *s.Within
	}
	all := Stretch{
		Name: name, Seconds: significant(s.Seconds), Images: verified.Images,
		ImagesPerS: perSecond(float64(verified.Images)), GoodputBytesPerS: perSecond(float64(verified.Bytes)),
		Errors: map[string]uint64{},
	}
	if s.Scheduled > 0 {
		all.ScheduledPerS = perSecond(float64(s.Scheduled))
	}
	maps.Copy(all.Errors, s.Errors)
	d, err := distribution(s.Response)
	all.Response = latency(d)
	return all, err
}
