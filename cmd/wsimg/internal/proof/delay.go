package proof

import (
	"math"
	"math/rand/v2"
	"time"
)

// swell is the height of each of a mood's waves.
const swell = 0.02

// mood is how much slower than usual everything is at an instant, as a
// logarithm: three waves, none a multiple of another or of a round.
type mood [3]struct{ period, phase float64 } // in seconds, in radians

func newMood(seed uint64) mood {
	draw := rand.New(rand.NewPCG(seed, 0))
	m := mood{{period: 0.9}, {period: 2.3}, {period: 5.9}}
	for i := range m {
		m[i].phase = 2 * math.Pi * draw.Float64()
	}
	return m
}

func (m mood) at(t time.Duration) float64 {
	sum := 0.0
	for _, w := range m {
		sum += swell * math.Sin(2*math.Pi*t.Seconds()/w.period+w.phase)
	}
	return sum
}

// delays draws the delays of one connection. They vary as real ones do, from
// image to image and, more slowly and for all connections alike, with the
// machine's mood. Two modes that differ in the usual delay alone differ by the
// ratio of these, in every quantile and in the mean.
type delays struct {
	usual  time.Duration
	jitter float64 // standard deviation of an image's logarithm
	mood   mood
	draw   *rand.Rand
}

// next returns the delay of an image that arrives t after the server's start.
func (d *delays) next(t time.Duration) time.Duration {
	return time.Duration(float64(d.usual) * math.Exp(d.jitter*d.draw.NormFloat64()+d.mood.at(t)))
}
