package render

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/verdict"
	"github.com/wsimg/wsimg/reports"
	"github.com/wsimg/wsimg/reports/plan"
)

// PlanWriter writes a plan. The error is that of w.
type PlanWriter func(w io.Writer, p *plan.Plan) error

var _, _, _, _ PlanWriter = Options{}.PlanText, PlanMarkdown, PlanCSV, PlanJSON

// PlanFormats are the names that PlanByName knows, the default first.
func PlanFormats() []string { return []string{"table", "markdown", "csv", "json"} }

// PlanByName returns the writer for a format, and an error that names the
// formats when there is none.
func PlanByName(format string, o Options) (PlanWriter, error) {
	switch format {
	case "table":
		return o.PlanText, nil
	case "markdown":
		return PlanMarkdown, nil
	case "csv":
		return PlanCSV, nil
	case "json":
		return PlanJSON, nil
	}
	all := PlanFormats()
	last := len(all) - 1
	return nil, fmt.Errorf("unknown format %q: use %s or %s", format, strings.Join(all[:last], ", "), all[last])
}

// PlanJSON writes p as one indented JSON object and a line end.
func PlanJSON(w io.Writer, p *plan.Plan) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	if err := e.Encode(p); err != nil {
		return fmt.Errorf("write plan as JSON: %w", err)
	}
	return nil
}

// PlanText writes p for a terminal: what was measured and asked, the tables,
// the conclusion, the assumptions by their numbers, and the footnotes.
func (o Options) PlanText(w io.Writer, p *plan.Plan) error {
	paint := palette(o.Colour)
	var b strings.Builder
	for _, line := range wrap(planTitle(p), Width, "", "") {
		b.WriteString(paint.bold(line) + "\n")
	}
	planHeading(&b, p, paint)
	b.WriteString("\n")
	for _, t := range planTables(p) {
		if err := t.write(&b, paint); err != nil {
			return err
		}
	}
	for _, line := range wrap(p.Conclusion, Width, "", "") {
		b.WriteString(paint.bold(line) + "\n")
	}
	b.WriteString("\n" + paint.bold("Assumptions") + "\n")
	for _, a := range p.Assumed {
		for _, line := range wrap(a.Text, Width, fmt.Sprintf("%2d  ", a.Number), "    ") {
			b.WriteString(line + "\n")
		}
	}
	for i, note := range p.Footnotes {
		if i == 0 {
			b.WriteString("\n")
		}
		for _, line := range wrap(note, Width, "· ", "  ") {
			b.WriteString(paint.dim(line) + "\n")
		}
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("write plan: %w", err)
	}
	return nil
}

// PlanMarkdown writes p as GitHub-flavoured Markdown.
func PlanMarkdown(w io.Writer, p *plan.Plan) error {
	var b, heading strings.Builder
	b.WriteString("## " + escaped(planTitle(p)) + "\n\n")
	planHeading(&heading, p, palette(false))
	b.WriteString(fenced(strings.TrimRight(heading.String(), "\n")))
	for _, t := range planTables(p) {
		t.pipes(&b)
	}
	b.WriteString("\n**" + escaped(p.Conclusion) + "**\n\n### Assumptions\n\n")
	for _, a := range p.Assumed {
		fmt.Fprintf(&b, "%d. %s\n", a.Number, escaped(a.Text))
	}
	b.WriteString("\n")
	for _, note := range p.Footnotes {
		b.WriteString("- " + escaped(note) + "\n")
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("write plan as Markdown: %w", err)
	}
	return nil
}

func planTitle(p *plan.Plan) string {
	var of []string
	for _, f := range p.Fleets {
		of = append(of, f.Mode)
	}
	return "wsimg plan: " + strings.Join(append(of, reports.FormatSize(p.Input.SizeBytes)), ", ")
}

// planHeading writes what a plan was made from and asked for.
func planHeading(b *strings.Builder, p *plan.Plan, paint palette) {
	for i, s := range p.Sources {
		name := ""
		if i == 0 {
			name = "measured"
		}
		field(b, name, join([]string{
			reports.FormatSize(s.SizeBytes), s.Started.Format("2006-01-02 15:04:05 MST"), s.URL, s.Server,
		}))
	}
	found := "images/s"
	if p.Find == record.FindClients {
		found = "clients"
	}
	field(b, "found", "the most "+found+" with "+strings.Join(p.Objectives, ", ")+" · reply "+p.MeasuredReply)
	given, assumed := planInputs(p)
	field(b, "given", join(given))
	if len(assumed) > 0 {
		field(b, "assumed", join(assumed))
	}
	colour := map[verdict.Kind]func(string) string{verdict.Valid: paint.green, verdict.Shared: paint.yellow, verdict.Void: paint.red}[p.Verdict]
	text := string(p.Verdict)
	for _, s := range p.Sources {
		if s.Verdict == p.Verdict && s.Reason != "" {
			text += ": " + s.Reason
			break
		}
	}
	fieldIn(b, "verdict", text, colour)
}
