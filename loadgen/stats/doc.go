// Package stats is the mathematics of a comparison: medians of paired ratios,
// ratios of totals, quantiles of merged histograms, each with its interval,
// and what a comparison could have detected. It is a leaf: no I/O, no clock,
// no state, and the same input always gives the same output, for whatever is
// random takes a seed.
//
// # Which function for which figure
//
//   - A rate or a cost a round: [Paired]. Noise is slow, so the two blocks of
//     one round share most of it; their ratio loses it, and the median of the
//     ratios ignores the rounds that something else disturbed.
//   - The same from totals: [TotalsRatio]. A median is blind to rare stalls,
//     totals are not; the two disagreeing is news.
//   - A percentile: [Distribution.Quantile] of the histograms merged over
//     rounds, [QuantileRatio] for the interval of a ratio. Never the median of
//     percentiles of blocks: a percentile of a short block is a different
//     quantity, and averaging it does not bring the tail back.
//   - The same of blocks that were measured one after the other: [UnpairedTotals],
//     [UnpairedQuantile]. What drifted in between is in the ratio.
//   - A share or a rate of one stretch, from its sub-windows: [BatchMeans], and
//     never by taking images for independent. [Slope] of what adds up over them.
//   - When rounds have told enough to end: [Precise]. An interval that was
//     looked at until it pleased is too narrow, unless the rule allows for it.
//
// All intervals are at [Confidence], bounds of one side at [OneSided]. A figure
// that the sample cannot support has no interval ([Estimate.Interval] is nil) or no value ([SamplesNeeded]).
package stats
