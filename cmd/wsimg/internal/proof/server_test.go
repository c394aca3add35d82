package proof

import (
	"bytes"
	"math"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/wsimg/wsimg/loadgen/stats"
)

func TestServerEchoesDelaysAndKeepsALogOfEveryMode(t *testing.T) {
	s, err := serve(map[string]time.Duration{"binary": ms, "binary#2": 3 * ms}, 0.1, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	const images = 5
	for _, mode := range []string{"binary", "binary#2"} {
		conn, _, err := websocket.DefaultDialer.Dial(s.url, http.Header{"User-Agent": {"wsimg/0.1.0 (" + mode + ")"}})
		if err != nil {
			t.Fatal(err)
		}
		for i := range images {
			sent := bytes.Repeat([]byte{byte(i)}, 2000)
			if err := conn.WriteMessage(websocket.BinaryMessage, sent); err != nil {
				t.Fatal(err)
			}
			kind, got, err := conn.ReadMessage()
			if err != nil || kind != websocket.BinaryMessage || !bytes.Equal(got, sent) {
				t.Fatalf("%s: got %d bytes of type %d, %v, want what was sent", mode, len(got), kind, err)
			}
		}
		bye := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
		if err := conn.WriteMessage(websocket.CloseMessage, bye); err != nil {
			t.Fatal(err)
		}
		conn.Close()
	}
	logs, err := s.close()
	if err != nil {
		t.Errorf("the server found fault with its sessions: %v", err)
	}
	for mode, usual := range s.usual {
		if len(logs[mode]) != images {
			t.Fatalf("%s: the log has %d images, want %d", mode, len(logs[mode]), images)
		}
		for i, v := range logs[mode] {
			if v.planned < usual/2 || v.planned > 2*usual {
				t.Errorf("%s, image %d: planned delay %v, want about %v", mode, i, v.planned, usual)
			}
			if v.replied < v.arrived+v.planned {
				t.Errorf("%s, image %d: replied at %v, arrived at %v to wait %v", mode, i, v.replied, v.arrived, v.planned)
			}
		}
	}
	alike := 0
	for i := range images {
		if r := float64(logs["binary#2"][i].planned) / float64(logs["binary"][i].planned) / 3; math.Abs(r-1) < 0.02 {
			alike++
		}
	}
	if alike == images { // the mood alone changes less within the test
		t.Error("two connections draw the same jitter")
	}
}

func TestServerTakesNoModeItDoesNotKnow(t *testing.T) {
	s, err := serve(map[string]time.Duration{"binary": ms}, 0.1, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	for _, agent := range []string{"wsimg/0.1.0 (text)", "wsimg/0.1.0", "curl/8 (binary)"} {
		_, resp, err := websocket.DefaultDialer.Dial(s.url, http.Header{"User-Agent": {agent}})
		if err == nil || resp.StatusCode != http.StatusBadRequest {
			t.Errorf("%s: got %v, want status 400", agent, err)
		}
	}
}

func TestServerEndsSessionsThatAreOpen(t *testing.T) {
	s, err := serve(map[string]time.Duration{"binary": ms}, 0.1, 1)
	if err != nil {
		t.Fatal(err)
	}
	conn, _, err := websocket.DefaultDialer.Dial(s.url, http.Header{"User-Agent": {"wsimg/0.1.0 (binary)"}})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if logs, err := s.close(); err != nil || len(logs) != 0 {
		t.Errorf("closed with a session open: log %v, error %v, want neither", logs, err)
	}
}

// Delays that are usually d₁ and d₂ must differ by d₂/d₁ in the mean and in the
// median, mood and jitter or not.
func TestDelaysKeepTheirRatio(t *testing.T) {
	draw := func(usual time.Duration, connection uint64) []float64 {
		d := &delays{usual, 0.1, newMood(7), rand.New(rand.NewPCG(7, connection))}
		var xs []float64
		for i := range 40_000 {
			xs = append(xs, d.next(time.Duration(i)*5*ms).Seconds())
		}
		return xs
	}
	plain, delayed := draw(4*ms, 1), draw(5*ms, 2)
	mean := func(xs []float64) float64 {
		sum := 0.0
		for _, x := range xs {
			sum += x
		}
		return sum / float64(len(xs))
	}
	for _, c := range []struct {
		name string
		of   func([]float64) float64
	}{{"mean", mean}, {"median", stats.Median}} {
		// Four standard errors of the ratio of two medians are 0.4 %.
		if got, want := c.of(delayed)/c.of(plain), 1.25; math.Abs(got/want-1) > 0.004 {
			t.Errorf("ratio of the %ss: got %v, want %v", c.name, got, want)
		}
	}
}

func TestHogEndsWhenItIsStopped(t *testing.T) {
	h, err := startHog()
	if err != nil {
		t.Fatal(err)
	}
	if burned, err := h.stop(); err != nil || burned <= 0 {
		t.Errorf("stopped hog: burned %v, error %v, want some CPU time", burned, err)
	}
}

func TestHogThatDiedIsAnError(t *testing.T) {
	h, err := startHog()
	if err != nil {
		t.Fatal(err)
	}
	h.cmd.Process.Kill()
	if _, err := h.stop(); err == nil || !strings.Contains(err.Error(), "before it was told to") {
		t.Errorf("killed hog: error %v, want that it ended early", err)
	}
}
