//go:build slow

package siege

import (
	"flag"
	"testing"
	"time"

	"github.com/wsimg/wsimg/cmd/wsimg/internal/outcome"
	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/schedule"
	"github.com/wsimg/wsimg/reports"
	"github.com/wsimg/wsimg/target/store"
)

var stormsFlag = flag.Int("storms", 3, "how often Storm cuts all connections")

const (
	stormRate  = 500 // images a second, of all clients together
	stormBlock = 30 * time.Second
	// stormCut is when all connections are cut, from the start of a block: the
	// rest of it is for the clients to come back.
	stormCut = 5 * time.Second
)

// TestStorm cuts the connections of all clients at once, and has all of them dial
// at once, as after the restart of a server: nobody waits for anybody else.
func TestStorm(t *testing.T) {
	needProc(t)
	p := newProgram(t)
	subject, err := admit(p.Context(), treatment{Store: store.Discard})
	if err != nil {
		t.Fatal(err)
	}
	defer subject.release()
	g := p.generator(t, crew{URL: "ws://" + subject.addr, Clients: *manyFlag, ImageBytes: 20_000, Storm: true})
	o := &outcome.Outcome{
		Program: "Storm",
		Header:  []string{"storm", "attempts", "in vain", "back, p50 s", "p99 s", "the last, s", "images due", "verified", "lost in flight", "delayed"},
	}
	came, err := g.connect()
	if err != nil {
		t.Fatal(err)
	}
	o.Row("at first", came.Dialed, came.Dialed-came.Connected, "–", "–", reports.FormatNumber(came.Seconds), "–", "–", "–", "–")
	block := func(seed int, length time.Duration, cuts ...time.Duration) record.Sample {
		sample, examples, err := g.drive(stint{Rate: stormRate, Length: length, Arrivals: schedule.Poisson, Seed: uint64(seed), Cuts: cuts})
		if err != nil {
			t.Fatal(err)
		}
		for kind, example := range examples {
			t.Logf("%s ×%d: %+v", kind, sample.Errors[kind], example)
		}
		return sample
	}
	block(0, stormCut) // what a first block makes is there before the storm
	healthy, unhurt := vitals(t, subject), g.vitals(t, subject)
	failures := map[string]uint64{}
	for storm := range *stormsFlag {
		sample := block(storm+1, stormBlock, stormCut)
		record.AddErrors(&failures, sample.Errors)
		judgeStorm(o, storm+1, sample)
	}
	recovered := recovery(t, subject, healthy)
	calm := g.vitals(t, subject)
	last, err := g.dismiss()
	if err != nil {
		t.Fatal(err)
	}
	record.AddErrors(&failures, last)

	o.Setting = p.setting("the connections of %d clients cut at the same instant, and dialed again at the same instant, %d times, while they send %d images/s of 20 KB", *manyFlag, *stormsFlag, stormRate)
	o.Notef("Failures by kind: %s.", listed(failures))
	o.Notef("The target before: %v. Within %v after it: %v. The generator before: %v. After it: %v.",
		healthy, recovered.within.Round(time.Second), recovered.vital, unhurt, calm)
	if recovered.vital.exceeds(healthy) {
		o.Missf("the target did not recover: %v before, %v after", healthy, recovered.vital)
	}
	if calm.exceeds(unhurt) {
		o.Missf("the generator did not recover: %v before, %v after", unhurt, calm)
	}
	if recovered.sessions != *manyFlag {
		o.Missf("%d of %d clients are connected after it", recovered.sessions, *manyFlag)
	}
	p.Finish(t, o, place)
}

// judgeStorm adds what became of a storm.
func judgeStorm(o *outcome.Outcome, storm int, s record.Sample) {
	c := s.Connections
	if c == nil {
		o.Missf("storm %d: nobody counted connections", storm)
		return
	}
	back := distribution(c.Reconnect)
	o.Row(storm, c.Dialed, c.Dialed-c.Connected, quantile(back, 0.5, time.Second), quantile(back, 0.99, time.Second), most(back, time.Second),
		s.Scheduled, s.Images, c.LostImages, c.DelayedImages)
	if c.Cut != uint64(*manyFlag) {
		o.Missf("storm %d: %d of %d connections were cut", storm, c.Cut, *manyFlag)
	}
	if c.Vacant > 0 || back.Count() < int64(*manyFlag) {
		o.Missf("storm %d: %d clients came back, %d did not", storm, back.Count(), c.Vacant)
	}
	if n := unaccounted(s); n != 0 {
		o.Missf("storm %d: %d images are unaccounted for", storm, n)
	}
}
