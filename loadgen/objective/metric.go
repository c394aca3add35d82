package objective

import (
	"fmt"
	"math"
	"strings"

	"github.com/wsimg/wsimg/loadgen/record"
)

// Metric is what an objective can be about.
type Metric struct {
	Name    string
	Unit    Unit
	Above   bool // objectives keep it above a limit; else below
	Meaning string
}

// Metrics lists all of them, for help and messages.
func Metrics() []Metric {
	var all []Metric
	for _, m := range vocabulary() {
		all = append(all, m.Metric)
	}
	return all
}

// family is where a metric is found.
type family int

const (
	response family = iota
	service
	wait
	lateness
	connect
	errors
	achieved
	targetCPU
	generatorCPU
)

// metric is a Metric and how to get at it.
type metric struct {
	Metric
	of   family
	q    float64 // of a time; 1: the most
	most float64 // that a limit may be
}

// vocabulary makes the list of metrics.
func vocabulary() []metric {
	var all []metric
	for _, time := range []struct {
		of            family
		name, meaning string
	}{
		{response, "response", "from the instant an image was due to the last byte of its reply"},
		{service, "service", "from the first byte of an image written to the last of its reply"},
		{wait, "wait", "from the instant an image was due until its connection was free"},
		{lateness, "lateness", "from then to the write, encoding apart: the generator's doing"},
		{connect, "connect", "from the dial of a connection to the end of its handshakes"},
	} {
		for _, rank := range []struct {
			name, meaning string
			q             float64
		}{
			{"p50", "median", 0.50}, {"p90", "90th percentile", 0.90}, {"p99", "99th percentile", 0.99},
			{"p999", "99.9th percentile", 0.999}, {"max", "longest", 1},
		} {
			all = append(all, metric{
				Metric: Metric{Name: time.name + "_" + rank.name, Unit: Time, Meaning: time.meaning + ": " + rank.meaning},
				of:     time.of, q: rank.q, most: record.Highest.Seconds(),
			})
		}
	}
	const cores = 1000 // more than a machine has
	return append(all,
		metric{Metric{"errors", Share, false, "images that failed, of those that were due; not attempts to connect"}, errors, 0, 1},
		metric{Metric{"achieved", Share, true, "images verified, of those that were due; open loads alone"}, achieved, 0, 1},
		metric{Metric{"target_cpu", Share, false, "CPU time of the target, of one core: two take 200%"}, targetCPU, 0, cores},
		metric{Metric{"generator_cpu", Share, false, "CPU time of the generator, of one core, pacing apart"}, generatorCPU, 0, cores},
	)
}

// timed reports whether it is a time.
func (m metric) timed() bool { return m.Unit == Time }

// better is the direction that is.
func (m metric) better() string {
	if m.Above {
		return "higher"
	}
	return "lower"
}

// example is an objective that Parse takes.
func (m metric) example() string {
	switch {
	case m.timed():
		return m.Name + "<150ms"
	case m.Above:
		return m.Name + ">99%"
	case m.of == errors:
		return m.Name + "<0.1%"
	}
	return m.Name + "<80%"
}

// names says in short which metrics there are.
func names() string {
	var times, ranks, others []string
	for _, m := range vocabulary() {
		stem, rank, _ := strings.Cut(m.Name, "_")
		switch {
		case !m.timed():
			others = append(others, m.Name)
		case m.of == response:
			ranks = append(ranks, rank)
			fallthrough
		default:
			if len(times) == 0 || times[len(times)-1] != stem {
				times = append(times, stem)
			}
		}
	}
	return fmt.Sprintf("{%s}_{%s}, %s", strings.Join(times, ","), strings.Join(ranks, ","), strings.Join(others, ", "))
}

// nanoseconds is a limit in seconds as histograms count.
func nanoseconds(seconds float64) int64 { return int64(math.Round(seconds * 1e9)) }
