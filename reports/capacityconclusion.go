package reports

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/wsimg/wsimg/loadgen/objective"
	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/verdict"
)

// concludeSearch says what each mode carries at the objectives and how many
// times that the baseline does, which modes have no edge where one was sought,
// and what the machine has to do with it.
func concludeSearch(r *Report) string {
	if r.Verdict.Kind == verdict.Void && len(r.Verdict.Evidence) > 0 {
		return "No conclusion, the search is void: " + r.Verdict.Evidence[0].Text + "."
	}
	c := r.Capacity
	sentences := []string{c.concludeAnswers(r), c.concludeFew(r), c.concludeUnmet(), c.concludeUnbounded(), c.concludeUntold(r)}
	sentences = append(sentences, concludeDeclined(r.Cells)...)
	if r.Incomplete != "" {
		sentences = append([]string{"The search is incomplete (" + r.Incomplete + ")."}, sentences...)
	}
	sentences = append(sentences, concludeEnds(r))
	return strings.Join(slices.DeleteFunc(sentences, func(s string) bool { return s == "" }), " ")
}

// concludeAnswers is the sentence that the search was made for; empty where no
// mode carries anything.
func (c *Capacity) concludeAnswers(r *Report) string {
	var carries []string
	for _, a := range c.baselineLast() {
		if amount := a.amount(); amount != "" {
			carries = append(carries, amount+" "+a.Mode)
		}
	}
	if carries == nil {
		return ""
	}
	at := "At"
	if r.Incomplete != "" {
		at = "So far, at"
	}
	text := fmt.Sprintf("%s %s this server carries %s %s", at, c.InWords(), enumerate(carries, "or"), c.unit(r))
	if ratios := c.concludeRatios(); ratios != "" {
		text += ": " + ratios
	}
	return text + "."
}

// baselineLast is the answers in the order of the conclusion, which ends with
// what the baseline carries more, or less.
func (c *Capacity) baselineLast() []CapacityAnswer {
	if len(c.Answers) == 0 {
		return nil
	}
	return append(slices.Clone(c.Answers[1:]), c.Answers[0])
}

// amount is what a mode carries, as far as it is known: an interval, a bracket,
// a bound; empty where it carries nothing that was tried, or nothing is known.
func (a CapacityAnswer) amount() string {
	switch {
	case a.Unmet:
		return ""
	case a.endless():
		return "at least " + FormatLoad(*a.Passed)
	case a.Load != nil && a.Low != nil && a.High != nil:
		return fmt.Sprintf("%s [%s–%s]", FormatNumber(*a.Load), FormatNumber(*a.Low), FormatNumber(*a.High))
	case a.Passed != nil && a.Failed != nil:
		return fmt.Sprintf("between %s and %s", FormatLoad(min(*a.Passed, *a.Failed)), FormatLoad(max(*a.Passed, *a.Failed)))
	case a.Passed != nil:
		return "at least " + FormatLoad(*a.Passed)
	case a.Failed != nil:
		return "less than " + FormatLoad(*a.Failed)
	}
	return ""
}

// endless reports whether no load was too much that was tried.
func (a CapacityAnswer) endless() bool { return a.Unbounded && a.Passed != nil }

// unit is what loads are counted in, and of which images: "images/s of 200 KB".
func (c *Capacity) unit(r *Report) string {
	of := ""
	if len(r.Cells) > 0 {
		of = FormatSize(r.Cells[0].SizeBytes)
	}
	think := r.Settings.ThinkSeconds
	switch {
	case c.Find == record.FindRate:
		return strings.TrimSuffix("images/s of "+of, " of ")
	case c.PerClientPerS > 0:
		return fmt.Sprintf("clients of %s each, with images of %s", FormatPace(c.PerClientPerS), of)
	case think > 0:
		return fmt.Sprintf("clients with %v to think and images of %s", time.Duration(think*float64(time.Second)), of)
	}
	return "clients with images of " + of + " back to back"
}

// FormatPace writes the pace of a client as flags take it: "2/s", or "1/30s"
// where it is less than one image a second.
func FormatPace(perS float64) string {
	if perS <= 0 || perS >= 1 {
		return FormatRate(perS)
	}
	return "1/" + strings.TrimSuffix(FormatRate(1/perS), "/s") + "s"
}

// concludeRatios says how much more the baseline carries than each mode.
func (c *Capacity) concludeRatios() string {
	var clauses []string
	for _, q := range c.Ratios {
		if q.Ratio == nil {
			continue
		}
		against := ""
		if len(c.Ratios) > 1 {
			against = "against " + q.Mode + " "
		}
		more := q.Difference()
		switch {
		case q.Low == nil:
			clauses = append(clauses, fmt.Sprintf("%s%s carries perhaps %s, from too few confirmations to be sure", against, q.Baseline, more))
		case q.Significant:
			clauses = append(clauses, fmt.Sprintf("%s%s carries %s", against, q.Baseline, more))
		default:
			clause := fmt.Sprintf("no measurable difference between %s and %s, %s", q.Baseline, q.Mode, more)
			if q.Detectable != nil {
				clause += fmt.Sprintf(" (one of %s would have shown)", eitherWay(*q.Detectable))
			}
			clauses = append(clauses, clause)
		}
	}
	return strings.Join(clauses, "; ")
}

// Difference writes how much more the baseline carries, with its interval where
// there is one: "+36 % [+31 %, +42 %]". Empty where it is not known.
func (q CapacityRatio) Difference() string {
	if q.Ratio == nil {
		return ""
	}
	decimals := 0
	if q.Low != nil && q.High != nil && *q.High-*q.Low < 0.02 {
		decimals = 1
	}
	points := func(ratio float64) string { return FormatPoints(100*(ratio-1), decimals) + " %" }
	if q.Low == nil || q.High == nil {
		return points(*q.Ratio)
	}
	return fmt.Sprintf("%s [%s, %s]", points(*q.Ratio), points(*q.Low), points(*q.High))
}

// concludeFew says where there is a bracket in the place of an interval.
func (c *Capacity) concludeFew(r *Report) string {
	modes := c.modesOf(func(a CapacityAnswer) bool {
		return a.Low == nil && a.Passed != nil && a.Failed != nil && !a.Unmet && !a.Unbounded
	})
	if r.Incomplete != "" || modes == nil {
		return ""
	}
	of := ""
	if len(modes) < len(c.Answers) {
		of = " of " + enumerate(modes, "and")
	}
	return fmt.Sprintf("There were too few confirmations%s for an interval: told is the highest load that passed and the lowest that failed; "+
		"give the search more time.", of)
}

// modesOf returns the modes whose answers are so.
func (c *Capacity) modesOf(so func(CapacityAnswer) bool) []string {
	var modes []string
	for _, a := range c.baselineLast() {
		if so(a) {
			modes = append(modes, a.Mode)
		}
	}
	return modes
}

// concludeUnmet names the modes that miss the objectives at the least load, and
// which they miss.
func (c *Capacity) concludeUnmet() string {
	missing := map[string][]string{} // modes, by what they miss and where
	var order []string
	for _, a := range c.baselineLast() {
		if !a.Unmet {
			continue
		}
		what := "objectives"
		if a.Decided != "" {
			what = c.missed(a.Decided)
		}
		if a.Decided == objective.Backlogged {
			what = c.InWords() + ", for more and more is left undone,"
		}
		if a.Failed != nil {
			what += " at the lowest load that was tried, " + c.load(*a.Failed)
		}
		if missing[what] == nil {
			order = append(order, what)
		}
		missing[what] = append(missing[what], a.Mode)
	}
	if order == nil {
		return ""
	}
	var clauses []string
	for _, what := range order {
		verb := " misses "
		if len(missing[what]) > 1 {
			verb = " miss "
		}
		clauses = append(clauses, enumerate(missing[what], "and")+verb+what)
	}
	return strings.Join(clauses, "; ") + ": ask for less, or make the server faster."
}

// load writes a load that was tried: "1,840/s", "1,200 clients".
func (c *Capacity) load(load float64) string {
	switch {
	case c.Find == record.FindRate:
		return FormatLoad(load) + "/s"
	case load == 1:
		return "1 client"
	}
	return FormatLoad(load) + " clients"
}

// concludeUnbounded names the modes that met the objectives at the highest load.
func (c *Capacity) concludeUnbounded() string {
	modes := c.modesOf(CapacityAnswer.endless)
	if modes == nil {
		return ""
	}
	highest := 0.0
	for _, a := range c.Answers {
		if a.endless() {
			highest = max(highest, *a.Passed)
		}
	}
	return fmt.Sprintf("%s met %s at the highest load that was tried, %s: raise --max to find where that ends.",
		enumerate(modes, "and"), c.InWords(), c.load(highest))
}

// concludeUntold names the modes that nothing is known of, but for those that
// were declined.
func (c *Capacity) concludeUntold(r *Report) string {
	var sentences []string
	for _, a := range c.baselineLast() {
		refused := func(c Cell) bool { return c.Mode == a.Mode && c.declined() }
		switch {
		case a.Unmet || a.amount() != "" || slices.ContainsFunc(r.Cells, refused):
		case a.Probes == 0:
			sentences = append(sentences, a.Mode+" was not measured.")
		default:
			sentences = append(sentences, fmt.Sprintf("Of %s nothing can be told: no probe passed, and none failed.", a.Mode))
		}
	}
	return strings.Join(sentences, " ")
}

// concludeEnds says what the two ends had of the machine.
func concludeEnds(r *Report) string {
	s := r.Settings
	switch {
	case r.Environment.Shared && s.GeneratorCPUs.Apart(s.TargetCPUs):
		return fmt.Sprintf("Both ends ran on this machine, the target on %s and the generator on %s: "+
			"these loads are that machine's, and the ratio carries over better.", s.TargetCPUs.Words(), s.GeneratorCPUs.Words())
	case r.Environment.Shared:
		return fmt.Sprintf("BOTH ENDS SHARED THIS MACHINE: these loads are what both reach together on its %s, and the ratio carries over better; "+
			"keep the ends apart with --target-cpus and --generator-cpus, or use two machines.", count(uint64(r.Environment.Cores), "core"))
	case len(s.GeneratorCPUs) > 0:
		return "The generator ran on " + s.GeneratorCPUs.Words() + "."
	}
	return ""
}
