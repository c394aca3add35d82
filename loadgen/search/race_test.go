//go:build race

package search

// slower is by how many times fewer seeds there are under the race detector.
const slower = 8
