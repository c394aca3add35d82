// Package bench compares modes: it drives a target through many short blocks,
// one mode beside the other, and returns the run that reports are made of.
//
// For each source of images and each load there is one cell a mode. A round is
// one block of every cell: the sources in an order shuffled by the seed, the
// modes of one source and load back to back, their order reversed from round
// to round (AB, BA), so that what drifts slowly meets both alike. Before the
// rounds every cell is warmed up, which also tells how long its blocks must be
// and how many rounds there is time for.
//
// The open load comes last and has rounds of its own, of longer blocks: all
// modes of a source at the same images a second, half of what the slower one
// reached closed, with the same arrivals. Where the time is too short for all
// sources it is given to those in the middle, and the run says so.
//
// Run is the whole of it. Everything that can be decided without a clock or a
// socket is in plan.go.
package bench
