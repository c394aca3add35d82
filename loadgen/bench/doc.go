// Package bench compares modes: it drives a target through many short blocks,
// one mode beside the other, and returns the run that reports are made of.
//
// For each source of images and each load there is one group of cells, a cell
// a mode. A round is one block of every cell whose group is due: the sources in
// an order shuffled by the seed, the modes of a group back to back, their order
// reversed from one of its rounds to the next (AB, BA), so that what drifts
// slowly meets both alike. Before the rounds every cell is warmed up, which
// also tells how long its blocks must be and how often its group is due: those
// that take long less often, the single load, which serves no primary, least.
//
// The rounds go on until the primaries — images/s, and the target's CPU per
// image where it tells — have intervals as narrow as Settings.Precision, for
// every mode and every source under the closed load, or Settings.TimeBudget
// ends them; or there are Settings.Rounds of them. A group that is precise
// rests, and leaves its time to the others.
//
// The open load comes last and has rounds of its own, of longer blocks: all
// modes of a source at the same images a second, half of what the slower one
// reached closed, with the same arrivals. Where the time is too short for all
// sources it is given to those in the middle, and the run says so.
//
// An audited run counts every image, warm-up and settling included, and ends by
// comparing the books (package audit).
//
// Run is the whole of it. Everything that can be decided without a clock or a
// socket is in plan.go, rotation.go and precision.go.
package bench
