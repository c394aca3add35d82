//go:build race

package loadgen

// RaceEnabled says that the race detector watches, at three to ten times the
// cost.
const RaceEnabled = true
