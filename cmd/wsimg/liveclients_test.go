package main

import (
	"bytes"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wsimg/wsimg/loadgen/steady"
)

// connecting is the news that so many of 15,000 clients are connected.
func connecting(n int) steady.Progress {
	return steady.Progress{Phase: steady.Connecting, Connected: n, Clients: 15_000}
}

// of returns a step in which so many of all clients had a connection.
func of(t *testing.T, second int, connected uint64, clients int) steady.Progress {
	p := point(t, second)
	p.Connected = &connected
	return steady.Progress{Phase: steady.Measuring, Point: p, Connected: int(connected), Clients: clients}
}

func TestConnectingIsALineThatIsRewritten(t *testing.T) {
	warm := steady.Progress{Phase: steady.WarmingUp, Connected: 15_000, Clients: 15_000}
	for _, tt := range []struct {
		name string
		news []steady.Progress
		want string
	}{
		{"until all are there", []steady.Progress{connecting(0), connecting(8412), warm},
			"\rwsimg: connecting 0 of 15,000\rwsimg: connecting 8,412 of 15,000\rwsimg: connected 15,000 of 15,000\nwsimg: warming up\n"},
		{"over one that was longer", []steady.Progress{connecting(10), connecting(9)},
			"\rwsimg: connecting 10 of 15,000\rwsimg: connecting 9 of 15,000 \n"},
		{"and ended in the middle", []steady.Progress{connecting(8412)},
			"\rwsimg: connecting 8,412 of 15,000\n"},
	} {
		if diff := cmp.Diff(tt.want, told(true, liveLoad{}, tt.news...)); diff != "" {
			t.Errorf("%s: (-want +got):\n%s", tt.name, diff)
		}
	}
}

// TestConnectingAtARateTellsHowLongItTakes, at once, and as long as it is worth
// telling.
func TestConnectingAtARateTellsHowLongItTakes(t *testing.T) {
	warm := steady.Progress{Phase: steady.WarmingUp, Connected: 15_000, Clients: 15_000}
	for _, tt := range []struct {
		name     string
		terminal bool
		rate     float64
		want     string
	}{
		{"on a terminal", true, 1, "\rwsimg: connecting 0 of 15,000, about 4h10m0s to go at 1/s\rwsimg: connecting 14,991 of 15,000                          \rwsimg: connected 15,000 of 15,000                             \nwsimg: warming up\n"},
		{"elsewhere", false, 1, "wsimg: connecting 0 of 15,000, about 4h10m0s to go at 1/s\nwsimg: connected 15,000 of 15,000\nwsimg: warming up\n"},
		{"elsewhere, and fast", false, 1501, "wsimg: connected 15,000 of 15,000\nwsimg: warming up\n"},
	} {
		got := told(tt.terminal, liveLoad{connectRate: tt.rate}, connecting(0), connecting(14_991), warm)
		if tt.terminal {
			got, tt.want = strings.ReplaceAll(got, " ", ""), strings.ReplaceAll(tt.want, " ", "")
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestConnectingElsewhereIsALineNowAndThen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b bytes.Buffer
		l := newLive(&b, false, liveLoad{})
		for n := range 250 { // 25 s
			l.show(connecting(n))
			time.Sleep(100 * time.Millisecond)
		}
		l.show(steady.Progress{Phase: steady.WarmingUp, Connected: 14_990, Clients: 15_000})
		l.close()
		want := "wsimg: connecting 100 of 15,000\nwsimg: connecting 200 of 15,000\nwsimg: connected 14,990 of 15,000\nwsimg: warming up\n"
		if diff := cmp.Diff(want, b.String()); diff != "" {
			t.Errorf("lines (-want +got):\n%s", diff)
		}
	})
}

// TestClientsAreShownWhenSomeAreMissing: from there on, under a header of its
// own.
func TestClientsAreShownWhenSomeAreMissing(t *testing.T) {
	gone := of(t, 2, 0, 16)
	gone.Point.Images, gone.Point.Bytes, gone.Point.Response = 0, 0, times(t, 0, 0)
	got := told(true, liveLoad{open: true, length: time.Hour}, of(t, 1, 16, 16), gone, of(t, 3, 16, 16))
	want := `wsimg: measuring
   time scheduled images goodput    p50    p99 errors lateness target generator
      s        /s     /s    MB/s     ms     ms          p99 ms  CPU %     CPU %
      1       505    500     100   1.50   1.50      3   0.0600     35        25
   time clients scheduled images goodput    p50    p99 errors lateness target generator
      s                /s     /s    MB/s     ms     ms          p99 ms  CPU %     CPU %
      2       0       505      0       0      –      –      3   0.0600     35        25
      3      16       505    500     100   1.50   1.50      3   0.0600     35        25
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

// TestGapShowsInALineOfTenSeconds, in which the rest of them goes on as ever.
func TestGapShowsInALineOfTenSeconds(t *testing.T) {
	var news []steady.Progress
	for i, p := range points(t, 10) {
		connected := uint64(16)
		if i == 4 || i == 5 {
			connected = uint64(3 * (i - 4))
			p.Images, p.Bytes, p.Response = 0, 0, times(t, 0, 0)
		}
		p.Connected = &connected
		news = append(news, steady.Progress{Phase: steady.Measuring, Point: p, Clients: 16})
	}
	got := told(false, liveLoad{open: true, length: time.Hour}, news...)
	want := "wsimg: measuring\nwsimg: 10 s, clients 0–16, scheduled 505/s, images 400/s, goodput 80.0 MB/s, p50 1.50 ms, p99 1.50 ms, errors 30, lateness p99 0.0600 ms, target CPU 35 %, generator CPU 25 %, nothing verified for 2 s of it\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
}

// TestStagesOfALoadAreNamed has the ramp and the drain told from what is
// between them, and lines of ten seconds end where a stage does.
func TestStagesOfALoadAreNamed(t *testing.T) {
	alone := func(second int) steady.Progress {
		p := of(t, second, 2, 2)
		p.Phase = steady.AloneBefore
		return p
	}
	rest := of(t, 7, 16, 16)
	rest.Point.Seconds = 0.01 // is no drain
	early := of(t, 1, 0, 16)
	early.Point.AtSeconds, early.Point.Seconds = 0, 22 // clients were tried for, and then it was interrupted
	for _, tt := range []struct {
		name string
		load liveLoad
		news []steady.Progress
		want string // its lines without figures
	}{
		{"ramp and drain", liveLoad{ramp: 2 * time.Second, length: 3 * time.Second},
			[]steady.Progress{{Phase: steady.WarmingUp}, {Phase: steady.Measuring}, of(t, 1, 1, 16), of(t, 2, 16, 16), of(t, 3, 16, 16), of(t, 4, 16, 16), of(t, 5, 16, 16), of(t, 6, 16, 16)},
			"warming up, ramping up, 2 s, measuring, 5 s, draining"},
		{"what is left of a second is no drain", liveLoad{length: time.Second},
			[]steady.Progress{{Phase: steady.Measuring}, of(t, 1, 16, 16), rest}, "measuring"},
		{"and does not end a drain", liveLoad{length: 3 * time.Second},
			[]steady.Progress{{Phase: steady.Measuring}, of(t, 5, 16, 16), rest}, "measuring, draining"},
		{"without a ramp nothing is one", liveLoad{length: time.Hour},
			[]steady.Progress{{Phase: steady.Measuring}, early}, "measuring, 0 s"},
		{"the active alone, and the others connect", liveLoad{length: time.Hour},
			[]steady.Progress{{Phase: steady.AloneBefore}, alone(1), alone(2), connecting(2), {Phase: steady.Measuring, Connected: 15_000, Clients: 15_000}, of(t, 1, 15_000, 15_000)},
			"active alone, 2 s, connected 15,000 of 15,000, measuring"},
	} {
		var got []string
		for line := range strings.Lines(told(false, tt.load, tt.news...)) {
			line, _, _ = strings.Cut(strings.TrimSpace(strings.TrimPrefix(line, "wsimg: ")), ", ")
			got = append(got, line)
		}
		if diff := cmp.Diff(tt.want, strings.Join(got, ", ")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}
