//go:build race

package search

// raceEnabled says that the race detector watches, at three to ten times the
// cost. What needs many seeds goes without it: there is but one goroutine.
const raceEnabled = true
