package reports_test

import (
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/reports"
)

// churned is a run of 200 clients with these connections in its load.
func churned(c *record.Connections) *record.Run {
	r := overTime(record.Open, several(20, sec{100, 100, 200, 0}))
	r.Cells[0].Clients = 200
	r.Cells[0].Samples[0].Connections = c
	return r
}

func TestConnectionsAreThoseOfTheLoad(t *testing.T) {
	r := churned(&record.Connections{
		Dialed: 10, Connected: 7, Lost: 4, Retired: 3, Cut: 2, Vacant: 1, LostImages: 5, DelayedImages: 6,
		TCP: times{ms: 7}.histogram(t), Upgrade: times{3 * ms: 7}.histogram(t), Connect: times{4 * ms: 7}.histogram(t),
		Reconnect: times{80 * ms: 6}.histogram(t),
	})
	r.Cells[0].Connecting = &record.Connections{Dialed: 210, Connected: 200, Seconds: 0.5, TCP: times{ms: 200}.histogram(t),
		TLS: times{2 * ms: 200}.histogram(t), Upgrade: times{3 * ms: 200}.histogram(t), Connect: times{6 * ms: 200}.histogram(t)}
	c := analyze(t, r).Cells[0].Connections
	if c == nil || c.Before == nil || c.InLoad == nil {
		t.Fatalf("got %+v, want those before the load and in it", c)
	}
	if b := c.Before; b.Dialed != 210 || b.Connected != 200 || b.Seconds != 0.5 || !is(b.PerS, 400) {
		t.Errorf("before: got %+v, want 200 of 210 in 0.5 s, 400/s", *b)
	}
	var phases []string
	for _, p := range append(c.Before.Phases, c.InLoad.Phases...) {
		phases = append(phases, p.Name)
		if p.Time.P50 == nil || p.Samples != 200 && p.Samples != 7 {
			t.Errorf("%s: %d samples with p50 %v, want 200 or 7", p.Name, p.Samples, show(p.Time.P50))
		}
	}
	if got, want := strings.Join(phases, " "), "TCP TLS upgrade all TCP upgrade all"; got != want {
		t.Errorf("phases: got %s, want %s", got, want)
	}
	if l := c.InLoad; l.Dialed != 10 || l.Connected != 7 || l.PerS != nil {
		t.Errorf("in the load: got %+v, want 7 of 10 and no rate", *l)
	}
	if c.Lost != 4 || c.Retired != 3 || c.Cut != 2 || c.Vacant != 1 || c.LostImages != 5 || c.DelayedImages != 6 {
		t.Errorf("got %+v, want 4 lost, 3 retired, 2 cut, 1 vacant, 5 images lost and 6 delayed", *c)
	}
	if c.Reconnects != 6 || c.Reconnect.P50 == nil || c.Reconnect.P90 != nil {
		t.Errorf("reconnecting: %d samples, p50 %v, p90 %v, want 6, one, none", c.Reconnects, show(c.Reconnect.P50), show(c.Reconnect.P90))
	}
}

func TestOldRunsHaveNoConnections(t *testing.T) {
	if c := analyze(t, churned(nil)).Cells[0].Connections; c != nil || c.Eventful() {
		t.Errorf("got %+v, want none", c)
	}
}

func TestConcludeConnections(t *testing.T) {
	reconnect := times{70 * ms: 3, 6300 * ms: 1}.histogram(t)
	for _, tt := range []struct {
		name string
		of   record.Connections
		want string
	}{
		{"nothing happened", record.Connections{}, ""},
		{"lifetimes ended", record.Connections{Dialed: 9, Connected: 9, Retired: 9, Reconnect: reconnect}, ""},
		{"a cut", record.Connections{Cut: 200, Reconnect: reconnect}, "200 connections were cut; every client could send again within 6.30 s."},
		{"one was lost", record.Connections{Lost: 1, Reconnect: reconnect}, "1 connection was lost or given up; every client could send again within 6.30 s."},
		{"cut and lost, and not all came back", record.Connections{Cut: 200, Lost: 3, Vacant: 2, Reconnect: reconnect},
			"200 connections were cut and 3 connections were lost or given up, and 2 of 200 clients had none at the end."},
		{"nobody came back", record.Connections{Lost: 200}, "200 connections were lost or given up."},
		{"images were lost", record.Connections{LostImages: 34, DelayedImages: 1012}, "34 images were in flight and lost, 1,012 waited for a connection."},
		{"none waited", record.Connections{LostImages: 1}, "1 image was in flight and lost."},
		{"none was lost", record.Connections{DelayedImages: 3}, "No image was lost, 3 waited for a connection."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			all := analyze(t, churned(&tt.of)).Conclusion
			none := analyze(t, churned(new(record.Connections))).Conclusion
			if got := strings.TrimSpace(strings.TrimPrefix(all, none)); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

// TestAGapSaysWhoCameBack, and what is said of lost connections goes with it.
func TestAGapSaysWhoCameBack(t *testing.T) {
	well, gone := several(20, sec{100, 100, 200, 0}), several(5, sec{100, 0, 0, 0})
	for _, tt := range []struct {
		name string
		rest []sec
		want string
	}{
		{"all, later", append([]sec{{100, 100, 100, 0}}, well...), "All 200 clients were back 2 s after a gap of 5 to 7 s that began at about 20 s."},
		{"nobody", nil, "Not all of 200 clients came back after a gap of 5 s or more that began at about 20 s."},
		{"and again", append(append(several(1, sec{100, 100, 200, 0}), several(2, sec{100, 0, 0, 0})...), well...),
			"All 200 clients were back 1 s after a gap of 5 to 7 s that began at about 20 s. There was 1 gap more, shorter."},
	} {
		r := overTime(record.Open, well, gone, tt.rest)
		r.Cells[0].Samples[0].Connections = &record.Connections{Lost: 200, Reconnect: times{5 * time.Second: 200}.histogram(t)}
		if got := analyze(t, r).Conclusion; !strings.Contains(got, tt.want) || strings.Contains(got, "were lost") {
			t.Errorf("%s: got %s\nwant %s and no more of it", tt.name, got, tt.want)
		}
	}
}

// TestAGapSaysWhatIsKnown: the ends of seconds don't show a client that was
// away in between.
func TestAGapSaysWhatIsKnown(t *testing.T) {
	well, frozen := several(20, sec{100, 100, 200, 0}), several(3, sec{100, 0, 200, 0})
	const gap = "There was a gap of 3 to 5 s that began at about 20 s"
	for _, tt := range []struct {
		name string
		of   *record.Connections
		want string
	}{
		{"every connection stayed", new(record.Connections), gap + ", and every client kept its connection."},
		{"some were lost", &record.Connections{Lost: 57, Vacant: 18}, gap + ". 57 connections were lost or given up, and 18 of 200 clients had none at the end."},
		{"some were cut", &record.Connections{Cut: 200, Reconnect: times{50 * ms: 200}.histogram(t)}, gap + ". 200 connections were cut; every client could send again within 50.0 ms."},
		{"nothing is known of connections", nil, gap + "."},
	} {
		r := overTime(record.Open, well, frozen, well)
		r.Cells[0].Clients, r.Cells[0].Samples[0].Connections = 200, tt.of
		if got := analyze(t, r).Conclusion; !strings.HasSuffix(got, tt.want) {
			t.Errorf("%s: got %s\nwant at its end %s", tt.name, got, tt.want)
		}
	}
}

func TestStretches(t *testing.T) {
	r := churned(new(record.Connections))
	s := &r.Cells[0].Samples[0]
	s.Scheduled, s.Errors = 2000, map[string]uint64{"late": 5, "refused": 3, "lost": 1}
	s.Ramp = &record.Stretch{Seconds: 4, Scheduled: 200, Images: 190, Bytes: 57_000, Errors: map[string]uint64{"refused": 3, "late": 2}, Response: times{2 * ms: 190}.histogram(t)}
	s.Drain = &record.Stretch{Seconds: 0.5, Images: 1, Bytes: 300, Errors: map[string]uint64{"late": 1}, Response: times{2 * ms: 1}.histogram(t)}
	c := analyze(t, r).Cells[0]
	if !c.Ramped() || len(c.Stretches) != 3 {
		t.Fatalf("got %+v, want ramp, steady state and drain", c.Stretches)
	}
	for i, want := range []struct {
		name           string
		seconds        float64
		scheduled, per float64
		errors         map[string]uint64
	}{
		{reports.RampStretch, 4, 50, 47.5, map[string]uint64{"refused": 3, "late": 2}},
		{reports.SteadyStretch, 20, 100, 100, map[string]uint64{"late": 2, "lost": 1}},
		{reports.DrainStretch, 0.5, 0, 2, map[string]uint64{"late": 1}},
	} {
		got := c.Stretches[i]
		scheduled := want.scheduled == 0 && got.ScheduledPerS == nil || is(got.ScheduledPerS, want.scheduled)
		if got.Name != want.name || got.Seconds != want.seconds || !is(got.ImagesPerS, want.per) || !scheduled || !maps.Equal(got.Errors, want.errors) {
			t.Errorf("got %+v, scheduled %v, images %v; want %+v", got, show(got.ScheduledPerS), show(got.ImagesPerS), want)
		}
	}
	if ramp := c.Stretches[0]; ramp.ErrorCount != 5 || ramp.Response.P90 == nil || ramp.Response.P99 != nil || !is(ramp.GoodputBytesPerS, 57_000/4) {
		t.Errorf("the ramp: got %+v, want 5 errors, p90 of 190 samples and no p99, 14 KB/s", ramp)
	}
	s.Ramp.Within = &record.Verified{Images: 120, Bytes: 36_000}
	if ramp := analyze(t, r).Cells[0].Stretches[0]; ramp.Images != 120 || !is(ramp.ImagesPerS, 30) || !is(ramp.GoodputBytesPerS, 9000) || !is(ramp.ScheduledPerS, 50) || ramp.Response.P90 == nil {
		t.Errorf("a ramp of which 70 images were verified behind it: got %+v, want 120 of 200, 30/s and the latency of all", ramp)
	}
	s.Ramp.Within = new(record.Verified)
	if ramp := analyze(t, r).Cells[0].Stretches[0]; ramp.Images != 0 || !is(ramp.ImagesPerS, 0) {
		t.Errorf("a ramp in which nothing was verified: got %+v, want 0", ramp)
	}
	s.Ramp, s.Drain = nil, nil
	if c := analyze(t, r).Cells[0]; c.Ramped() || c.Stretches != nil {
		t.Errorf("where none were recorded: got %+v", c.Stretches)
	}
}
