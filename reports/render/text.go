package render

import (
	"fmt"
	"io"
	"strings"

	"github.com/wsimg/wsimg/reports"
)

var _ Writer = Options{}.Text

// Text writes r for a terminal: what was measured where, the tables, the
// conclusion and the footnotes.
func (o Options) Text(w io.Writer, r *reports.Report) error {
	p := palette(o.Colour)
	var b strings.Builder
	heading(&b, r, p)
	for _, t := range Tables(r) {
		if err := t.write(&b, p); err != nil {
			return err
		}
	}
	for _, line := range wrap(r.Conclusion, Width, "", "") {
		b.WriteString(p.bold(line) + "\n")
	}
	for i, note := range r.Footnotes {
		if i == 0 {
			b.WriteString("\n")
		}
		for _, line := range wrap(note, Width, "· ", "  ") {
			b.WriteString(p.dim(line) + "\n")
		}
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}
