package reports

import (
	"slices"

	"github.com/wsimg/wsimg/loadgen/stats"
)

// side is the blocks of one mode of a pairing.
type side []block

func (s side) responses() []stats.Distribution {
	ds := make([]stats.Distribution, len(s))
	for i, b := range s {
		ds[i] = b.response
	}
	return ds
}

// isBound reports whether the side's q-quantile of response time is only a
// lower bound: images were given up, and none of them later than it.
func (s side) isBound(q float64) bool {
	from, censored := censoredFrom(s)
	ns, ok := stats.Merge(s.responses()...).Quantile(q)
	return censored && ok && ns >= from
}

// mayBeBound reports whether the quantile of some resampling of the side's
// blocks may be only a lower bound, so that the end of an interval would be
// too. The quantile of a mixture is at most the largest of its parts'
// quantiles, so it can't where every block's own is no bound.
func (s side) mayBeBound(q float64) bool {
	from, censored := censoredFrom(s)
	return censored && slices.ContainsFunc(s, func(b block) bool {
		ns, ok := b.response.Quantile(q)
		return !ok || ns >= from
	})
}
