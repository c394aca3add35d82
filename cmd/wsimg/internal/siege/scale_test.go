//go:build slow

package siege

import (
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wsimg/wsimg/cmd/wsimg/internal/outcome"
	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/schedule"
	"github.com/wsimg/wsimg/reports"
)

var (
	manyFlag   = flag.Int("many", 15_000, "clients of Scale, whose start-up has a bar, and of Share and Storm")
	mostFlag   = flag.Int("most", 19_000, "clients of Scale, in turn with -many")
	startsFlag = flag.Int("starts", 3, "how often Scale connects either")
)

const (
	// slowestStart is how long -many clients may take to connect.
	slowestStart = 10 * time.Second
	// mostClientBytes is what a client that has nothing to send may take of the
	// generator's memory.
	mostClientBytes = 8 << 10
	// roundTime is how long it takes until each client has sent an image.
	roundTime = 10 * time.Second
)

// scaled is what was found of generators with so many clients.
type scaled struct {
	clients int
	starts  []float64          // seconds, in the order they were measured
	phases  record.Connections // of all starts

	// Bytes a client, of the last start: with the garbage collected, when all have
	// just connected, when they have held out, and when each has sent an image; and
	// as it is without a collection.
	connected, held, sent, raw int64
	of                         anatomy // what of the process came with them, when they had held out
	images                     uint64
	missed                     []string
}

// TestScale connects as many clients as a process may have files open, and
// somewhat fewer, in turn, to a target each, and looks at what the last ones take.
func TestScale(t *testing.T) {
	needProc(t)
	p := newProgram(t)
	columns := []*scaled{{clients: *manyFlag}, {clients: *mostFlag}}
	for round := range *startsFlag {
		for _, s := range columns {
			s.start(t, p, round == *startsFlag-1)
		}
	}

	o := &outcome.Outcome{
		Program: "Scale",
		Setting: p.setting("so many clients in one process, connected %d times in turn, the last ones for %v, each pinged at least every %v", *startsFlag, 2**idleTimeFlag, *idleTimeFlag),
		Header:  []string{"generator", fmt.Sprintf("%d clients", *manyFlag), fmt.Sprintf("%d clients", *mostFlag), "at most"},
	}
	row := func(name string, of func(*scaled) string, bar string) {
		o.Row(name, of(columns[0]), of(columns[1]), bar)
	}
	bytes := func(name string, of func(*scaled) int64, bar string) {
		row(name, func(s *scaled) string { return fmt.Sprint(of(s)) }, bar)
	}
	each := func(of func(anatomy) int64) func(*scaled) int64 {
		return func(s *scaled) int64 { return of(s.of) / int64(s.clients) }
	}
	bar := fmt.Sprint(mostClientBytes)
	row("start-up, s", (*scaled).startups, fmt.Sprintf("%.0f for %d", slowestStart.Seconds(), *manyFlag))
	row("TCP, p50 and p99, ms", func(s *scaled) string { return quantiles(s.phases.TCP, time.Millisecond) }, "–")
	row("upgrade, p50 and p99, ms", func(s *scaled) string { return quantiles(s.phases.Upgrade, time.Millisecond) }, "–")
	row("both, p50 and p99, ms", func(s *scaled) string { return quantiles(s.phases.Connect, time.Millisecond) }, "–")
	bytes("resident bytes of a client that was idle", func(s *scaled) int64 { return s.held }, bar)
	bytes("… of it live objects", each(func(a anatomy) int64 { return a.Heap }), "–")
	bytes("… of it stacks", each(func(a anatomy) int64 { return a.Stacks }), "–")
	bytes("… of it lost between objects", each(func(a anatomy) int64 { return a.Spans }), "–")
	bytes("… of it the runtime's own", each(func(a anatomy) int64 { return a.Runtime }), "–")
	bytes("when it has just connected", func(s *scaled) int64 { return s.connected }, bar)
	bytes("when it has sent an image", func(s *scaled) int64 { return s.sent }, "–")
	bytes("before any garbage is collected", func(s *scaled) int64 { return s.raw }, "–")
	last := columns[len(columns)-1]
	o.Notef("Goroutines: %.2f a client. Each client sent an image at the end, %d of them verified. Memory is resident and, but for the last line, after a collection of garbage; what the kernel keeps of a socket is not in it.",
		float64(last.of.Goroutines)/float64(last.clients), columns[0].images+last.images)

	if slowest := slices.Max(columns[0].starts); slowest > slowestStart.Seconds() {
		o.Missf("%d clients took %.1f s to connect", *manyFlag, slowest)
	}
	for _, s := range columns {
		o.Missed = append(o.Missed, s.missed...)
		for when, n := range map[string]int64{"has just connected": s.connected, "was idle": s.held} {
			if n > mostClientBytes {
				o.Missf("of %d clients one that %s takes %d bytes", s.clients, when, n)
			}
		}
	}
	p.Finish(t, o, place)
}

// start connects a generator to a target of its own. The last one stays, for as
// long as nobody does who does not answer pings.
func (s *scaled) start(t *testing.T, p program, last bool) {
	t.Helper()
	child := p.target(t, "--store", "discard", "--idle-timeout", idleTimeFlag.String())
	at := addr(child.URL())
	g := p.generator(t, crew{URL: child.URL(), Clients: s.clients, ImageBytes: 100_000})
	before, empty := g.look(t, "")
	came, err := g.connect()
	if err != nil {
		t.Fatal(err)
	}
	s.starts = append(s.starts, came.Seconds)
	join(t, &s.phases, came)
	t.Logf("%d clients: connected in %.2f s", s.clients, came.Seconds)
	if last {
		s.raw = (g.resident(t) - empty) / int64(s.clients)
		_, full := g.look(t, "")
		s.connected = (full - empty) / int64(s.clients)
		if !sleep(p.Context(), 2**idleTimeFlag) {
			t.Fatal(p.Context().Err())
		}
		after, full := g.look(t, *profileFlag)
		s.held, s.of = (full-empty)/int64(s.clients), after.minus(before)
		if there, err := ask(p.Context(), at); err != nil || int(there.Connections.Open) != s.clients {
			s.missf("of %d clients %d held out (%v)", s.clients, there.Connections.Open, err)
		}
		sample, examples, err := g.drive(stint{Rate: float64(s.clients) / roundTime.Seconds(), Length: roundTime, Arrivals: schedule.Constant})
		if err != nil {
			t.Fatal(err)
		}
		if s.images = sample.BlockImages; int(s.images) != s.clients || len(sample.Errors) > 0 {
			s.missf("%d clients got %d images verified: %v, %v", s.clients, s.images, sample.Errors, examples)
		}
		_, full = g.look(t, "")
		s.sent = (full - empty) / int64(s.clients)
	}
	failures, err := g.dismiss()
	if err != nil {
		t.Fatal(err)
	}
	if len(failures) > 0 {
		s.missf("clients that did nothing failed: %v", failures)
	}
}

func (s *scaled) missf(format string, args ...any) {
	s.missed = append(s.missed, fmt.Sprintf(format, args...))
}

// startups lists how long each start took.
func (s *scaled) startups() string {
	took := make([]string, len(s.starts))
	for i, seconds := range s.starts {
		took[i] = reports.FormatNumber(seconds)
	}
	return strings.Join(took, ", ")
}
