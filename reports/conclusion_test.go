package reports

import (
	"testing"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/verdict"
)

// row is an overhead with an interval of ± one per cent, or none when rounds
// are too few.
func row(size int64, mode, metric string, ratio float64, rounds int) Overhead {
	low, high, detectable := ratio-0.01, ratio+0.01, 0.021
	o := Overhead{SizeBytes: size, Mode: mode, Baseline: "binary", Metric: metric, Ratio: &ratio, Rounds: rounds}
	if metric == WireBytes {
		o.Significant = ratio != 1
		return o
	}
	if rounds >= 6 {
		o.Low, o.High, o.Detectable, o.Significant = &low, &high, &detectable, low > 1 || high < 1
	}
	return o
}

// under puts a row under an open or single load.
func under(load string, o Overhead) Overhead {
	o.Load = load
	return o
}

// vague is a row that tells little: its rounds would have shown but much.
func vague(o Overhead, detectable float64) Overhead {
	low, high := 0.5, 2.0
	o.Low, o.High, o.Detectable, o.Significant = &low, &high, &detectable, false
	return o
}

func TestConclude(t *testing.T) {
	const kb, mb = 1000, 1_000_000
	binary := Cell{Mode: "binary", Images: 10}
	text := Cell{Mode: "text", Images: 10}
	declining := Cell{Mode: "text+deflate", Failed: "the server declines permessage-deflate", WarmupErrors: map[string]uint64{"declined": 1}}
	failing := Cell{Mode: "text", Images: 10, ErrorCount: 3}
	for _, c := range []struct {
		name string
		r    Report
		want string
	}{
		{"every size says the same", Report{Overhead: []Overhead{
			row(10*kb, "text", TargetCPU, 1.12, 40), row(10*kb, "text", ImagesRate, 0.91, 40), row(10*kb, "text", WireBytes, 4.0/3, 40),
			row(mb, "text", TargetCPU, 1.31, 40), row(mb, "text", ImagesRate, 0.75, 40), row(mb, "text", WireBytes, 4.0/3, 40),
		}}, "Against binary, over 10 KB–1 MB, text costs the target 12 %–31 % more CPU per image, " +
			"carries 9.0 %–25 % fewer images/s and moves 33.3 % more bytes."},
		{"one size", Report{Overhead: []Overhead{row(100*kb, "text", TargetCPU, 1.12, 40)}},
			"Against binary, at 100 KB, text costs the target 12 % more CPU per image."},
		{"sizes that differ are named", Report{Overhead: []Overhead{
			row(10*kb, "text", ImagesRate, 1.003, 40), row(100*kb, "text", ImagesRate, 0.8, 40), row(mb, "text", ImagesRate, 0.7, 40),
		}}, "Against binary, over 10 KB–1 MB, text carries 20 %–30 % fewer images/s at 100 KB and 1 MB " +
			"and shows no measurable difference in images/s at 10 KB (one of 2.1 % would have shown)."},
		{"no difference", Report{Overhead: []Overhead{
			row(10*kb, "binary#2", TargetCPU, 1.002, 40), row(10*kb, "binary#2", ImagesRate, 0.998, 40), row(10*kb, "binary#2", WireBytes, 1, 40),
		}}, "Against binary, at 10 KB, binary#2 shows no measurable difference in target CPU per image, images/s or bytes " +
			"(one of 2.1 % would have shown)."},
		{"two modes, two sentences", Report{Overhead: []Overhead{
			row(10*kb, "text", ImagesRate, 0.8, 40), row(10*kb, "text+codec=std", ImagesRate, 0.6, 40),
		}}, "Against binary, at 10 KB, text carries 20 % fewer images/s. Against binary, at 10 KB, text+codec=std carries 40 % fewer images/s."},
		{"too few rounds", Report{Overhead: []Overhead{row(10*kb, "text", ImagesRate, 0.8, 4)}},
			"From too few rounds to be sure, against binary, at 10 KB, text carries perhaps 20 % fewer images/s."},
		{"too few rounds at one size", Report{Overhead: []Overhead{
			row(10*kb, "text", ImagesRate, 0.8, 58), row(mb, "text", ImagesRate, 0.7, 5), row(mb, "text", WireBytes, 4.0/3, 5),
		}}, "Against binary, over 10 KB–1 MB, text carries 20 % fewer images/s at 10 KB, carries perhaps 30 % fewer images/s at 1 MB " +
			"and moves 33.3 % more bytes."},
		{"what is detectable is no difference that can't be", Report{Overhead: []Overhead{vague(row(10*kb, "text", ImagesRate, 0.9, 8), 1.43)}},
			"Against binary, at 10 KB, text shows no measurable difference in images/s (one of 143 % more or 59 % less would have shown)."},
		{"thousands", Report{Overhead: []Overhead{row(10*kb, "text+deflate", TargetCPU, 45.21456, 40)}},
			"Against binary, at 10 KB, text+deflate costs the target 4,421 % more CPU per image."},
		{"a mode that the server declines", Report{Overhead: []Overhead{row(10*kb, "text", ImagesRate, 0.8, 40)}, Cells: []Cell{binary, text, declining, declining}},
			"Against binary, at 10 KB, text carries 20 % fewer images/s. " +
				"text+deflate could not be measured: the server declines permessage-deflate."},
		{"the only mode is declined", Report{Cells: []Cell{binary, declining}},
			"Nothing could be compared. text+deflate could not be measured: the server declines permessage-deflate."},
		{"latency, unloaded and at equal load", Report{Overhead: []Overhead{
			row(10*kb, "text", ImagesRate, 0.8, 40),
			under(record.Single, row(10*kb, "text", ResponseP50, 1.1, 40)), under(record.Single, row(100*kb, "text", ResponseP50, 1.4, 40)),
			under(record.Open, row(10*kb, "text", ResponseP50, 1.2, 8)), under(record.Open, row(100*kb, "text", ResponseP50, 1.5, 8)),
		}}, "Against binary, at 10 KB, text carries 20 % fewer images/s. " +
			"Its median response is 10 %–40 % longer unloaded and 20 %–50 % longer at equal load."},
		{"latency that differs at one size alone", Report{Overhead: []Overhead{
			row(10*kb, "text", ImagesRate, 0.8, 40),
			under(record.Single, row(10*kb, "text", ResponseP50, 1.001, 40)), under(record.Single, row(100*kb, "text", ResponseP50, 0.6, 40)),
		}}, "Against binary, at 10 KB, text carries 20 % fewer images/s. Its median response is 40 % shorter at 100 KB unloaded."},
		{"latency without interval, sizes and percentiles agree", Report{Overhead: []Overhead{
			row(10*kb, "text", ImagesRate, 0.8, 40),
			under(record.Open, row(10*kb, "text", ResponseP50, 1.2, 2)), under(record.Open, row(100*kb, "text", ResponseP50, 1.5, 2)),
			under(record.Open, row(10*kb, "text", ResponseP99, 1.2, 2)), under(record.Open, row(100*kb, "text", ResponseP99, 1.5, 2)),
		}}, "Against binary, at 10 KB, text carries 20 % fewer images/s. Its median response is perhaps 20 %–50 % longer at equal load."},
		{"latency without interval, percentiles do not agree", Report{Overhead: []Overhead{
			row(10*kb, "text", ImagesRate, 0.8, 40),
			under(record.Open, row(10*kb, "text", ResponseP50, 1.2, 2)), under(record.Open, row(100*kb, "text", ResponseP50, 1.5, 2)),
			under(record.Open, row(10*kb, "text", ResponseP99, 0.9, 2)), under(record.Open, row(100*kb, "text", ResponseP99, 1.5, 2)),
		}}, "Against binary, at 10 KB, text carries 20 % fewer images/s."},
		{"latency of one size without interval", Report{Overhead: []Overhead{
			row(10*kb, "text", ImagesRate, 0.8, 40), under(record.Open, row(10*kb, "text", ResponseP50, 1.2, 2)),
		}}, "Against binary, at 10 KB, text carries 20 % fewer images/s."},
		{"the primary is CPU at saturation, not at equal load", Report{Overhead: []Overhead{
			row(10*kb, "text", TargetCPU, 1.12, 40), under(record.Open, row(10*kb, "text", TargetCPU, 1.5, 40)),
		}}, "Against binary, at 10 KB, text costs the target 12 % more CPU per image."},
		{"unless there is nothing else", Report{Overhead: []Overhead{under(record.Open, row(10*kb, "text", TargetCPU, 1.5, 40))}},
			"Against binary, at 10 KB, text costs the target 50 % more CPU per image."},
		{"a server that fell behind", Report{Overhead: []Overhead{row(10*kb, "text", ImagesRate, 0.8, 40)}, Cells: []Cell{
			{Mode: "text", SizeBytes: mb, Load: record.Open, ScheduledPerS: at(100), AchievedPerS: at(60)},
			{Mode: "binary", SizeBytes: mb, Load: record.Open, ScheduledPerS: at(100), AchievedPerS: at(99)},
		}}, "Against binary, at 10 KB, text carries 20 % fewer images/s. At equal load, the server did not keep up with text at 1 MB."},
		{"failures, incomplete and shared", Report{
			Overhead: []Overhead{row(10*kb, "text", ImagesRate, 0.8, 40)}, Cells: []Cell{binary, failing},
			Incomplete: "interrupted", Verdict: verdict.Verdict{Kind: verdict.Shared},
		}, "Against binary, at 10 KB, text carries 20 % fewer images/s. 3 images failed: see errors. The run is incomplete. " +
			"Both ends shared one machine: compare modes by this, but size nothing with these rates."},
		{"void", Report{Overhead: []Overhead{row(10*kb, "text", ImagesRate, 0.8, 40)},
			Verdict: verdict.Verdict{Kind: verdict.Void, Evidence: []verdict.Evidence{{Text: "the generator was the limit"}}}},
			"No conclusion, the run is void: the generator was the limit."},
		{"one mode", Report{Cells: []Cell{binary}}, "Only binary was measured: name a second mode to compare it with."},
		{"no baseline", Report{Cells: []Cell{text}}, "Nothing to compare with: the baseline, binary, was not measured."},
		{"no round in common", Report{Cells: []Cell{binary, text}}, "Nothing could be compared: no round has both modes at saturation."},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.r.Settings = record.Settings{Baseline: "binary"}
			if got := conclude(&c.r); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}
