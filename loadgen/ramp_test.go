package loadgen

import (
	"slices"
	"testing"
	"time"
)

// TestRampSpreadsTheActive has those who send come evenly among the others, as
// all come evenly.
func TestRampSpreadsTheActive(t *testing.T) {
	const length = 100 * time.Second
	for _, tt := range []struct {
		name                     string
		missing, clients, active int // the missing have the highest numbers
	}{
		{"a few of many", 999, 1000, 10},
		{"half of them", 99, 100, 50},
		{"all but one", 99, 100, 99},
		{"all", 99, 100, 100},
		{"those who send are there", 90, 100, 10},
		{"one", 99, 100, 1},
		{"nobody is to come", 0, 100, 10},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var missing []int
			for id := tt.clients - tt.missing; id < tt.clients; id++ {
				missing = append(missing, id)
			}
			r := newRamp(length, missing, tt.clients, tt.active)
			var all, active []time.Duration
			for id := range tt.clients {
				switch turn := r.turn(id); {
				case turn == 0:
				case id < tt.active:
					active = append(active, turn)
					fallthrough
				default:
					all = append(all, turn)
				}
			}
			if len(all) != tt.missing || len(active) != max(0, tt.active-tt.clients+tt.missing) {
				t.Fatalf("%d turns, of which %d are of those who send; want %d", len(all), len(active), tt.missing)
			}
			slices.Sort(all)
			for _, turns := range [][]time.Duration{all, active} {
				// One place in the order of all may be lost to another.
				slack := length / time.Duration(tt.missing+1)
				for k, got := range turns {
					want := length * time.Duration(k+1) / time.Duration(len(turns)+1)
					gap := length / time.Duration(len(turns)+1)
					if got < want-gap-slack || got > want+gap+slack {
						t.Errorf("turn %d of %d is at %v, want some %v", k+1, len(turns), got, want)
					}
				}
			}
		})
	}
}
