package bench

import (
	"testing"
	"time"

	"github.com/wsimg/wsimg/loadgen/record"
)

func TestRoundTripIsThatOfTheCalmestBlock(t *testing.T) {
	c := &cell{Cell: &record.Cell{Clients: 16}}
	for _, tt := range []struct {
		name   string
		sample record.Sample
		want   time.Duration
	}{
		{"the first block", record.Sample{Seconds: 0.1, Credit: 400}, 4 * time.Millisecond},
		{"a busier moment", record.Sample{Seconds: 0.1, Credit: 100}, 4 * time.Millisecond},
		{"a calmer one", record.Sample{Seconds: 0.1, Credit: 800}, 2 * time.Millisecond},
		{"nothing came back", record.Sample{Seconds: 0.1}, 2 * time.Millisecond},
		{"the window never opened", record.Sample{Credit: 3}, 2 * time.Millisecond},
	} {
		c.timed(tt.sample)
		if c.trip != tt.want {
			t.Errorf("%s: got a round trip of %v, want %v", tt.name, c.trip, tt.want)
		}
	}
}
