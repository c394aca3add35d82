package proof

import (
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

func TestCeilingGivesOutItsSlotsInTurn(t *testing.T) {
	start := time.Now()
	at := func(ms int) time.Time { return start.Add(time.Duration(ms) * time.Millisecond) }
	c := &ceiling{slots: 2, save: 5 * time.Millisecond, free: make([]time.Time, 2)}
	if got := c.most(); got != 400 {
		t.Errorf("got a ceiling of %g/s, want 400", got)
	}
	for i, image := range []struct{ arrives, saved int }{
		{0, 5}, {1, 6}, // both are free
		{2, 10}, {3, 11}, // one waits for either
		{30, 35}, // nobody is there any more
	} {
		if got := c.take(at(image.arrives)); !got.Equal(at(image.saved)) {
			t.Errorf("image %d: saved after %v, want %d ms", i, got.Sub(start), image.saved)
		}
	}
}

func TestCeilingEchoes(t *testing.T) {
	c, err := serveCeiling(1, 5*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	defer c.close()
	conn, _, err := websocket.DefaultDialer.DialContext(t.Context(), c.url, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	began := time.Now()
	for range 3 {
		if err := conn.WriteMessage(websocket.BinaryMessage, []byte("image")); err != nil {
			t.Fatal(err)
		}
		if kind, message, err := conn.ReadMessage(); err != nil || kind != websocket.BinaryMessage || string(message) != "image" {
			t.Fatalf("got %q of kind %d and %v, want what was sent", message, kind, err)
		}
	}
	if took := time.Since(began); took < 15*time.Millisecond {
		t.Errorf("three images took %v, want 15 ms at least", took)
	}
}
