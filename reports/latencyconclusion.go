package reports

import (
	"slices"

	"github.com/wsimg/wsimg/loadgen/record"
)

// concludeLatency returns a short sentence on a mode's median response time,
// unloaded and at equal load, as far as they are established; else nothing.
func concludeLatency(rows []Overhead, mode string) string {
	var clauses []string
	for _, at := range []struct{ load, where string }{
		{record.Single, "unloaded"},
		{record.Open, "at equal load"},
	} {
		ofLoad := underLoad(rows, func(load string) bool { return load == at.load })
		p50, p99 := measuredRows(ofLoad, mode, ResponseP50), measuredRows(ofLoad, mode, ResponseP99)
		if clause := latencyClause(p50, p99); clause != "" {
			clauses = append(clauses, clause+" "+at.where)
		}
	}
	if len(clauses) == 0 {
		return ""
	}
	return "Its median response is " + enumerate(clauses, "and") + "."
}

// latencyClause returns by how much a load's medians differ: where intervals
// say so, or, without any, where several sizes agree at both percentiles.
func latencyClause(p50, p99 []Overhead) string {
	found := slices.DeleteFunc(slices.Clone(p50), func(o Overhead) bool { return !o.Significant })
	perhaps := ""
	if len(found) == 0 {
		if len(sizeLabels(p50)) < 2 || !agree(append(slices.Clone(p50), p99...), perhapsMore, perhapsLess) {
			return ""
		}
		found, perhaps = p50, "perhaps "
	}
	if !agree(found, directionOf(found[0])) {
		return ""
	}
	clause := perhaps + amounts(found)
	if *found[0].Ratio > 1 {
		clause += " longer"
	} else {
		clause += " shorter"
	}
	if len(found) < len(p50) {
		clause += " at " + enumerate(sizeLabels(found), "and")
	}
	return clause
}

// agree reports whether all rows say the same, one of ds.
func agree(rows []Overhead, ds ...direction) bool {
	return slices.ContainsFunc(ds, func(d direction) bool {
		return !slices.ContainsFunc(rows, func(o Overhead) bool { return directionOf(o) != d })
	})
}
