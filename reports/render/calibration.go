package render

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/wsimg/wsimg/loadgen/record"
)

// Calibration is a calibration by itself, as it is printed and saved.
type Calibration struct {
	Schema      string              `json:"schema"`
	Started     time.Time           `json:"started"`
	Environment record.Environment  `json:"environment"`
	Calibration *record.Calibration `json:"calibration"`
	Conclusion  string              `json:"conclusion"`
}

// NewCalibration returns what there is to print of c, which was measured in
// env from started on.
func NewCalibration(started time.Time, env record.Environment, c *record.Calibration) *Calibration {
	return &Calibration{
		Schema:      record.CalibrationSchema,
		Started:     started,
		Environment: env,
		Calibration: c,
		Conclusion:  calibrationConclusion(c),
	}
}

// CalibrationWriter writes a calibration. The error is that of w.
type CalibrationWriter func(w io.Writer, c *Calibration) error

var _, _ CalibrationWriter = Options{}.CalibrationText, CalibrationJSON

// CalibrationFormats are the names that CalibrationByName knows, the default
// first.
func CalibrationFormats() []string { return []string{"table", "json"} }

// CalibrationByName returns the writer for a format, and an error that names
// the formats when there is none.
func CalibrationByName(format string, o Options) (CalibrationWriter, error) {
	switch format {
	case "table":
		return o.CalibrationText, nil
	case "json":
		return CalibrationJSON, nil
	}
	return nil, fmt.Errorf("unknown format %q: use %s", format, strings.Join(CalibrationFormats(), " or "))
}

// CalibrationJSON writes c as one indented JSON object and a line end.
func CalibrationJSON(w io.Writer, c *Calibration) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	if err := e.Encode(c); err != nil {
		return fmt.Errorf("write calibration as JSON: %w", err)
	}
	return nil
}

// CalibrationText writes c for a terminal: where it was measured, the
// ceilings, and what follows.
func (o Options) CalibrationText(w io.Writer, c *Calibration) error {
	p := palette(o.Colour)
	var b strings.Builder
	b.WriteString(p.bold("wsimg calibrate: the ceilings of this machine, each by itself") + "\n")
	field(&b, "machine", machine(c.Environment, nil))
	folder := c.Calibration.Folder
	if kind := c.Calibration.FileSystem; kind != "" {
		folder += " (" + kind + ")"
	}
	field(&b, "stores", "in "+folder)
	field(&b, "run", fmt.Sprintf("%s · %.1f s · %s at most · wsimg %s", c.Started.Format("2006-01-02 15:04:05 MST"),
		c.Calibration.Seconds, plural(mostRepetitions(c.Calibration), "repetition"), c.Environment.Wsimg))
	if why := c.Calibration.Incomplete; why != "" {
		fieldIn(&b, "ended", "incomplete: "+why, p.red)
	}
	b.WriteString("\n")
	for _, t := range []Table{allowances(c.Calibration), calibrationFigures(c.Calibration)} {
		if err := t.write(&b, p); err != nil {
			return err
		}
	}
	for _, line := range wrap(c.Conclusion, Width, "", "") {
		b.WriteString(p.bold(line) + "\n")
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("write calibration: %w", err)
	}
	return nil
}
