package reports_test

import (
	"strings"
	"testing"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/reports"
)

func TestFootnotesAreThereWhenTheyApplyAndOnlyThen(t *testing.T) {
	base := func() *record.Run {
		r := run(closed("binary", blocks(8, 1000)...), closed("text", blocks(8, 800)...))
		r.Settings.Distinct = 64
		for i := range r.Cells {
			r.Cells[i].Distinct = 64
		}
		return r
	}
	stages := func(save int64) map[string]record.Stage {
		return map[string]record.Stage{"decode": {Count: 1, TotalNs: 100}, "save": {Count: 1, TotalNs: save}}
	}
	// untold is a run of a target that tells, but not the CPU of a whole block.
	untold := func(change func(*record.Sample)) func(*record.Run) {
		return func(r *record.Run) {
			r.Environment.Target = new(record.Target)
			for _, c := range r.Cells {
				for i := range c.Samples {
					c.Samples[i].TargetCPUNs = nil
					change(&c.Samples[i])
				}
			}
		}
	}
	for _, c := range []struct {
		name   string
		change func(*record.Run)
		says   string
	}{
		{"both ends on one machine", func(r *record.Run) { r.Environment.Shared = true }, "Loopback charges receiving"},
		{"prepared sender", func(r *record.Run) { r.Settings.Sender = "prepared" }, "Sender prepared"},
		{"no side channel", func(r *record.Run) {
			for _, c := range r.Cells {
				for i := range c.Samples {
					c.Samples[i].TargetCPUNs = nil
				}
			}
		}, "The target has no side channel"},
		{"a target that was started anew", untold(func(s *record.Sample) {
			cpu := int64(1)
			s.Series = []record.Point{{Images: 1, TargetCPUNs: &cpu}, {}, {Images: 1, TargetCPUNs: &cpu}}
		}), "The target was started anew in mid-run"},
		{"a target that was gone in the end", untold(func(s *record.Sample) {
			cpu := int64(1)
			s.Series = []record.Point{{Images: 1, TargetCPUNs: &cpu}, {}}
		}), "it did not tell of them at both ends"},
		{"a target on a system without CPU times", untold(func(s *record.Sample) { s.Stages = stages(10) }),
			"The target does not tell its CPU, as its system does not."},
		{"the store is the bottleneck", func(r *record.Run) { r.Cells[0].Samples[0].Stages = stages(900) },
			"saving takes up to 90 % of the target's time (binary at 300 B)"},
		{"fewer distinct images", func(r *record.Run) { r.Cells[0].Distinct = 3 }, "300 B: 3 distinct images in turn and not 64"},
		{"incomplete", func(r *record.Run) { r.Incomplete = "interrupted" }, "Incomplete: interrupted."},
		{"a cell that failed", func(r *record.Run) { r.Cells[1].Failed = "deflate was declined" },
			"text at 300 B, closed could not be measured: deflate was declined."},
		{"failures with an example", func(r *record.Run) {
			r.Cells[1].Samples[0].Errors = map[string]uint64{"flipped": 2}
			r.Cells[1].Examples = map[string]record.Example{"flipped": {Client: 3, Round: 0, Detail: "byte 7"}}
		}, "text at 300 B, closed: 2 × flipped; the first, client 3, round 0: byte 7."},
		{"failures in the warm-up alone", func(r *record.Run) {
			r.Cells[1].WarmupErrors = map[string]uint64{"late": 1}
			r.Cells[1].Examples = map[string]record.Example{"late": {Round: -1, Detail: "by 2 s"}}
		}, "1 × late in the warm-up; the first, client 0, warm-up: by 2 s."},
		{"more failures than a page wants", func(r *record.Run) {
			r.Cells[1].WarmupErrors = map[string]uint64{"a": 1, "b": 1, "c": 1, "d": 1, "e": 1, "f": 1, "g": 1}
		}, "2 kinds of failure more"},
		{"clamped times", func(r *record.Run) { r.Cells[0].Samples[0].Clamped = 2 }, "2 times outside 1µs to 1m0s"},
		{"a note of the run's own", func(r *record.Run) { r.Notes = []string{"The machine was warm."} }, "The machine was warm."},
		{"acknowledging server", func(r *record.Run) { r.Settings.Reply = record.Ack }, "The server acknowledges and does not echo"},
		{"an open load", func(r *record.Run) { r.Cells[0].Load = record.Open }, "Lateness is from then to the write call"},
		{"latency at equal load to go by", func(r *record.Run) {
			r.Cells[0].Load = record.Open
		}, "unloaded latency and at equal load"},
		{"images given up", func(r *record.Run) {
			r.Cells[0].Samples[0].Censored, r.Cells[0].Samples[0].CensoredFromNs = 1200, 5e9
		}, "≥: a lower bound; 1,200 images were given up without an answer"},
		{"images never sent", func(r *record.Run) {
			r.Cells[0].Samples[0].Errors = map[string]uint64{"unsent": 1200}
		}, "1,200 × unsent (due, but their connections were never free"},
		{"disturbed rounds that count", func(r *record.Run) {
			for i := range r.Cells {
				for j := range 3 {
					r.Cells[i].Samples[j].Disturbance = record.Disturbance{SpanSeconds: 1, Foreign: 0.35 + float64(j)/10}
				}
			}
		}, "3 of 8 rounds that count were disturbed: other programs took up to 55 % of the machine."},
		{"disturbed rounds set aside", func(r *record.Run) {
			r.Cells[0].Samples[0].Repeated, r.Cells[1].Samples[0].Repeated = true, true
		}, "1 round was disturbed and set aside"},
		{"steps of uncompressed modes", func(r *record.Run) {
			r.Settings.Sender = "live"
			for i := range r.Cells {
				for j := range r.Cells[i].Samples {
					r.Cells[i].Samples[j].Steps = map[string]record.Stage{record.MaskStep: {Count: 1, TotalNs: 10}}
				}
			}
		}, "of text, encode does, and mask finds the Base64 in the first-level cache"},
		{"few rounds", func(r *record.Run) {
			for i := range r.Cells {
				r.Cells[i].Samples = r.Cells[i].Samples[:4]
			}
		}, "With 4 rounds (closed load) there is no interval"},
	} {
		t.Run(c.name, func(t *testing.T) {
			has := func(r *record.Run) bool {
				return strings.Contains(strings.Join(analyze(t, r).Footnotes, "\n"), c.says)
			}
			if has(base()) {
				t.Errorf("%q is there without cause", c.says)
			}
			changed := base()
			c.change(changed)
			if !has(changed) {
				t.Errorf("footnotes %q, want one that says %q", analyze(t, changed).Footnotes, c.says)
			}
		})
	}
}

func TestFormatSize(t *testing.T) {
	for _, c := range []struct {
		bytes int64
		want  string
	}{
		{0, "0 B"}, {300, "300 B"}, {999, "999 B"}, {10_000, "10 KB"}, {100_000, "100 KB"}, {123_456, "123 KB"},
		{999_900, "1 MB"}, {1_000_000, "1 MB"}, {1_333_336, "1.33 MB"}, {102_400, "100 KiB"}, {131_072, "128 KiB"}, {1 << 20, "1 MiB"},
	} {
		if got := reports.FormatSize(c.bytes); got != c.want {
			t.Errorf("FormatSize(%d) = %q, want %q", c.bytes, got, c.want)
		}
	}
}
