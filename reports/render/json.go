package render

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/wsimg/wsimg/reports"
)

var _ Writer = JSON

// JSON writes r as one indented JSON object and a line end.
func JSON(w io.Writer, r *reports.Report) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	if err := e.Encode(r); err != nil {
		return fmt.Errorf("write report as JSON: %w", err)
	}
	return nil
}
