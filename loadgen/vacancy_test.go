package loadgen

import (
	"slices"
	"testing"
)

func TestVacancies(t *testing.T) {
	v := newVacancies()
	v.rest(1)
	v.add(2)
	v.add(3) // says no more than it said
	select {
	case <-v.news:
	default:
		t.Error("nobody was told that a number is vacant")
	}
	if got := v.take(false); !slices.Equal(got, []int{2, 3}) {
		t.Errorf("got %v, want 2 and 3: 1 rests", got)
	}
	v.putBack(3)
	select {
	case <-v.news:
		t.Error("putting back is no news: who does it looks again anyway")
	default:
	}
	if got := v.take(true); !slices.Equal(got, []int{3, 1}) {
		t.Errorf("got %v, want 3 and the resting 1", got)
	}
	if got := v.take(true); len(got) > 0 {
		t.Errorf("got %v again", got)
	}
}
