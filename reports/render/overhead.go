package render

import (
	"path/filepath"
	"slices"
	"strconv"

	"github.com/wsimg/wsimg/reports"
)

// overhead is the table of every mode against the baseline, one metric a row.
func overhead(r *reports.Report) Table {
	t := Table{
		Title: "Overhead against " + r.Settings.Baseline,
		Columns: []Column{
			{Header: "size"},
			{Header: "mode"},
			{Header: "metric"},
			{Header: "overhead", Unit: "%", Align: Right},
			{Header: "95 % interval", Unit: "%", Align: Right},
			{Header: "detectable", Unit: "%", Align: Right},
			{Header: "rounds", Align: Right},
		},
	}
	sources := false
	for _, o := range r.Overhead {
		sources = sources || o.Source != "synthetic"
	}
	var before reports.Overhead
	for _, o := range r.Overhead {
		size, source, mode := reports.FormatSize(o.SizeBytes), filepath.Base(o.Source), o.Mode
		if o.SizeBytes == before.SizeBytes && o.Source == before.Source {
			size, source = "", ""
			if o.Mode == before.Mode {
				mode = ""
			}
		}
		before = o
		row := []string{size, mode, o.Name(), difference(o), interval(o), detectable(o), strconv.Itoa(o.Rounds)}
		if sources {
			row = append([]string{size, source}, row[1:]...)
		}
		t.Rows = append(t.Rows, row)
	}
	if sources {
		t.Columns = append([]Column{t.Columns[0], {Header: "images from"}}, t.Columns[1:]...)
	}
	t.Notes = notes(r.Overhead)
	return t
}

// notes explains the signs that the table uses.
func notes(rows []reports.Overhead) []string {
	var explained []string
	if slices.ContainsFunc(rows, func(o reports.Overhead) bool { return difference(o) == level }) {
		explained = append(explained, "~ no difference found: the interval contains 0.")
	}
	if slices.ContainsFunc(rows, func(o reports.Overhead) bool { return o.Detectable != nil }) {
		explained = append(explained, "Detectable: the smallest difference that this run would have found with 80 % probability.")
	}
	return explained
}

// difference is the row's overhead, "~" where none was found.
func difference(o reports.Overhead) string {
	switch {
	case o.Ratio == nil:
		return missing
	case o.Low != nil && !o.Significant:
		return level
	}
	return signed(*o.Ratio)
}

// interval is the row's interval; bytes are counted, so theirs is the floor
// that arithmetic sets.
func interval(o reports.Overhead) string {
	switch {
	case o.Low != nil && o.High != nil:
		return signed(*o.Low) + " … " + signed(*o.High)
	case o.Floor != nil:
		return "floor " + signed(*o.Floor)
	}
	return missing
}

func detectable(o reports.Overhead) string {
	if o.Detectable == nil {
		return missing
	}
	return strconv.FormatFloat(100**o.Detectable, 'f', 1, 64)
}
