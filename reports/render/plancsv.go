package render

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/wsimg/wsimg/reports/plan"
)

// PlanCSV writes p tidily: one figure a row, under a header. A figure that is
// not known has an empty value. What the baseline saves against a mode is
// prefixed with "saved_", and with "saved_share_" as a share of what the mode
// takes. Rows of a what-if say what was varied, and its value in the unit of the
// input (users, images/s, shares, bytes). The assumptions that a figure rests on
// are numbers, with spaces between; their texts are rows of their own, at the
// end. Every row has the verdict on the runs that the plan is from.
func PlanCSV(w io.Writer, p *plan.Plan) error {
	rows := [][]string{{"what_if", "what_if_value", "mode", "metric", "unit", "value", "low", "high", "bound", "origin", "assumes", "verdict"}}
	add := func(varied, at, mode, metric string, f plan.Figure) {
		numbers := make([]string, len(f.Assumes))
		for i, n := range f.Assumes {
			numbers[i] = strconv.Itoa(n)
		}
		rows = append(rows, []string{varied, at, mode, metric, f.Unit, plain(f.Value), plain(f.Low), plain(f.High),
			string(f.Bound), string(f.Origin), strings.Join(numbers, " "), string(p.Verdict)})
	}
	resources := append(plan.ServerResources(), p.FleetResources()...)
	for i := range p.Fleets {
		for _, r := range resources {
			add("", "", p.Fleets[i].Mode, r.Key, *r.Of(&p.Fleets[i]))
		}
	}
	for _, s := range p.Savings {
		add("", "", s.Mode, "saved_"+s.Resource, s.Amount)
		add("", "", s.Mode, "saved_share_"+s.Resource, s.Share)
	}
	for _, v := range p.WhatIf {
		for i := range v.Fleets {
			for _, r := range resources {
				add(v.Name, plain(&v.Value), v.Fleets[i].Mode, r.Key, *r.Of(&v.Fleets[i]))
			}
		}
	}
	for _, a := range p.Assumed {
		rows = append(rows, []string{"", "", "", "assumption", "", a.Text, "", "", "", "", strconv.Itoa(a.Number), string(p.Verdict)})
	}
	if err := csv.NewWriter(w).WriteAll(rows); err != nil {
		return fmt.Errorf("write plan as CSV: %w", err)
	}
	return nil
}
