package siege

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/wsimg/wsimg/loadgen/schedule"
)

// enroll starts a generator that ends with the test.
func enroll(t *testing.T, c crew) *generator {
	t.Helper()
	endAtOnce(t)
	g, err := c.start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { g.dismiss() }) // a second time is harmless
	return g
}

// TestGeneratorInAProcessOfItsOwn goes the way of the slow programs.
func TestGeneratorInAProcessOfItsOwn(t *testing.T) {
	server := besiege(t)
	g := enroll(t, crew{URL: "ws://" + server.Addr().String(), Clients: 3, ImageBytes: 1000})
	if g.pid() == os.Getpid() {
		t.Error("the generator is in the process of the test")
	}
	came, err := g.connect()
	if err != nil || came.Connected != 3 || came.Seconds <= 0 {
		t.Errorf("connecting: got %d connections in %v s, %v, want 3 in some time", came.Connected, came.Seconds, err)
	}
	sample, examples, err := g.drive(stint{Rate: 300, Length: 100 * time.Millisecond, Arrivals: schedule.Constant})
	if err != nil || sample.Images != 30 || len(sample.Errors) > 0 {
		t.Errorf("driven: got %d images, failures %v %v, %v, want 30 and none", sample.Images, sample.Errors, examples, err)
	}
	if a, err := g.examine(""); err != nil || a.Heap <= 0 || a.Stacks <= 0 || a.Goroutines < 3 {
		t.Errorf("examined: %+v, %v, want some of everything", a, err)
	}
	if failures, err := g.dismiss(); err != nil || len(failures) > 0 {
		t.Errorf("dismissed: failures %v, %v, want none", failures, err)
	}
}

func TestGeneratorTellsWhyItCannot(t *testing.T) {
	g := enroll(t, crew{URL: "http://127.0.0.1", Clients: 1, ImageBytes: 1000})
	_, _, undriven := g.drive(stint{Rate: 1, Length: time.Second})
	_, unconnected := g.connect()
	for want, err := range map[string]error{"nobody is connected": undriven, "connect: ": unconnected} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got error %v, want %q", err, want)
		}
	}
}
