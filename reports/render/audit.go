package render

import "github.com/wsimg/wsimg/reports"

// faultComment returns what the audit found as a comment of formats for other
// programs; empty: nothing amiss.
func faultComment(r *reports.Report) string {
	if r.Audit == nil || r.Audit.Fault == "" {
		return ""
	}
	return "# The audit found a fault: " + oneLine(r.Audit.Fault) + "\n"
}
