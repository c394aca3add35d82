package reports

import (
	"strings"
	"testing"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/verdict"
)

// between is the answer for a mode, with its interval.
func between(mode string, load, low, high float64) CapacityAnswer {
	return CapacityAnswer{
		Mode: mode, Load: at(load), Low: at(low), High: at(high), Confirmations: 12, Passed: at(low), Failed: at(high),
		Decided: "response_p99", Probes: 20,
	}
}

// bracket is the answer for a mode that was confirmed too little; 0 is unknown.
func bracket(mode string, passed, failed float64) CapacityAnswer {
	a := CapacityAnswer{Mode: mode, Confirmations: 3, Probes: 9, Load: at(passed), Decided: "response_p99"}
	if passed > 0 {
		a.Passed = at(passed)
	}
	if failed > 0 {
		a.Failed = at(failed)
	}
	return a
}

func TestConcludeSearch(t *testing.T) {
	p99, both := []string{"response_p99<150ms"}, []string{"response_p99<150ms", "errors<0.1%"}
	binary, text := between("binary", 2510, 2450, 2570), between("text", 1840, 1790, 1890)
	more := CapacityRatio{Mode: "text", Baseline: "binary", Ratio: at(1.364), Low: at(1.31), High: at(1.42), Significant: true, Detectable: at(0.05)}
	rate := func(objectives []string, ratios []CapacityRatio, answers ...CapacityAnswer) *Capacity {
		return &Capacity{Find: record.FindRate, Objectives: objectives, Answers: answers, Ratios: ratios}
	}
	clients := func(perS float64) *Capacity {
		return &Capacity{Find: record.FindClients, PerClientPerS: perS, Objectives: p99, Answers: []CapacityAnswer{
			between("binary", 1700, 1650, 1750), between("text", 1200, 1180, 1220),
		}}
	}
	unmet, unmetText, behind := bracket("binary", 0, 1), bracket("text", 0, 1), bracket("text", 0, 1)
	unmet.Unmet, unmetText.Unmet, behind.Unmet = true, true, true
	behind.Decided = "backlog"
	endless, endlessText := bracket("binary", 100_000, 0), bracket("text", 100_000, 0)
	endless.Unbounded, endlessText.Unbounded = true, true
	answered := "At p99 < 150 ms this server carries 1,840 [1,790–1,890] text or 2,510 [2,450–2,570] binary images/s of 200 KB"

	for _, c := range []struct {
		name string
		c    *Capacity
		with func(*Report)
		want string
	}{
		{"a ratio", rate(p99, []CapacityRatio{more}, binary, text), nil, answered + ": binary carries +36 % [+31 %, +42 %]."},
		{"a narrow ratio", rate(p99, []CapacityRatio{{Mode: "text", Baseline: "binary", Ratio: at(1.012), Low: at(1.005), High: at(1.019), Significant: true}}, binary, text),
			nil, answered + ": binary carries +1.2 % [+0.5 %, +1.9 %]."},
		{"the mode carries more", rate(p99, []CapacityRatio{{Mode: "text", Baseline: "binary", Ratio: at(0.8), Low: at(0.75), High: at(0.84), Significant: true}}, binary, text),
			nil, answered + ": binary carries −20 % [−25 %, −16 %]."},
		{"no difference", rate(both, []CapacityRatio{{Mode: "text", Baseline: "binary", Ratio: at(1.01), Low: at(0.97), High: at(1.05), Detectable: at(0.06)}},
			between("binary", 2510, 2450, 2570), between("text", 2500, 2450, 2550)), nil,
			"At p99 < 150 ms and errors < 0.1 % this server carries 2,500 [2,450–2,550] text or 2,510 [2,450–2,570] binary images/s of 200 KB: " +
				"no measurable difference between binary and text, +1 % [−3 %, +5 %] (one of 6.0 % more or 5.7 % less would have shown)."},
		{"more than two modes", rate(p99, []CapacityRatio{more, {Mode: "text+deflate", Baseline: "binary", Ratio: at(4), Low: at(3.9), High: at(4.1), Significant: true}},
			binary, text, between("text+deflate", 630, 620, 640)), nil,
			"At p99 < 150 ms this server carries 1,840 [1,790–1,890] text, 630 [620–640] text+deflate or 2,510 [2,450–2,570] binary images/s of 200 KB: " +
				"against text binary carries +36 % [+31 %, +42 %]; against text+deflate binary carries +300 % [+290 %, +310 %]."},
		{"one mode alone", rate(p99, nil, text), nil, "At p99 < 150 ms this server carries 1,840 [1,790–1,890] text images/s of 200 KB."},
		{"too few confirmations", rate(p99, []CapacityRatio{{Mode: "text", Baseline: "binary", Ratio: at(1.4)}}, bracket("binary", 2455, 2555), bracket("text", 1800, 1900)), nil,
			"At p99 < 150 ms this server carries between 1,800 and 1,900 text or between 2,455 and 2,555 binary images/s of 200 KB: " +
				"binary carries perhaps +40 %, from too few confirmations to be sure. " +
				"There were too few confirmations for an interval: told is the highest load that passed and the lowest that failed; give the search more time."},
		{"too few of one mode", rate(p99, nil, binary, bracket("text", 1800, 1900)), nil,
			"At p99 < 150 ms this server carries between 1,800 and 1,900 text or 2,510 [2,450–2,570] binary images/s of 200 KB. " +
				"There were too few confirmations of text for an interval: told is the highest load that passed and the lowest that failed; give the search more time."},
		{"one mode unmet", rate(p99, []CapacityRatio{{Mode: "text", Baseline: "binary"}}, binary, unmetText), nil,
			"At p99 < 150 ms this server carries 2,510 [2,450–2,570] binary images/s of 200 KB. " +
				"text misses p99 < 150 ms at the lowest load that was tried, 1/s: ask for less, or make the server faster."},
		{"both unmet", rate(both, nil, unmet, unmetText), nil,
			"text and binary miss p99 < 150 ms at the lowest load that was tried, 1/s: ask for less, or make the server faster."},
		{"both unmet, each in its way", rate(both, nil, unmet, behind), nil,
			"text misses p99 < 150 ms and errors < 0.1 %, for more and more is left undone, at the lowest load that was tried, 1/s; " +
				"binary misses p99 < 150 ms at the lowest load that was tried, 1/s: ask for less, or make the server faster."},
		{"unbounded", rate(p99, nil, endless, text), nil,
			"At p99 < 150 ms this server carries 1,840 [1,790–1,890] text or at least 100,000 binary images/s of 200 KB. " +
				"binary met p99 < 150 ms at the highest load that was tried, 100,000/s: raise --max to find where that ends."},
		{"both unbounded", rate(p99, nil, endless, endlessText), nil,
			"At p99 < 150 ms this server carries at least 100,000 text or at least 100,000 binary images/s of 200 KB. " +
				"text and binary met p99 < 150 ms at the highest load that was tried, 100,000/s: raise --max to find where that ends."},
		{"interrupted", rate(p99, nil, bracket("binary", 1600, 3200), bracket("text", 0, 1600)), func(r *Report) { r.Incomplete = "interrupted" },
			"The search is incomplete (interrupted). So far, at p99 < 150 ms this server carries less than 1,600 text or between 1,600 and 3,200 binary images/s of 200 KB."},
		{"interrupted on the way up", rate(p99, nil, bracket("binary", 1600, 0), CapacityAnswer{Mode: "text"}), func(r *Report) { r.Incomplete = "interrupted" },
			"The search is incomplete (interrupted). So far, at p99 < 150 ms this server carries at least 1,600 binary images/s of 200 KB. text was not measured."},
		{"nothing can be told", rate(p99, nil, binary, CapacityAnswer{Mode: "text", Probes: 4}), nil,
			"At p99 < 150 ms this server carries 2,510 [2,450–2,570] binary images/s of 200 KB. Of text nothing can be told: no probe passed, and none failed."},
		{"void", rate(p99, []CapacityRatio{more}, binary, text), func(r *Report) {
			r.Verdict = verdict.Verdict{Kind: verdict.Void, Evidence: []verdict.Evidence{{Text: "the generator was late; give it more cores"}}}
		}, "No conclusion, the search is void: the generator was late; give it more cores."},
		{"shared", rate(p99, nil, text), func(r *Report) { r.Environment = record.Environment{Shared: true, Cores: 2} },
			"At p99 < 150 ms this server carries 1,840 [1,790–1,890] text images/s of 200 KB. BOTH ENDS SHARED THIS MACHINE: " +
				"these loads are what both reach together on its 2 cores, and the ratio carries over better; " +
				"keep the ends apart with --target-cpus and --generator-cpus, or use two machines."},
		{"shared, each end on its own processors", rate(p99, nil, text), func(r *Report) {
			r.Environment, r.Settings.TargetCPUs, r.Settings.GeneratorCPUs = record.Environment{Shared: true, Cores: 4}, []int{0, 1, 3}, []int{2}
		}, "At p99 < 150 ms this server carries 1,840 [1,790–1,890] text images/s of 200 KB. " +
			"Both ends ran on this machine, the target on CPUs 0-1,3 and the generator on CPU 2: these loads are that machine's, and the ratio carries over better."},
		{"clients at a pace", clients(1.0 / 30), nil, "At p99 < 150 ms this server carries 1,200 [1,180–1,220] text or 1,700 [1,650–1,750] binary clients of 1/30s each, with images of 200 KB."},
		{"clients at a quick pace", clients(2), nil, "At p99 < 150 ms this server carries 1,200 [1,180–1,220] text or 1,700 [1,650–1,750] binary clients of 2/s each, with images of 200 KB."},
		{"clients that think", clients(0), func(r *Report) { r.Settings.ThinkSeconds = 2 },
			"At p99 < 150 ms this server carries 1,200 [1,180–1,220] text or 1,700 [1,650–1,750] binary clients with 2s to think and images of 200 KB."},
		{"clients back to back", clients(0), nil, "At p99 < 150 ms this server carries 1,200 [1,180–1,220] text or 1,700 [1,650–1,750] binary clients with images of 200 KB back to back."},
		{"a mode that was declined", rate(p99, nil, text, CapacityAnswer{Mode: "text+deflate"}), func(r *Report) {
			r.Cells = append(r.Cells, Cell{Mode: "text+deflate", SizeBytes: 200_000, Failed: "the server declined it", WarmupErrors: map[string]uint64{"declined": 1}})
		}, "At p99 < 150 ms this server carries 1,840 [1,790–1,890] text images/s of 200 KB. text+deflate could not be measured: the server declined it."},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := &Report{Capacity: c.c, Cells: []Cell{{SizeBytes: 200_000, Mode: "text"}}}
			if c.with != nil {
				c.with(r)
			}
			if got := concludeSearch(r); got != c.want {
				t.Errorf("\ngot  %s\nwant %s", got, c.want)
			}
			if unmet := strings.Contains(c.want, "miss"); c.c.Unmet() != unmet {
				t.Errorf("unmet: got %v, want %v", c.c.Unmet(), unmet)
			}
		})
	}
}
