package reports

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/verdict"
)

// conclude says what the primaries and the bytes come to, in plain words: one
// sentence for each mode against the baseline, a short one for its latency, one
// for where its CPU goes, and one for what limits them.
func conclude(r *Report) string {
	if r.Verdict.Kind == verdict.Void && len(r.Verdict.Evidence) > 0 {
		return "No conclusion, the run is void: " + r.Verdict.Evidence[0].Text + "."
	}
	var sentences []string
	for _, mode := range comparedModes(r.Overhead) {
		if s := concludeMode(r.Overhead, mode, r.Settings.Baseline); s != "" {
			sentences = append(sentences, s)
		}
		if s := concludeLatency(r.Overhead, mode); s != "" {
			sentences = append(sentences, s)
		}
		if s := concludeCost(r.Costs, mode); s != "" {
			sentences = append(sentences, s)
		}
	}
	declined := concludeDeclined(r.Cells)
	if len(sentences) == 0 && len(declined) > 0 {
		return "Nothing could be compared. " + strings.Join(declined, " ")
	}
	if len(sentences) == 0 {
		return nothingCompared(r)
	}
	sentences = append(sentences, declined...)
	if r.Verdict.Voids(record.Open) {
		sentences = append(sentences, "Latency at equal load is void and not compared: the verdict says why.")
	} else {
		sentences = append(sentences, concludeBehind(r.Cells)...)
	}
	if failed := failures(r.Cells); failed > 0 {
		sentences = append(sentences, fmt.Sprintf("%s failed: see errors.", count(failed, "image")))
	}
	if r.Incomplete != "" {
		sentences = append(sentences, "The run is incomplete.")
	}
	if r.Verdict.Kind == verdict.Shared {
		sentences = append(sentences, "Both ends shared one machine: compare modes by this, but size nothing with these rates.")
	}
	return strings.Join(sentences, " ")
}

// concludeBehind names the cells at equal load that the server did not keep up
// with.
func concludeBehind(cells []Cell) []string {
	var behind []string
	for _, c := range cells {
		if isOpen(c) && c.Failed == "" && !c.keptUp() {
			behind = append(behind, fmt.Sprintf("%s at %s", c.Mode, FormatSize(c.SizeBytes)))
		}
	}
	if len(behind) == 0 {
		return nil
	}
	return []string{"At equal load, the server did not keep up with " + enumerate(behind, "and") + "."}
}

// concludeDeclined says of each mode that no image was sent in why that is.
func concludeDeclined(cells []Cell) []string {
	var sentences []string
	for _, c := range cells {
		if s := fmt.Sprintf("%s could not be measured: %s.", c.Mode, c.Failed); c.declined() && !slices.Contains(sentences, s) {
			sentences = append(sentences, s)
		}
	}
	return sentences
}

// nothingCompared says why there is no comparison.
func nothingCompared(r *Report) string {
	modes := map[string]bool{}
	for _, c := range r.Cells {
		if c.Images > 0 {
			modes[c.Mode] = true
		}
	}
	switch {
	case !modes[r.Settings.Baseline]:
		return fmt.Sprintf("Nothing to compare with: the baseline, %s, was not measured.", r.Settings.Baseline)
	case len(modes) == 1:
		return fmt.Sprintf("Only %s was measured: name a second mode to compare it with.", r.Settings.Baseline)
	}
	return "Nothing could be compared: no round has both modes at saturation."
}

func comparedModes(rows []Overhead) []string {
	var modes []string
	for _, o := range rows {
		if !slices.Contains(modes, o.Mode) {
			modes = append(modes, o.Mode)
		}
	}
	return modes
}

func failures(cells []Cell) uint64 {
	var n uint64
	for _, c := range cells {
		n += c.ErrorCount
	}
	return n
}

// wording is how a metric is spoken of; each takes the amount.
type wording struct{ metric, more, less, same string }

var wordings = [...]wording{
	{TargetCPU, "costs the target %s more CPU per image", "costs the target %s less CPU per image", "target CPU per image"},
	{ImagesRate, "carries %s more images/s", "carries %s fewer images/s", "images/s"},
	{WireBytes, "moves %s more bytes", "moves %s fewer bytes", "bytes"},
}

// concludeMode returns the sentence on one mode, empty when none of what it
// would rest on was measured.
func concludeMode(rows []Overhead, mode, baseline string) string {
	var clauses, level []string
	var levelRows, used []Overhead
	for _, w := range wordings {
		of := atSaturation(measuredRows(rows, mode, w.metric))
		if len(of) == 0 {
			continue
		}
		used = append(used, of...)
		if !slices.ContainsFunc(of, func(o Overhead) bool { return directionOf(o) != same }) {
			level, levelRows = append(level, w.same), append(levelRows, of...)
			continue
		}
		clauses = append(clauses, w.clauses(of)...)
	}
	if len(used) == 0 {
		return ""
	}
	if len(level) > 0 {
		clauses = append(clauses, noDifference(enumerate(level, "or"), levelRows))
	}
	opening, at := "Against", sizes(used)
	estimated := slices.DeleteFunc(used, func(o Overhead) bool { return o.Metric == WireBytes })
	if len(estimated) > 0 && !slices.ContainsFunc(estimated, func(o Overhead) bool { return directionOf(o) < perhapsMore }) {
		opening = "From too few rounds to be sure, against"
	}
	return fmt.Sprintf("%s %s, %s, %s %s.", opening, baseline, at, mode, enumerate(clauses, "and"))
}

// measuredRows returns the rows of that mode and metric that have a ratio.
func measuredRows(rows []Overhead, mode, metric string) []Overhead {
	return slices.DeleteFunc(slices.Clone(rows), func(o Overhead) bool {
		return o.Mode != mode || o.Metric != metric || o.Ratio == nil
	})
}

// atSaturation leaves out what was measured under an open load, unless there
// is nothing else: primaries are declared at saturation.
func atSaturation(rows []Overhead) []Overhead {
	closed := underLoad(rows, func(load string) bool { return load != record.Open })
	if len(closed) == 0 {
		return rows
	}
	return closed
}

func underLoad(rows []Overhead, is func(load string) bool) []Overhead {
	return slices.DeleteFunc(slices.Clone(rows), func(o Overhead) bool { return !is(o.Load) })
}

// direction is what a row says.
type direction int

const (
	same direction = iota
	more
	less
	perhapsMore // too few rounds for an interval
	perhapsLess
)

func directionOf(o Overhead) direction {
	up := *o.Ratio > 1
	switch {
	case o.Significant && up:
		return more
	case o.Significant:
		return less
	case o.Low != nil || o.Metric == WireBytes:
		return same
	case up:
		return perhapsMore
	}
	return perhapsLess
}

// clauses returns one clause for each direction that the sizes take, naming
// the sizes when they do not all take the same.
func (w wording) clauses(rows []Overhead) []string {
	groups := map[direction][]Overhead{}
	for _, o := range rows {
		groups[directionOf(o)] = append(groups[directionOf(o)], o)
	}
	var clauses []string
	for _, d := range []direction{more, less, perhapsMore, perhapsLess, same} {
		group := groups[d]
		if len(group) == 0 {
			continue
		}
		at := ""
		if len(groups) > 1 {
			at = " at " + enumerate(sizeLabels(group), "and")
		}
		clauses = append(clauses, w.clause(d, group, at))
	}
	return clauses
}

func (w wording) clause(d direction, group []Overhead, at string) string {
	switch d {
	case more:
		return fmt.Sprintf(w.more, amounts(group)) + at
	case less:
		return fmt.Sprintf(w.less, amounts(group)) + at
	case perhapsMore:
		return fmt.Sprintf(w.more, "perhaps "+amounts(group)) + at
	case perhapsLess:
		return fmt.Sprintf(w.less, "perhaps "+amounts(group)) + at
	}
	return noDifference(w.same+at, group)
}

// noDifference says so, and what the rows could have detected.
func noDifference(in string, rows []Overhead) string {
	var detectable float64
	for _, o := range rows {
		if o.Detectable != nil {
			detectable = max(detectable, *o.Detectable)
		}
	}
	text := "shows no measurable difference in " + in
	if detectable > 0 {
		text += " (one of " + eitherWay(detectable) + " would have shown)"
	}
	return text
}

// eitherWay writes a difference that is as likely to be found upwards as
// downwards: as far as a ratio, so 143 % more is 59 % less. Small ones read the
// same.
func eitherWay(more float64) string {
	up, down := percent(more), percent(more/(1+more))
	if up == down {
		return up
	}
	return up + " more or " + down + " less"
}

// amounts returns the range of the rows' differences: "12 %–31 %".
func amounts(rows []Overhead) string {
	low, high := math.Inf(1), 0.0
	for _, o := range rows {
		difference := math.Abs(*o.Ratio - 1)
		low, high = min(low, difference), max(high, difference)
	}
	format := percent
	if rows[0].Metric == WireBytes {
		format = func(x float64) string { return fmt.Sprintf("%.1f %%", 100*x) }
	}
	if format(low) == format(high) {
		return format(low)
	}
	return format(low) + "–" + format(high)
}

// sizes returns "at 100 KB" or "over 10 KB–1 MB".
func sizes(rows []Overhead) string {
	labels := sizeLabels(rows)
	if len(labels) == 1 {
		return "at " + labels[0]
	}
	return "over " + labels[0] + "–" + labels[len(labels)-1]
}

// sizeLabels returns the rows' sizes, ascending, each once.
func sizeLabels(rows []Overhead) []string {
	var bytes []int64
	for _, o := range rows {
		bytes = append(bytes, o.SizeBytes)
	}
	slices.Sort(bytes)
	var labels []string
	for _, b := range slices.Compact(bytes) {
		labels = append(labels, FormatSize(b))
	}
	return slices.Compact(labels)
}

// enumerate joins words as prose does: "a, b and c".
func enumerate(words []string, last string) string {
	n := len(words)
	if n < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:n-1], ", ") + " " + last + " " + words[n-1]
}
