//go:build slow

package siege

import (
	"flag"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wsimg/wsimg/cmd/wsimg/internal/outcome"
	"github.com/wsimg/wsimg/loadgen"
	"github.com/wsimg/wsimg/loadgen/payload"
	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/schedule"
	"github.com/wsimg/wsimg/reports"
	"github.com/wsimg/wsimg/target"
	"github.com/wsimg/wsimg/target/store"
)

var (
	siegeFlag = flag.Duration("siege", 60*time.Second, "how long Siege lasts")
	scaleFlag = flag.Float64("scale", 1, "of the number of hostile clients of Siege")
	kindsFlag = flag.String("kinds", "", "only these, as in bomb,deaf, in Siege")
)

// besiegers are who comes, thousands of them. A bomb costs the target a
// fiftieth of a second of work, and raving ones cost it a connection each time: they are
// fewer, or slower to return, for this is about limits and not about who has
// more machines.
var besiegers = []group{
	{Kind: "trickle", Clients: 800, Again: true, Pause: time.Second},
	{Kind: "promise", Clients: 800, Again: true, Pause: time.Second},
	{Kind: "almost", Clients: 200, Again: true, Pause: time.Second},
	{Kind: "deaf", Clients: 200, Again: true, Pause: 2 * time.Second},
	{Kind: "numb", Clients: 800, Again: true, Pause: time.Second},
	{Kind: "mute", Clients: 500, Again: true, Pause: time.Second},
	{Kind: "loiter", Clients: 500, Again: true, Pause: time.Second},
	{Kind: "raving", Clients: 200, Again: true, Pause: 2 * time.Second},
	{Kind: "noise", Clients: 200, Again: true, Pause: 2 * time.Second},
	{Kind: "bomb", Clients: 40, Again: true, Pause: 5 * time.Second},
	{Kind: "fragments", Clients: 100, Again: true, Pause: time.Second},
	{Kind: "pings", Clients: 50, Again: true, Pause: time.Second},
	{Kind: "wrench", Clients: 100, Again: true, Pause: time.Second},
}

// besieged are the limits of the target: small, so that they are all reached.
var besieged = treatment{
	Store: store.Latest, MaxImage: 16_000_000, Deflate: true,
	Limits: target.Limits{
		Connections: 5000,
		InFlight:    256_000_000,
		Handshake:   5 * time.Second,
		Message:     5 * time.Second,
		Idle:        10 * time.Second,
		Write:       5 * time.Second,
	},
}

const (
	honest     = 50
	honestRate = 500 // images a second
	calm       = 10 * time.Second
)

// TestSiege has a few honest clients served while thousands of hostile ones do
// their worst.
func TestSiege(t *testing.T) {
	needProc(t)
	p := newProgram(t)
	tr := besieged
	tr.Dir = t.TempDir()
	subject, err := admit(p.Context(), tr)
	if err != nil {
		t.Fatal(err)
	}
	defer subject.release()
	source, err := payload.Synthetic(p.Context(), 100_000, payload.DefaultDistinct, 1)
	if err != nil {
		t.Fatal(err)
	}
	traffic, err := loadgen.NewTraffic(source, payload.Mode{Kind: payload.Text}, loadgen.Live, record.Echo, honest)
	if err != nil {
		t.Fatal(err)
	}
	fleet, err := loadgen.Dial(p.Context(), loadgen.Settings{URL: "ws://" + subject.addr, Clients: honest})
	if err != nil {
		t.Fatal(err)
	}
	defer fleet.Close()
	serve := func(length time.Duration) record.Sample {
		sample, examples, err := fleet.Run(p.Context(), loadgen.Block{
			Traffic: traffic, Load: loadgen.Load{Plan: schedule.Steady(honestRate, length), Seed: 1},
		})
		if err != nil {
			t.Fatal(err)
		}
		for kind, example := range examples {
			t.Logf("an honest image failed, %s: %+v", kind, example)
		}
		return sample
	}

	before := serve(calm)
	healthy := vitals(t, subject)
	memory := watch(subject.pid())
	groups := enemies()
	siege := p.horde(t, subject.addr, groups...)
	newcomers := welcome(p.Context(), subject.addr)
	during := serve(*siegeFlag)
	came := newcomers()
	tally, err := siege.dismiss()
	if err != nil {
		t.Fatal(err)
	}
	most := memory.end()
	recovered := recovery(t, subject, healthy)
	after := serve(calm)

	o := &outcome.Outcome{
		Program: "Siege",
		Setting: p.setting("%d hostile clients at a time and %d honest ones for %v", count(groups), honest, *siegeFlag),
		Header:  []string{"hostile", "clients", "connections", "ended with", "expected"},
	}
	for _, g := range groups {
		judgeKind(o, g, tally[g.Kind])
	}
	served := func(s record.Sample) string {
		d := response(measured{Sample: s})
		p50, _ := d.Quantile(0.5)
		p99, _ := d.Quantile(0.99)
		return fmt.Sprintf("%d of %d images, p50 %s ms, p99 %s ms", s.BlockImages, s.Scheduled, reports.FormatNumber(float64(p50)/1e6), reports.FormatNumber(float64(p99)/1e6))
	}
	o.Notef("The honest: before, %s; during the siege, %s; after it, %s.", served(before), served(during), served(after))
	for when, s := range map[string]record.Sample{"before": before, "during": during, "after": after} {
		if len(s.Errors) > 0 || s.BlockImages != s.Scheduled {
			o.Missf("%s the siege honest clients got %d of %d images: %v", when, s.BlockImages, s.Scheduled, s.Errors)
		}
	}
	o.Notef("Newcomers, honest ones that connect, send one image and leave: %v.", came)
	if came.failed > 0 {
		o.Missf("%d honest newcomers were not served", came.failed)
	}
	bound := tr.settings().MemoryBound()
	o.Notef("The target's resident memory: at most %.0f MB; its bound, by the formula: %.0f MB. Before: %v. Within %v after it: %v.",
		float64(most)/1e6, float64(bound)/1e6, healthy, recovered.within.Round(time.Second), recovered.vital)
	if most > bound {
		o.Missf("the target took %d MB", most/1e6)
	}
	if recovered.vital.exceeds(healthy) {
		o.Missf("the target did not recover: %v before, %v after", healthy, recovered.vital)
	}
	p.Finish(t, o, place)
}

// enemies are the besiegers that the flags ask for.
func enemies() (groups []group) {
	for _, g := range besiegers {
		if *kindsFlag == "" || slices.Contains(strings.Split(*kindsFlag, ","), g.Kind) {
			g.Clients = max(1, int(float64(g.Clients)**scaleFlag))
			groups = append(groups, g)
		}
	}
	return groups
}

// judgeKind adds how the connections of a kind ended, and what of it should not
// have been.
func judgeKind(o *outcome.Outcome, g group, ended map[ending]int) {
	var how []string
	total := 0
	for _, e := range slices.Sorted(maps.Keys(ended)) {
		how = append(how, fmt.Sprintf("%s ×%d", e, ended[e]))
		total += ended[e]
		if e != held && !slices.Contains(kinds[g.Kind].ends, e) {
			o.Missf("%s: %d ended with %s", g.Kind, ended[e], e)
		}
	}
	o.Row(g.Kind, g.Clients, total, strings.Join(how, ", "), fmt.Sprint(kinds[g.Kind].ends))
	if total == ended[held] && !slices.Contains(kinds[g.Kind].ends, held) {
		o.Missf("%s: the target ended none of them", g.Kind)
	}
}

func count(groups []group) (n int) {
	for _, g := range groups {
		n += g.Clients
	}
	return n
}

// vital is what a target holds on to while it is in use.
type vital struct {
	sessions, descriptors, goroutines int
	heap                              int64
}

func (v vital) String() string {
	return fmt.Sprintf("%d sessions, %d descriptors, %d goroutines, %.1f MB of live objects", v.sessions, v.descriptors, v.goroutines, float64(v.heap)/1e6)
}

// exceeds reports whether v is more than w and what comes and goes.
func (v vital) exceeds(w vital) bool {
	const few = 4 // connections of /stats, and their goroutines
	return v.sessions > w.sessions || v.descriptors > w.descriptors+few || v.goroutines > w.goroutines+few
}

func vitals(t *testing.T, subject *patient) vital {
	t.Helper()
	s, err := ask(t.Context(), subject.addr)
	if err != nil {
		t.Fatal(err)
	}
	files, err := descriptors(subject.pid())
	if err != nil {
		t.Fatal(err)
	}
	a, err := subject.examine("")
	if err != nil {
		t.Fatal(err)
	}
	return vital{int(s.Connections.Open), files, a.Goroutines, a.Heap}
}

// recovered is how a target is after a siege, and how long that took.
type recovered struct {
	vital
	within time.Duration
}

// recovery waits until the target is as it was.
func recovery(t *testing.T, subject *patient, healthy vital) recovered {
	t.Helper()
	const patience = 30 * time.Second
	for since := time.Now(); ; time.Sleep(500 * time.Millisecond) {
		now := recovered{vitals(t, subject), time.Since(since)}
		if !now.exceeds(healthy) || now.within > patience {
			return now
		}
	}
}
