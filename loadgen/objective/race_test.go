//go:build race

package objective

// raceEnabled says that the race detector watches, at three to ten times the cost.
const raceEnabled = true
