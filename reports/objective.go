package reports

import (
	"regexp"
	"strings"

	"github.com/wsimg/wsimg/loadgen/objective"
)

// InWords is the objectives as people write them: "p99 < 150 ms and
// errors < 0.1 %".
func (c *Capacity) InWords() string {
	words := make([]string, len(c.Objectives))
	for i, o := range c.Objectives {
		words[i] = objectiveInWords(o)
	}
	return enumerate(words, "and")
}

// missed is the objective that a metric is bound by, in words; of what is no
// objective's metric, itself.
func (c *Capacity) missed(metric string) string {
	for _, text := range c.Objectives {
		if parts := objectiveForm.FindStringSubmatch(text); parts != nil && parts[1] == metric {
			return objectiveInWords(text)
		}
	}
	return MetricInWords(metric)
}

// ResponseLimit returns the metric and the limit of the first objective on
// response time, in microseconds; ok is false where there is none.
func (c *Capacity) ResponseLimit() (metric string, us float64, ok bool) {
	for _, text := range c.Objectives {
		o, err := objective.Parse(text)
		if err == nil && strings.HasPrefix(o.Metric, responseMetric) && !o.Above {
			return o.Metric, 1e6 * o.Limit, true
		}
	}
	return "", 0, false
}

// responseMetric is what the metrics of response time begin with.
const responseMetric = "response_"

// objectiveForm is an objective as it is saved: a metric, a sign, a number and
// its unit.
var objectiveForm = regexp.MustCompile(`^(\w+)([<>]=?)([0-9.]+)(%|[a-zµ]+)?$`)

// objectiveInWords writes an objective as people do; one of another form, as
// of a newer wsimg, as it is.
func objectiveInWords(text string) string {
	parts := objectiveForm.FindStringSubmatch(text)
	if parts == nil {
		return text
	}
	return strings.TrimSpace(MetricInWords(parts[1]) + " " + parts[2] + " " + parts[3] + " " + parts[4])
}

// MetricInWords writes what decided a verdict as people do: "response_p99" is
// "p99", "response_p999" "p99.9", "target_cpu" "target CPU".
func MetricInWords(metric string) string {
	stem, rank, _ := strings.Cut(metric, "_")
	if digits, ok := strings.CutPrefix(rank, "p"); ok {
		if len(digits) > 2 {
			rank = "p" + digits[:2] + "." + digits[2:]
		}
		if stem+"_" == responseMetric {
			return rank
		}
	}
	if rank == "cpu" {
		rank = "CPU"
	}
	return strings.TrimSpace(stem + " " + strings.ReplaceAll(rank, "_", " "))
}
