package search

import (
	"math"
	"math/rand/v2"

	"github.com/wsimg/wsimg/loadgen/record"
)

// server is a simulated target: the verdict on a load, some time after the
// beginning, in seconds.
type server func(load, at float64) string

// met is the verdict of whether a load is met.
func met(ok bool) string {
	if ok {
		return record.Pass
	}
	return record.Fail
}

// ceiling carries a load up to so much and nothing above.
func ceiling(capacity float64) server {
	return func(load, _ float64) string { return met(load <= capacity) }
}

// noisy is a server whose capacity differs from probe to probe, normally by its
// logarithm.
func noisy(s server, sd float64, draw *rand.Rand) server {
	return func(load, at float64) string { return s(load*math.Exp(sd*draw.NormFloat64()), at) }
}

// stalling is a server that fails a share of all probes, whatever their load.
func stalling(s server, share float64, draw *rand.Rand) server {
	return func(load, at float64) string {
		if draw.Float64() < share {
			return record.Fail
		}
		return s(load, at)
	}
}

// unsure is a server whose probes can't be told within so much of its capacity.
func unsure(capacity, within float64) server {
	return func(load, _ float64) string {
		if math.Abs(math.Log(load/capacity)) < within {
			return record.Inconclusive
		}
		return met(load <= capacity)
	}
}

// degrading is a server whose response times rise steadily with load: 20 ms and
// 0.1 ms for each image a second. It is to keep to so many seconds.
func degrading(limit float64) (s server, capacity float64) {
	return func(load, _ float64) string { return met(0.020+0.0001*load < limit) }, (limit - 0.020) / 0.0001
}

// queue is a server of c workers, each with so many images a second on average,
// times exponential, arrivals Poisson (M/M/c). Its 99th percentile of response
// times is to keep to a limit in seconds, and does up to capacity.
func queue(workers int, rate, limit float64) (s server, capacity float64) {
	keeps := func(load float64) bool { return beyond(limit, workers, rate, load) < 0.01 }
	low, high := 0.0, float64(workers)*rate
	for high-low > 1e-9*high {
		if middle := (low + high) / 2; keeps(middle) {
			low = middle
		} else {
			high = middle
		}
	}
	return func(load, _ float64) string { return met(keeps(load)) }, low
}

// beyond returns the share of an M/M/c queue's response times above t (Gross,
// Shortle, Thompson & Harris, Fundamentals of Queueing Theory, 4th ed., §2.3):
//
//	P(T > t) = e^(−μt) · (1 + C·(1 − e^(−μt(c−1−a)))/(c−1−a)),  a = λ/μ
//
// with C the probability that an arrival waits (Erlang C).
func beyond(t float64, workers int, rate, load float64) float64 {
	a, c := load/rate, float64(workers)
	if a >= c {
		return 1
	}
	blocked := 1.0 // Erlang B, by its recursion
	for k := 1; k <= workers; k++ {
		blocked = a * blocked / (float64(k) + a*blocked)
	}
	waits := blocked / (1 - a/c*(1-blocked))
	d := c - 1 - a
	if math.Abs(d) < 1e-9 {
		return math.Exp(-rate*t) * (1 + waits*rate*t)
	}
	return math.Exp(-rate*t) * (1 - waits*math.Expm1(-rate*t*d)/d)
}

// drift is a machine whose speed wanders: the logarithm is a normal process with
// this standard deviation that forgets itself within tau seconds.
type drift struct {
	sd, tau float64
	draw    *rand.Rand
	at, is  float64
	begun   bool
}

// speed returns how many times faster than on average the machine is. Times do
// not go back.
func (d *drift) speed(at float64) float64 {
	switch {
	case d.sd == 0:
		return 1
	case !d.begun:
		d.begun, d.is = true, d.sd*d.draw.NormFloat64()
	default:
		kept := math.Exp(-(at - d.at) / d.tau)
		d.is = kept*d.is + math.Sqrt(1-kept*kept)*d.sd*d.draw.NormFloat64()
	}
	d.at = at
	return math.Exp(d.is)
}

// lasts returns how long a probe of a phase takes, all told, in seconds.
func lasts(phase string) float64 {
	if phase == record.Confirm {
		return 4.5
	}
	return 2.2
}

// put runs one search against one server until it ends or has so many
// confirmations.
func put(s *Search, target server, confirmations int) []Probe {
	return take(map[*Search]server{s: target}, []*Search{s}, confirmations)[0]
}

// take runs searches that take turns, those of every other round the other way
// round, until they end or have so many confirmations each.
func take(targets map[*Search]server, searches []*Search, confirm int) [][]Probe {
	probes := make([][]Probe, len(searches))
	confirmed := make([]int, len(searches))
	var at float64
	for round, going := 0, true; going; round++ {
		going = false
		for i := range searches {
			if round%2 == 1 {
				i = len(searches) - 1 - i
			}
			step, ok := searches[i].Next()
			if !ok || confirmed[i] == confirm {
				continue
			}
			if step.Phase == record.Confirm {
				confirmed[i]++
			}
			going = true
			at += lasts(step.Phase)
			verdict := targets[searches[i]](step.Load, at)
			searches[i].Observe(verdict)
			probes[i] = append(probes[i], Probe{step, verdict})
		}
	}
	return probes
}
