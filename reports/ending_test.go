package reports_test

import (
	"testing"

	"github.com/wsimg/wsimg/loadgen/record"
)

func TestEndingNamesTheWidestPrimary(t *testing.T) {
	base := func(rounds int) *record.Run {
		binary, text := closed("binary", blocks(rounds, 1000)...), closed("text", blocks(rounds, 800)...)
		for i := range text.Samples {
			text.Samples[i].Credit *= 1 + 0.05*float64(i%3) // images/s vary, the CPU does not
		}
		r := run(binary, text)
		r.Settings.Precision, r.Settings.TimeBudgetSeconds = 0.03, 50
		return r
	}
	for _, c := range []struct {
		name   string
		ended  string
		change func(r *record.Run)
		want   string
	}{
		{"precision", record.EndedPrecise, nil, "precision of ±3 % reached; the widest primary, images/s at 300 B, is ±4.8 %"},
		{"time", record.EndedTime, nil, "time budget of 50 s reached; the widest primary, images/s at 300 B, is ±4.8 % (±3 % was asked for)"},
		{"rounds", record.EndedRounds, nil, "as many rounds as were asked for; the widest primary, images/s at 300 B, is ±4.8 %"},
		{"several modes", record.EndedRounds, func(r *record.Run) {
			third := closed("text+codec=std", blocks(8, 700)...)
			r.Cells = append(r.Cells, third)
		}, "as many rounds as were asked for; the widest primary, images/s of text at 300 B, is ±4.8 %"},
		{"too few rounds", record.EndedTime, func(r *record.Run) {
			for i := range r.Cells[1].Samples[4:] {
				r.Cells[1].Samples[4+i].TargetCPUNs = nil
			}
		}, "time budget of 50 s reached; a primary, target CPU per image at 300 B, has no interval"},
		{"nothing compared", record.EndedTime, func(r *record.Run) { r.Cells = r.Cells[:1] }, "time budget of 50 s reached"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := base(8)
			r.Ended = c.ended
			if c.change != nil {
				c.change(r)
			}
			if got := analyze(t, r).Ended; got == nil || got.Text != c.want || got.By != c.ended {
				t.Errorf("got  %+v\nwant %s", got, c.want)
			}
		})
	}
	if got := analyze(t, base(8)).Ended; got != nil {
		t.Errorf("a run that did not end by itself: got %+v, want nothing", got)
	}
}
