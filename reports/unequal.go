package reports

import "github.com/wsimg/wsimg/loadgen/record"

// The stretches of a load with idle clients, as reports name them.
const measuredStretch = "with the idle clients"

var aloneStretches = [...]string{"alone before", "alone after"}

// unequal says what happened in one of the stretches that makes no comparison of
// them; empty where nothing did.
func unequal(run *record.Run, ms []*measurement) string {
	type stretch struct {
		of   *record.Sample
		open bool
		when string
	}
	var all []stretch
	for _, m := range ms {
		for b := range m.estimates {
			all = append(all, stretch{b.Sample, m.Load == record.Open, measuredStretch})
		}
		for n := range min(len(run.Idle.Alone), len(aloneStretches)) {
			all = append(all, stretch{&run.Idle.Alone[n], m.Load == record.Open, aloneStretches[n]})
		}
	}
	for _, s := range all {
		end := s.of.Seconds
		if s.of.Ramp != nil {
			end += s.of.Ramp.Seconds
		}
		gaps := newOutage(s.of.Series, run.Settings.Clients, end, s.open, run.Settings.ThinkSeconds).gaps()
		failed := total(s.of.Errors)
		if n := len(run.Idle.Alone); n == len(aloneStretches) && s.when == measuredStretch {
			failed -= min(failed, total(run.Idle.Alone[n-1].Errors)) // they are in the cell's sample too
		}
		var lost, cut uint64
		if c := s.of.Connections; c != nil {
			lost, cut = c.Lost, c.Cut
		}
		switch {
		case cut > 0:
			return was(cut, "connection") + " cut " + s.when
		case lost > 0:
			return was(lost, "connection") + " lost or given up " + s.when
		case failed > 0:
			return "there " + were(failed, "failure") + " " + s.when
		case s.of.Censored > 0:
			return was(s.of.Censored, "image") + " given up " + s.when
		case len(gaps) > 0:
			return "nothing was answered for " + span(gaps[0].Seconds, gaps[0].MostSeconds) + " " + s.when
		}
	}
	return ""
}
