package verdict

import (
	"strings"
	"testing"
	"time"

	"github.com/wsimg/wsimg/loadgen/record"
)

// TestJudgeEndsWithCPUsOfTheirOwn has both ends on a machine of 8 cores; shares
// are those of the generator's 4, unless it was kept to fewer.
func TestJudgeEndsWithCPUsOfTheirOwn(t *testing.T) {
	const us, ms = time.Microsecond, time.Millisecond
	quiet := record.Disturbance{SpanSeconds: 10}
	open := func(share float64) record.Cell {
		return plan{"text", share, times{60 * us: 1000}, times{2 * ms: 1000}, quiet}.cell(t)
	}
	closed := func(share float64) record.Cell { return cell("binary", block(share, quiet)) }
	four, others := record.CPUs{4, 5, 6, 7}, record.CPUs{0, 1, 2, 3}
	const ends = "both ends share this machine, the target on CPUs 0-3 and the generator on CPUs 4-7, so rates are what they reach together"

	for _, c := range []struct {
		name              string
		target, generator record.CPUs
		cells             []record.Cell
		want              Kind
		metrics           string
		says              string // in the first entry's text
	}{
		{"an open load at ease", others, four, []record.Cell{open(0.5)}, Shared, "machines", ends},
		{"an open load out of CPU", others, four, []record.Cell{open(0.9)}, Void, "generator_cpu_share machines",
			"text, 100 KB at 100/s: the generator used 90 % of its 4 cores and was the limit itself"},
		{"the cores that count are those it was kept to", others, record.CPUs{4, 5}, []record.Cell{open(0.45)}, Void, "generator_cpu_share machines",
			"used 90 % of its 2 cores"},
		{"one in common", record.CPUs{0, 4}, four, []record.Cell{open(0.9)}, Shared, "machines",
			"the target on CPUs 0,4 and the generator on CPUs 4-7"},
		{"the generator alone was kept", nil, four, []record.Cell{open(0.9)}, Shared, "machines",
			"the target on all CPUs and the generator on CPUs 4-7"},
		{"the target alone was kept", others, nil, []record.Cell{open(0.9)}, Shared, "machines",
			"the target on CPUs 0-3 and the generator on all CPUs"},
		{"a closed load at ease", others, four, []record.Cell{closed(0.5)}, Shared, "machines", ends},
		{"a closed load out of CPU is never void, and tells so", others, four, []record.Cell{closed(0.9)}, Shared, "machines generator_cpu_share", ends},
		{"a closed load out of CPU that may have been the target's", nil, four, []record.Cell{closed(0.9)}, Shared, "machines", ""},
		{"both loads out of CPU are told apart", others, four, []record.Cell{closed(0.9), open(0.95)}, Shared,
			"machines generator_cpu_share generator_cpu_share", ends},
	} {
		t.Run(c.name, func(t *testing.T) {
			run := &record.Run{
				Environment: record.Environment{Cores: 8, Shared: true},
				Settings:    record.Settings{TargetCPUs: c.target, GeneratorCPUs: c.generator},
				Cells:       c.cells,
			}
			got := Judge(run)
			var metrics []string
			for _, e := range got.Evidence {
				metrics = append(metrics, e.Metric)
			}
			if got.Kind != c.want || strings.Join(metrics, " ") != c.metrics {
				t.Fatalf("got %s for %v, want %s for %s", got.Kind, metrics, c.want, c.metrics)
			}
			if !strings.Contains(got.Evidence[0].Text, c.says) {
				t.Errorf("first text %q, want it to say %q", got.Evidence[0].Text, c.says)
			}
			if c.want == Shared && got.Voids(record.Closed) {
				t.Error("the closed load is void")
			}
			if len(c.cells) == 2 && !got.Voids(record.Open) {
				t.Error("the open load is not void for its generator")
			}
		})
	}
}

func TestOwnCores(t *testing.T) {
	for _, c := range []struct {
		name              string
		shared            bool
		target, generator record.CPUs
		want              int
		ok                bool
	}{
		{"two machines", false, nil, nil, 8, true},
		{"one machine", true, nil, nil, 0, false},
		{"apart", true, record.CPUs{0}, record.CPUs{1, 3}, 2, true},
		{"in common", true, record.CPUs{0, 1}, record.CPUs{1, 3}, 0, false},
	} {
		run := &record.Run{
			Environment: record.Environment{Cores: 8, Shared: c.shared},
			Settings:    record.Settings{TargetCPUs: c.target, GeneratorCPUs: c.generator},
		}
		if got, ok := ownCores(run); got != c.want || ok != c.ok {
			t.Errorf("%s: got %d, %v, want %d, %v", c.name, got, ok, c.want, c.ok)
		}
	}
}
