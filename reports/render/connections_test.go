package render

import (
	"slices"
	"strings"
	"testing"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/reports"
	"github.com/wsimg/wsimg/reports/internal/specimen"
)

// titles are the tables that print something.
func titles(t *testing.T, run *record.Run) []string {
	t.Helper()
	r, err := reports.Analyze(run)
	if err != nil {
		t.Fatal(err)
	}
	var titles []string
	for _, table := range Tables(r) {
		if len(table.Rows) > 0 {
			titles = append(titles, table.Title)
		}
	}
	return titles
}

// TestNothingIsSaidOfConnectionsThatStay: a few clients that connect once have
// a line, and no table that they had not before.
func TestNothingIsSaidOfConnectionsThatStay(t *testing.T) {
	run := specimen.Steady()
	before := titles(t, run)
	s := &run.Cells[0].Samples[0]
	run.Settings.Churn = &record.Churn{BackoffSeconds: 0.1, MaxBackoffSeconds: 5}
	run.Cells[0].Connecting = &record.Connections{Dialed: 200, Connected: 200, Seconds: 0.04, Connect: s.Response}
	s.Connections, s.Drain = new(record.Connections), &record.Stretch{Seconds: 0.1}
	for i := range s.Series {
		all := uint64(200)
		s.Series[i].Connected = &all
	}
	if got := titles(t, run); !slices.Equal(got, before) {
		t.Errorf("tables: got %q, want %q", got, before)
	}
	r, err := reports.Analyze(run)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := connecting(r), "200 connections in 40.0 ms · 5,000/s"; got != want {
		t.Errorf("connecting: got %q, want %q", got, want)
	}
	if line := load(r); strings.Contains(line, "reconnect") {
		t.Errorf("the usual back-off is told in %q", line)
	}
}

func TestConnectingInALine(t *testing.T) {
	quick := reports.Latency{P50: whole(100)}
	slow := reports.Latency{P50: whole(4000)}
	for _, c := range []struct {
		name    string
		command string
		ramp    float64
		of      *reports.Dialing
		want    string
	}{
		{"not recorded", "run", 0, nil, ""},
		{"nobody dialed", "run", 0, &reports.Dialing{}, ""},
		{"one of many, and the others by a ramp", "run", 90, &reports.Dialing{Dialed: 1, Connected: 1, Seconds: 0.0007, PerS: whole(1400)}, "one by one, over 1m30s"},
		{"one client", "run", 0, &reports.Dialing{Dialed: 1, Connected: 1, Seconds: 0.0007, PerS: whole(1400)}, "1 connection in 700 µs"},
		{"many", "run", 0, &reports.Dialing{Dialed: 15_003, Connected: 15_000, Seconds: 6.2, PerS: whole(2419), Phases: []reports.Phase{
			{Name: reports.TCPPhase, Time: quick}, {Name: reports.UpgradePhase, Time: slow}, {Name: reports.WholePhase, Time: slow}}},
			"15,000 connections in 6.20 s · 2,420/s · 3 more attempts failed · p50 of TCP 100 µs, upgrade 4.00 ms"},
		{"one attempt that failed", "run", 0, &reports.Dialing{Dialed: 16, Connected: 15}, "15 connections · 1 more attempt failed"},
		{"a comparison", "bench", 0, &reports.Dialing{Dialed: 16, Connected: 16}, ""},
	} {
		r := &reports.Report{Settings: record.Settings{Command: c.command, RampSeconds: c.ramp}, Cells: []reports.Cell{{Connections: &reports.Connections{Before: c.of}}}}
		if got := connecting(r); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func TestComingsInTheHeading(t *testing.T) {
	usual := record.Churn{BackoffSeconds: 0.1, MaxBackoffSeconds: 5}
	with := func(change func(*record.Churn)) record.Settings {
		c := usual
		change(&c)
		return record.Settings{Churn: &c}
	}
	for _, c := range []struct {
		name string
		of   record.Settings
		want string
	}{
		{"nothing asked", record.Settings{}, ""},
		{"the usual", record.Settings{Churn: &usual}, ""},
		{"a ramp", record.Settings{RampSeconds: 30, Churn: &usual}, "ramp 30s, reconnect 100ms..5s"},
		{"a lifetime in images", with(func(c *record.Churn) { c.LifetimeImages = 5000 }), "lifetime 5,000 images, reconnect 100ms..5s"},
		{"a lifetime in time", with(func(c *record.Churn) { c.LifetimeSeconds = 90 }), "lifetime 1m30s, reconnect 100ms..5s"},
		{"another back-off", with(func(c *record.Churn) { c.MaxBackoffSeconds = 60 }), "reconnect 100ms..1m"},
		{"no reconnecting", with(func(c *record.Churn) { c.NoReconnect = true }), "reconnect off"},
		{"a storm and cuts", with(func(c *record.Churn) { c.Storm, c.CutsSeconds = true, []float64{0, 20.5} }), "cut at 0s, 20.5s, storm"},
		{"how to connect", record.Settings{ConnectRatePerS: 500, LocalAddrs: []string{"127.0.0.2"}}, "connect rate 500/s, from 127.0.0.2"},
		{"many addresses", record.Settings{LocalAddrs: []string{"127.0.0.2", "127.0.0.3"}}, "from 2 local addresses"},
	} {
		if got := strings.Join(comings(c.of), ", "); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

// TestChangingClientsAreShownOverTime in the place of goodput.
func TestChangingClientsAreShownOverTime(t *testing.T) {
	n := func(n uint64) *uint64 { return &n }
	for _, c := range []struct {
		name    string
		clients []*uint64
		want    bool
	}{
		{"not known", []*uint64{nil, nil}, false},
		{"all the time the same", []*uint64{n(5), n(5)}, false},
		{"one is away", []*uint64{n(5), n(4)}, true},
		{"known later", []*uint64{nil, n(4)}, true},
	} {
		var steps []reports.Point
		for _, connected := range c.clients {
			steps = append(steps, reports.Point{Connected: connected})
		}
		has := func(header string) bool {
			return slices.ContainsFunc(overTime(steps).Columns, func(c Column) bool { return c.Header == header })
		}
		const clients = "clients\nat its end"
		if has(clients) != c.want || has("goodput") == c.want {
			t.Errorf("%s: clients %v and goodput %v, want one of them, clients: %v", c.name, has(clients), has("goodput"), c.want)
		}
	}
}
