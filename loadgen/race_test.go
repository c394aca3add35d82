//go:build race

package loadgen_test

const raceEnabled = true
