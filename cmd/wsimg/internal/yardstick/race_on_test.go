//go:build race

package yardstick

// raced: the race detector is on, and pools drop buffers at random.
const raced = true
