package steady

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wsimg/wsimg/loadgen"
	"github.com/wsimg/wsimg/loadgen/payload"
	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/schedule"
	"github.com/wsimg/wsimg/loadgen/site"
)

func TestOpenLoadIsOneCellAndASeries(t *testing.T) {
	s := asked(t, serve(t, message.echo).url)
	var told []string
	var points []record.Point
	s.Progress = func(p Progress) {
		if p.Point != nil {
			points = append(points, *p.Point)
			return
		}
		told = append(told, p.Phase)
		if p.Clients != 2 {
			t.Errorf("%s: got %d clients, want 2", p.Phase, p.Clients)
		}
	}
	run, sample := carriedOut(t, s)
	cell := run.Cells[0]
	if cell.Load != record.Open || cell.RatePerS != 400 || cell.Mode != "binary" || cell.Clients != 2 || cell.Distinct != 4 {
		t.Errorf("cell: got %+v", cell)
	}
	if sample.Scheduled != 100 || sample.Images != 100 || sample.Seconds != 0.25 || len(sample.Errors) > 0 {
		t.Errorf("got %d of %d images in %g s with %v; want all of 100 in 0.25 s", sample.Images, sample.Scheduled, sample.Seconds, sample.Errors)
	}
	if run.Incomplete != "" || run.Schema != record.Schema || run.Seconds < 0.25 || run.Environment.Cores < 1 {
		t.Errorf("run: got %+v", run)
	}
	want := record.Settings{
		Command: "run", URL: s.URL, SizesBytes: []int64{2000}, Modes: []string{"binary"}, Baseline: "binary",
		Clients: 2, WarmupSeconds: 1, TimeoutSeconds: 2, Distinct: 4, Seed: 7, Sender: "live",
		InFlight: 1, Reply: "echo", RatePerS: 400, Arrivals: "constant", Seconds: 0.25,
	}
	if diff := cmp.Diff(want, run.Settings); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{Connecting, WarmingUp, Measuring}, slices.Compact(told)); diff != "" {
		t.Errorf("phases (-want +got):\n%s", diff)
	}
	for what, points := range map[string][]record.Point{"told of": points, "saved": sample.Series} {
		images := sum(points, func(p record.Point) uint64 { return p.Images })
		due := sum(points, func(p record.Point) uint64 { return p.Scheduled })
		if images != 100 || due != 100 || len(points) < 2 {
			t.Errorf("%d points that were %s hold %d images and %d that were due; want some with 100 each", len(points), what, images, due)
		}
	}
}

func TestClosedLoad(t *testing.T) {
	s := asked(t, serve(t, message.echo).url)
	s.Load, s.Duration = loadgen.Load{Think: 10 * time.Millisecond}, 300*time.Millisecond
	run, sample := carriedOut(t, s)
	if c := run.Cells[0]; c.Load != record.Closed || c.RatePerS != 0 || sample.Scheduled != 0 {
		t.Errorf("got a load %s of %g/s with %d due, want %s", c.Load, c.RatePerS, sample.Scheduled, record.Closed)
	}
	if got := run.Settings; got.ThinkSeconds != 0.01 || got.Seconds != 0.3 || got.Arrivals != "" || got.Stages != nil {
		t.Errorf("settings: got %+v", got)
	}
	within(t, "seconds", sample.Seconds, 0.3, 0.1)
	if sample.Images < 10 || sample.Images > 62 {
		t.Errorf("got %d images, want 60 less what round trips take: two clients think 10 ms each time", sample.Images)
	}
}

func TestStagesAreRecorded(t *testing.T) {
	s := asked(t, serve(t, message.echo).url)
	plan, err := schedule.ParseStages("0/s..400/s:200ms,400/s:200ms")
	if err != nil {
		t.Fatal(err)
	}
	s.Load.Plan = plan
	run, sample := carriedOut(t, s)
	want := []record.Ramp{{FromPerS: 0, ToPerS: 400, Seconds: 0.2}, {FromPerS: 400, ToPerS: 400, Seconds: 0.2}}
	if diff := cmp.Diff(want, run.Settings.Stages); diff != "" || run.Settings.RatePerS != 0 {
		t.Errorf("stages beside %g/s (-want +got):\n%s", run.Settings.RatePerS, diff)
	}
	if got := run.Cells[0].RatePerS; got != 300 {
		t.Errorf("mean rate: got %g, want 300", got)
	}
	if sample.Scheduled != 120 || sample.Images != 120 {
		t.Errorf("got %d of %d images, want all of 120", sample.Images, sample.Scheduled)
	}
}

func TestAcknowledgements(t *testing.T) {
	s := asked(t, serve(t, acknowledge).url)
	s.Reply = record.Ack
	run, sample := carriedOut(t, s)
	if run.Settings.Reply != record.Ack || sample.Images != 100 || len(sample.Errors) > 0 {
		t.Errorf("got %d images and %v, want 100 acknowledged", sample.Images, sample.Errors)
	}
}

func TestSeveralInFlight(t *testing.T) {
	s := asked(t, serve(t, message.echo).url)
	s.InFlight = 4
	run, sample := carriedOut(t, s)
	if run.Settings.InFlight != 4 || sample.Images != 100 {
		t.Errorf("got %d images with %d in flight, want 100 with 4", sample.Images, run.Settings.InFlight)
	}
}

func TestCompression(t *testing.T) {
	srv := serve(t, message.echo)
	s := asked(t, srv.url)
	s.Version, s.Mode = "1.2", payload.Mode{Kind: payload.Text, Deflate: payload.Deflate{On: true, Level: 6}}
	run, err := Run(t.Context(), s)
	if run != nil || !errors.Is(err, loadgen.ErrDeclined) || srv.sent.Load() > 0 {
		t.Errorf("of a server that declines: got %v, %v and %d messages sent, want an error and nothing else", run, err, srv.sent.Load())
	}
	srv.packs.Store(true)
	_, sample := carriedOut(t, s)
	if sample.Images != 100 || len(sample.Errors) > 0 {
		t.Errorf("of one that agrees: got %d images with %v, want 100", sample.Images, sample.Errors)
	}
	if got, want := srv.named.Load(), "wsimg/1.2 (text+deflate=6)"; got != want {
		t.Errorf("the client calls itself %q, want %q", got, want)
	}
	// 2000 bytes of Base64 are 2668, uncompressed.
	if got := sample.WireSentBytes / sample.BlockImages; got > 2300 {
		t.Errorf("sent: got %d bytes an image, want about 2000", got)
	}
}

func TestTargetTellsItsCPU(t *testing.T) {
	srv := serve(t, message.echo)
	srv.tells.Store(true)
	run, sample := carriedOut(t, asked(t, srv.url))
	if run.Environment.Target == nil || run.Environment.Target.Store != "latest" {
		t.Fatalf("target: got %+v", run.Environment.Target)
	}
	if sample.TargetCPUNs == nil || *sample.TargetCPUNs != 100e6 {
		t.Errorf("target CPU of the block: got %v, want 100 ms", sample.TargetCPUNs)
	}
	if got := sample.Stages["save"]; got.Count != 100 || got.TotalNs != 100e3 {
		t.Errorf("stage: got %+v, want 100 in 100 µs", got)
	}
	var ns int64
	for i, p := range sample.Series {
		if p.TargetCPUNs == nil {
			t.Errorf("point %d has no target CPU", i)
			continue
		}
		ns += *p.TargetCPUNs
	}
	if ns != 100e6 {
		t.Errorf("target CPU of all points: got %v, want 100 ms", time.Duration(ns))
	}
}

// TestServerThatLosesItsConnections counts that and goes on over new ones.
func TestServerThatLosesItsConnections(t *testing.T) {
	for _, load := range []struct {
		name string
		set  func(*Settings)
	}{
		{record.Open, func(*Settings) {}},
		{record.Closed, func(s *Settings) { s.Load, s.Duration = loadgen.Load{Think: time.Millisecond}, 250*time.Millisecond }},
	} {
		t.Run(load.name, func(t *testing.T) {
			var from atomic.Int64 // message
			srv := serve(t, func(m message) {
				if n := from.Load(); n > 0 && (int64(m.n)-n)%25 == 10 {
					m.Close()
					return
				}
				m.echo()
			})
			s := asked(t, srv.url)
			s.Progress = onMeasuring(func() { from.Store(srv.sent.Load()) })
			load.set(&s)
			run, err := Run(t.Context(), s)
			if err != nil {
				t.Fatal(err)
			}
			sample := run.Cells[0].Samples[0]
			lost := sample.Errors[loadgen.Dropped] + sample.Errors[loadgen.Reset]
			if sample.Redials == 0 || sample.Redials > lost { // what is lost at the end need not be
				t.Errorf("got %d connections redialed of %d lost, want most: %v", sample.Redials, lost, sample.Errors)
			}
			within(t, "seconds", sample.Seconds, 0.25, 0.1)
			if load.name == record.Open && sample.Images+lost != 100 {
				t.Errorf("got %d images and %d lost, want 100 together", sample.Images, lost)
			}
			if got := sum(sample.Series, func(p record.Point) uint64 { return p.Errors[loadgen.Dropped] + p.Errors[loadgen.Reset] }); got != lost {
				t.Errorf("the series holds %d errors, want %d", got, lost)
			}
		})
	}
}

// TestWhatComesAfterIsCounted repeats the last reply when the block is over,
// which is when the target is asked what it cost.
func TestWhatComesAfterIsCounted(t *testing.T) {
	var last message
	var writing sync.Mutex
	srv := serve(t, func(m message) {
		writing.Lock()
		defer writing.Unlock()
		last = m
		m.echo()
	})
	srv.tells.Store(true)
	s := asked(t, srv.url)
	s.Clients, s.every = 1, time.Hour // a single point, at the end
	visits := 0
	s.Progress = onMeasuring(func() {
		due := srv.sent.Load() + 100
		srv.visited = func() {
			if srv.sent.Load() < due {
				return
			}
			if visits++; visits == 2 { // behind that of the point
				writing.Lock()
				defer writing.Unlock()
				last.echo()
				time.Sleep(50 * time.Millisecond)
			}
		}
	})
	run, sample := carriedOut(t, s)
	failed := sample.Errors[loadgen.Doubled] + sample.Errors[loadgen.Unasked]
	if failed != 1 || len(run.Cells[0].Examples) != 1 {
		t.Errorf("got errors %v with examples %v, want one doubled reply", sample.Errors, run.Cells[0].Examples)
	}
	if got := sum(sample.Series, func(p record.Point) uint64 { return p.Errors[loadgen.Doubled] + p.Errors[loadgen.Unasked] }); got != 0 {
		t.Errorf("the series holds %d errors: the reply came too early for this test", got)
	}
}

func TestInterruptedRunKeepsWhatItMeasured(t *testing.T) {
	s := asked(t, serve(t, message.echo).url)
	s.Load.Plan, s.every = schedule.Steady(200, time.Hour), 50*time.Millisecond
	points := 0
	run := interrupted(t, s, func(p Progress) bool {
		if p.Point != nil {
			points++
		}
		return points == 3
	})
	if run.Incomplete != "interrupted" {
		t.Errorf("incomplete: got %q", run.Incomplete)
	}
	if got := run.Cells[0].Samples[0]; got.Images < 10 || len(got.Series) < 3 || got.Seconds > 60 {
		t.Errorf("got %d images and %d points in %g s, want those of some 0.15 s", got.Images, len(got.Series), got.Seconds)
	}
}

func TestServerThatIsNeverRightIsGivenUp(t *testing.T) {
	for _, tt := range []struct {
		name  string
		reply func(message)
		says  string
	}{
		{"it flips a byte", func(m message) { m.body[9] ^= 1; m.echo() }, "flipped: "},
		{"it says nothing", func(message) {}, "unanswered: "},
		{"it hangs up", func(m message) { m.Close() }, "dropped: "},
		{"it echoes, and should acknowledge", message.echo, "retyped: "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := asked(t, serve(t, tt.reply).url)
			s.Timeout = 100 * time.Millisecond
			if strings.Contains(tt.name, "acknowledge") {
				s.Reply = record.Ack
			}
			run, err := Run(t.Context(), s)
			if err == nil || !strings.Contains(err.Error(), "no image was verified in the warm-up: "+tt.says) {
				t.Fatalf("got %v, want what happened in the warm-up: %s", err, tt.says)
			}
			if c := run.Cells[0]; c.Failed == "" || len(c.WarmupErrors) == 0 || len(c.Samples) > 0 || run.Incomplete != err.Error() {
				t.Errorf("got %+v, incomplete %q; want a cell that failed in the warm-up", c, run.Incomplete)
			}
		})
	}
}

func TestServerThatIsNotThere(t *testing.T) {
	s := asked(t, "ws://127.0.0.1:1/")
	if run, err := Run(t.Context(), s); run != nil || loadgen.Kind(err) != loadgen.Refused {
		t.Errorf("got %v, %v; want a refusal and no run", run, err)
	}
}

func TestLimitsAreToldBeforeDialing(t *testing.T) {
	s := asked(t, "ws://127.0.0.1:1/")
	s.Clients = 1_000_000_000
	if err := site.Allows(t.Context(), s.URL, site.Demand{Connections: s.Clients}); err == nil {
		t.Skip("this system tells no limit")
	}
	if _, err := Run(t.Context(), s); !errors.Is(err, site.ErrLimit) {
		t.Errorf("got %v, want %v", err, site.ErrLimit)
	}
}

func TestAddress(t *testing.T) {
	srv := serve(t, message.echo)
	s := asked(t, srv.url+"upload?token=secret")
	s.Mode = payload.Mode{Kind: payload.Text, Codec: payload.Std}
	run, _ := carriedOut(t, s)
	if got := srv.asked.Load(); got != "codec=std&token=secret" {
		t.Errorf("query: got %q, want the codec and what was in the URL", got)
	}
	if got := run.Settings.URL; strings.Contains(got, "secret") || !strings.Contains(got, "/upload?redacted") {
		t.Errorf("recorded: %q, want it without the token", got)
	}
}
