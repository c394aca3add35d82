package main

import (
	"bytes"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/steady"
)

// times is a histogram of n values around ms milliseconds.
func times(t *testing.T, n int64, ms float64) record.Histogram {
	t.Helper()
	h := record.NewHistogram()
	if err := h.RecordValues(int64(ms*1e6), n); err != nil {
		t.Fatal(err)
	}
	frozen, err := record.Encode(h)
	if err != nil {
		t.Fatal(err)
	}
	return frozen
}

// point is second n of a load: 500 images of 200 KB of which a few fail.
func point(t *testing.T, n int) *record.Point {
	target := int64(0.35e9)
	return &record.Point{
		AtSeconds: float64(n), Seconds: 1, Scheduled: 505, Images: 500, Bytes: 100e6, Errors: map[string]uint64{"late": 2, "reset": 1},
		Response: times(t, 500, 1.5), Lateness: times(t, 500, 0.06), GeneratorCPUNs: 0.25e9, TargetCPUNs: &target,
	}
}

// points are the first n seconds of a load, all of a kind.
func points(t *testing.T, n int) []*record.Point {
	all := make([]*record.Point, n)
	first := *point(t, 1)
	for i := range all {
		p := first
		p.AtSeconds = float64(i + 1)
		all[i] = &p
	}
	return all
}

// watched returns what live writes of some points, without the phase.
func watched(terminal, open bool, points ...*record.Point) string {
	news := []steady.Progress{{Phase: steady.Measuring}}
	for _, p := range points {
		news = append(news, steady.Progress{Phase: steady.Measuring, Point: p})
	}
	said := told(terminal, liveLoad{open: open, length: time.Hour}, news...)
	return strings.TrimPrefix(said, "wsimg: measuring\n")
}

// told returns what live writes of a load.
func told(terminal bool, load liveLoad, news ...steady.Progress) string {
	var b bytes.Buffer
	l := newLive(&b, terminal, load)
	for _, p := range news {
		l.news <- p // show would drop what comes too fast
	}
	l.close()
	return b.String()
}

func TestLiveTable(t *testing.T) {
	few := point(t, 2)
	few.Response, few.Lateness = times(t, 298, 20), times(t, 4, 1)
	few.TargetCPUNs = nil
	rest := point(t, 3)
	rest.Seconds = 0.004 // what is left of the last second
	got := watched(true, true, point(t, 1), few, rest)
	want := `
   time scheduled images goodput    p50    p99 errors lateness target generator
      s        /s     /s    MB/s     ms     ms          p99 ms  CPU %     CPU %
      1       505    500     100   1.50   1.50      3   0.0600     35        25
      2       505    500     100   20.0      –      3        –      –        25
`
	if diff := cmp.Diff(want[1:], got); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

func TestLiveTableOfAClosedLoadHasNothingScheduled(t *testing.T) {
	if got := watched(true, false, point(t, 1)); strings.Contains(got, "scheduled") || !strings.Contains(got, "goodput") {
		t.Errorf("got\n%s", got)
	}
}

func TestLiveHeaderComesBack(t *testing.T) {
	points := points(t, headEach+1)
	got := watched(true, true, points...)
	if n := strings.Count(got, "goodput"); n != 2 {
		t.Errorf("got %d headers over %d rows, want 2:\n%s", n, len(points), got)
	}
}

func TestLiveLines(t *testing.T) {
	got := watched(false, true, points(t, 25)...)
	want := "wsimg: 10 s, scheduled 505/s, images 500/s, goodput 100 MB/s, p50 1.50 ms, p99 1.50 ms, errors 30, lateness p99 0.0600 ms, target CPU 35 %, generator CPU 25 %\n"
	want += strings.Replace(want, "10 s", "20 s", 1)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
}

// stuck is a terminal that takes nothing more, until it is freed.
type stuck chan struct{}

func (s stuck) Write(p []byte) (int, error) {
	<-s
	return len(p), nil
}

func TestLoadDoesNotWaitForATerminalThatIsStuck(t *testing.T) {
	w := make(stuck)
	defer close(w)
	l := newLive(w, true, liveLoad{open: true, length: time.Hour})
	p := point(t, 1)
	began := time.Now()
	for range 10_000 {
		l.show(steady.Progress{Phase: steady.Measuring, Point: p})
	}
	if took := time.Since(began); took > time.Second {
		t.Errorf("the load waited for %v", took)
	}
	l.close()
	if took := time.Since(began); took > 3*goodbye {
		t.Errorf("the end of the run waited for %v", took)
	}
}

// TestLiveKeepsNothing watches for two minutes: what is kept must not grow.
func TestLiveKeepsNothing(t *testing.T) {
	p := point(t, 1)
	l := newLive(io.Discard, false, liveLoad{open: true, length: time.Hour})
	defer l.close()
	watch := func(seconds int) (heap uint64) {
		for range seconds {
			l.news <- steady.Progress{Phase: steady.Measuring, Point: p}
		}
		var m runtime.MemStats
		runtime.GC()
		runtime.GC() // pools let go of what they hold at the second
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	// Some histograms may be in the making, of 220 KB each and more to read
	// them; 100 that are kept would be 22 MB.
	const making = 8 << 20
	before := watch(20)
	after := watch(100)
	if grown := int64(after) - int64(before); grown > making {
		t.Errorf("the heap has grown by %d bytes in 100 s", grown)
	}
}
