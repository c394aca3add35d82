package reports_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/reports"
	"github.com/wsimg/wsimg/reports/internal/specimen"
)

func TestOverheadFindsWhatIsThere(t *testing.T) {
	r := analyze(t, run(closed("binary", blocks(12, 1000)...), closed("text", blocks(12, 800)...)))
	o := find(t, r, "text", reports.ImagesRate)
	if !is(o.Ratio, 0.8) || !o.Significant || o.Rounds != 12 || o.Low == nil {
		t.Errorf("images/s %+v, want 0.8, significant, over 12 rounds", o)
	}
	if !is(o.TotalsRatio, 0.8) || o.TotalsLow == nil || o.Detectable == nil {
		t.Errorf("totals %v and detectable %v, want both", show(o.TotalsRatio), show(o.Detectable))
	}
	o = find(t, r, "text", reports.WireBytes)
	if !is(o.Ratio, 1) || o.Significant || o.Low != nil || !is(o.Floor, 4.0/3) {
		t.Errorf("bytes %+v, want 1 exactly, no interval, a floor of 4/3", o)
	}
}

func TestOverheadOfAModeAgainstItselfIsNone(t *testing.T) {
	r := analyze(t, specimen.AgainstItself())
	found := 0
	for _, o := range r.Overhead {
		if o.Significant {
			found++
		}
		if o.Metric != reports.WireBytes && o.Low == nil {
			t.Errorf("%s at %d has no interval over %d rounds", o.Metric, o.SizeBytes, o.Rounds)
		}
	}
	// 15 intervals at 95 %: more than three without 1 happen once in 200 runs.
	if found > 3 {
		t.Errorf("%d differences of binary with itself, want at most 3", found)
	}
}

func TestOverheadPairsByRound(t *testing.T) {
	// The machine is ten times slower in round 3, of which text lost its
	// block: unpaired, binary would look slower.
	b := blocks(13, 1000)
	b[3] = block(3, 100)
	text := slices.Delete(blocks(13, 800), 3, 4)
	o := find(t, analyze(t, run(closed("binary", b...), closed("text", text...))), "text", reports.ImagesRate)
	if o.Rounds != 12 || !is(o.TotalsRatio, 0.8) {
		t.Errorf("%d rounds, totals %v, want 12 and 0.8", o.Rounds, show(o.TotalsRatio))
	}
}

func TestOverheadLeavesOutWhatItShould(t *testing.T) {
	repeat := func(ss []record.Sample, rate uint64) []record.Sample {
		first := block(2, rate)
		first.Repeated = true
		first.Disturbance = record.Disturbance{SpanSeconds: 1, Foreign: 0.4}
		return slices.Insert(ss, 2, first)
	}
	unopened := func(ss []record.Sample) []record.Sample {
		ss[5].Seconds, ss[5].Credit = 0, 0
		return ss
	}
	for _, c := range []struct {
		name           string
		binary, text   []record.Sample
		rounds         int
		note, notThere string
	}{
		{"a round measured again", repeat(blocks(12, 1000), 1000), repeat(blocks(12, 800), 50), 12,
			"1 round was disturbed and set aside", "with the"},
		{"a window that never opened", blocks(12, 1000), unopened(blocks(12, 800)), 11, "1 block of 12 ended before", "measured again"},
		{"a window of the baseline's that never opened", unopened(blocks(12, 1000)), blocks(12, 800), 11,
			"1 block of 12 ended before", "measured again"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := analyze(t, run(closed("binary", c.binary...), closed("text", c.text...)))
			o := find(t, r, "text", reports.ImagesRate)
			if o.Rounds != c.rounds || !is(o.Ratio, 0.8) {
				t.Errorf("ratio %v over %d rounds, want 0.8 over %d", show(o.Ratio), o.Rounds, c.rounds)
			}
			if cpu := find(t, r, "text", reports.GeneratorCPU); cpu.Rounds != c.rounds {
				t.Errorf("CPU over %d rounds, want the %d that have a rate", cpu.Rounds, c.rounds)
			}
			notes := strings.Join(r.Footnotes, "\n")
			if !strings.Contains(notes, c.note) || strings.Contains(notes, c.notThere) {
				t.Errorf("footnotes say\n%s\nwant %q and not %q", notes, c.note, c.notThere)
			}
		})
	}
}

func TestOverheadIsGivenWithAndWithoutDisturbedRounds(t *testing.T) {
	text := blocks(12, 800)
	for i := range 5 { // more than a repetition could cure
		text[i] = block(i, 400)
		text[i].Disturbance = record.Disturbance{SpanSeconds: 2, Steal: 0.3}
	}
	for i := 5; i < 12; i++ {
		text[i] = block(i, 800+uint64(i))
	}
	r := analyze(t, run(closed("binary", blocks(12, 1000)...), closed("text", text...)))
	o := find(t, r, "text", reports.ImagesRate)
	if o.DisturbedRounds != 5 || o.WithDisturbed == nil || o.WithoutDisturbed == nil || *o.WithDisturbed >= *o.WithoutDisturbed {
		t.Errorf("%d disturbed rounds, %v with, %v without, want 5 and less with",
			o.DisturbedRounds, show(o.WithDisturbed), show(o.WithoutDisturbed))
	}
}

func TestTotalsSeeTheStallsThatMediansHide(t *testing.T) {
	text := blocks(40, 1000)
	for i := 1; i < 40; i += 4 {
		text[i] = block(i, 10)
	}
	r := analyze(t, run(closed("binary", blocks(40, 1000)...), closed("text", text...)))
	if o := find(t, r, "text", reports.ImagesRate); !is(o.Ratio, 1) {
		t.Fatalf("median %v, want 1", show(o.Ratio))
	}
	if notes := strings.Join(r.Footnotes, "\n"); !strings.Contains(notes, "rare stalls hide from medians") {
		t.Errorf("footnotes say\n%s\nwant one on stalls", notes)
	}
}

func TestOverheadOfWhatIsMissingIsNull(t *testing.T) {
	silent := blocks(8, 800)
	for i := range silent {
		silent[i].TargetCPUNs = nil
	}
	r := analyze(t, run(closed("binary", blocks(8, 1000)...), closed("text", silent...), closed("text+codec=std")))
	if o := find(t, r, "text", reports.TargetCPU); o.Ratio != nil || o.Significant || o.Rounds != 0 {
		t.Errorf("target CPU of one end alone: %+v, want null", o)
	}
	if o := find(t, r, "text+codec=std", reports.ImagesRate); o.Ratio != nil {
		t.Errorf("a cell without samples has a ratio: %v", *o.Ratio)
	}
}

func TestOverheadNeedsSixRoundsForAnInterval(t *testing.T) {
	r := analyze(t, run(closed("binary", blocks(5, 1000)...), closed("text", blocks(5, 800)...)))
	o := find(t, r, "text", reports.ImagesRate)
	if !is(o.Ratio, 0.8) || o.Low != nil || o.High != nil || o.Significant || o.TotalsLow != nil {
		t.Errorf("five rounds: %+v, want a ratio without interval", o)
	}
}

func TestLatencyAtSaturationHasNoOverhead(t *testing.T) {
	for _, o := range analyze(t, specimen.Elsewhere()).Overhead {
		if latency := strings.HasPrefix(o.Metric, "response"); latency && o.Load == record.Closed {
			t.Errorf("%s is compared under load %s", o.Metric, o.Load)
		}
	}
}

func TestFloor(t *testing.T) {
	for _, c := range []struct {
		mode, baseline string
		want           float64 // 0: none
	}{
		{"text", "binary", 4.0 / 3},
		{"text+codec=std#2", "binary", 4.0 / 3},
		{"binary", "text", 0.75},
		{"binary#2", "binary", 1},
		{"text+codec=std", "text", 1},
		{"text+deflate", "binary", 0},
	} {
		rec := run(closed(c.baseline, blocks(6, 1000)...), closed(c.mode, blocks(6, 1000)...))
		rec.Settings.Baseline = c.baseline
		o := find(t, analyze(t, rec), c.mode, reports.WireBytes)
		if c.want == 0 && o.Floor != nil || c.want != 0 && !is(o.Floor, c.want) {
			t.Errorf("floor of %s against %s: %v, want %v", c.mode, c.baseline, show(o.Floor), c.want)
		}
	}
}

func TestImagesOfEqualSizeAreComparedWithTheirOwn(t *testing.T) {
	var cells []record.Cell
	for i, source := range []string{"a.jpg", "b.jpg"} {
		for _, mode := range []string{"binary", "text"} {
			rate := uint64(1000)
			if mode == "text" {
				rate = uint64(800 - 200*i)
			}
			c := closed(mode, blocks(6, rate)...)
			c.Source = source
			cells = append(cells, c)
		}
	}
	var got []string
	for _, o := range analyze(t, run(cells...)).Overhead {
		if o.Metric == reports.ImagesRate {
			got = append(got, o.Source+" "+reports.FormatDifference(*o.Ratio))
		}
	}
	if want := []string{"a.jpg −20.0 %", "b.jpg −40.0 %"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
