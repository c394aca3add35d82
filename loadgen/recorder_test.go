package loadgen

import (
	"math"
	"testing"
	"time"

	"github.com/wsimg/wsimg/loadgen/record"
)

func ms(n float64) int64 { return int64(n * float64(time.Millisecond)) }

// TestWindowCreditsByOverlap plays two clients through a window of 100 ms,
// which opens with the second one's first reply, at 20 ms.
func TestWindowCreditsByOverlap(t *testing.T) {
	w := newWindow(2, 100*time.Millisecond)
	if share, began := w.share(0, ms(10)); share != 0 || began {
		t.Errorf("before the window opens: got share %v, began %v", share, began)
	}
	w.arrive(ms(10))
	if w.seconds() != 0 || w.over(ms(1e6)) {
		t.Error("the window is open while a client still waits for its first reply")
	}
	w.arrive(ms(20))
	for _, tt := range []struct {
		name     string
		from, to float64
		share    float64
		began    bool
	}{
		{"before", 5, 15, 0, false},
		{"half before", 10, 30, 0.5, false},
		{"inside", 30, 40, 1, true},
		{"from its first instant", 20, 30, 1, true},
		{"half after", 110, 130, 0.5, true},
		{"a stall over its end", 100, 1020, 20.0 / 920, true},
		{"over all of it", 0, 200, 0.5, false},
		{"after", 120, 130, 0, false},
	} {
		share, began := w.share(ms(tt.from), ms(tt.to))
		if math.Abs(share-tt.share) > 1e-9 || began != tt.began {
			t.Errorf("%s: got share %v, began %v; want %v, %v", tt.name, share, began, tt.share, tt.began)
		}
	}
	if w.over(ms(119)) || !w.over(ms(120)) {
		t.Error("the window does not end after 100 ms")
	}
	w.cut(ms(70))
	if got := w.seconds(); math.Abs(got-0.05) > 1e-9 {
		t.Errorf("cut at 70 ms: got %v s, want 0.05", got)
	}
}

// TestStallAtTheEndIsRecorded has the last round trip of a block take ten
// times the block: it must be in the histogram with all its time.
func TestStallAtTheEndIsRecorded(t *testing.T) {
	r := newRecorder(4)
	b := newBlock(Block{Length: 100 * time.Millisecond}, &Fleet{clock: newClock(), size: 1, recorder: r, settings: Settings{Clients: 1, InFlight: 1}}, ramp{})
	b.window.arrive(ms(0.001))
	var last settled
	at := 0.001
	for range 99 {
		b.settle(0, roundTrip{owed: owed{due: ms(at), ready: ms(at), begin: ms(at), start: ms(at)}, end: ms(at + 1), verified: ms(at + 1), bytes: 10}, &last)
		at++
	}
	b.settle(0, roundTrip{owed: owed{due: ms(at), ready: ms(at), begin: ms(at), start: ms(at)}, end: ms(at + 1000), verified: ms(at + 1000), bytes: 10}, &last)
	var s record.Sample
	if err := r.merge(&s); err != nil {
		t.Fatal(err)
	}
	h, err := s.Response.Decode()
	if err != nil {
		t.Fatal(err)
	}
	if s.Images != 100 || h.TotalCount() != 100 {
		t.Errorf("got %d images and %d response times, want 100 of each", s.Images, h.TotalCount())
	}
	if got := time.Duration(h.Max()); got < 999*time.Millisecond {
		t.Errorf("the longest response is %v, want the stall of 1 s", got)
	}
	if s.Credit < 99 || s.Credit > 99.01 {
		t.Errorf("got credit for %v images, want 99 and a little", s.Credit)
	}
}

// TestOutOfRangeIsClampedAndCounted keeps what the histogram can't hold.
func TestOutOfRangeIsClampedAndCounted(t *testing.T) {
	r := newRecorder(4)
	r.add(0, &roundTrip{end: int64(2 * time.Minute)}, 1, true)
	var s record.Sample
	if err := r.merge(&s); err != nil {
		t.Fatal(err)
	}
	h, _ := s.Response.Decode()
	if s.Clamped != 2 || h.TotalCount() != 1 { // response and service time
		t.Errorf("got %d clamped and %d recorded, want 2 and 1", s.Clamped, h.TotalCount())
	}
}

func BenchmarkRecord(b *testing.B) {
	r := newRecorder(4)
	t := roundTrip{owed: owed{due: 0, ready: 100, begin: 300, start: 500, sent: 100_014}, end: 80_000, verified: 81_000, bytes: 100_000, received: 100_010}
	for b.Loop() {
		r.add(3, &t, 1, true)
	}
}
