//go:build slow && unix

package siege

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"syscall"
	"testing"
	"time"

	"github.com/wsimg/wsimg/cmd/wsimg/internal/outcome"
	"github.com/wsimg/wsimg/loadgen/churn"
	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/reports"
)

var outagesFlag = flag.Int("outages", 10, "how often Outage kills the target, 22 s each")

const (
	outageClients = 200
	outageRate    = 200 // images a second, of all clients together
	outageRun     = 20 * time.Second
	// outageAfter is when the target is killed, from the first image that it saw,
	// and a random second is added: the generator has measured for some seconds.
	outageAfter = 5 * time.Second
	// dying is how long the target is stopped before it is killed: so there are
	// images in flight.
	dying = 200 * time.Millisecond
	// gone is how long nothing listens.
	gone = 5 * time.Second
	// slowestReturn is when all clients must be back, from when the target
	// listens again: the longest wait of the back-off, and a second to connect.
	slowestReturn = churn.DefaultMost + time.Second
	// The bounds of the gap, in seconds. Points are a second apart, so of the 5 s at
	// least 4 are without an image; somebody is back soon after.
	shortestGap, longestGap = 3.5, 8
)

// survived is a run whose target was killed in the middle.
type survived struct {
	run     *record.Run
	away    time.Duration // from the kill until the target listened again
	back    time.Duration // from then until it had a session of every client
	arrived bool          // it got to that
}

// TestOutage kills the target in the middle of a run, and starts another one on
// the same port 5 s later.
func TestOutage(t *testing.T) {
	p := newProgram(t)
	o := &outcome.Outcome{
		Program: "Outage",
		Header:  []string{"outage", "away, s", "gap in the series, s", "all back after, s", "attempts in vain", "images due", "verified", "lost in flight", "given up", "delayed"},
	}
	var (
		came     record.Connections
		failures = map[string]uint64{}
	)
	for i := range *outagesFlag {
		s := p.outage(t)
		sample := judgeOutage(o, i+1, s)
		if sample.Connections != nil {
			join(t, &came, *sample.Connections)
		}
		record.AddErrors(&failures, sample.Errors)
	}
	back := distribution(came.Reconnect)
	o.Setting = p.setting("SIGKILL for the target in the middle of a run of %v, %d times; %d clients, %d images/s of 100 KB", outageRun, *outagesFlag, outageClients, outageRate)
	o.Notef("%d clients came back, from the end of the old connection to the new one: p50 %s s, p99 %s s, at most %s s. Failures by kind: %s.",
		back.Count(), quantile(back, 0.5, time.Second), quantile(back, 0.99, time.Second), most(back, time.Second), listed(failures))
	p.Finish(t, o, place)
}

// outage is one run and what happens to its target.
func (p program) outage(t *testing.T) survived {
	t.Helper()
	first := p.serve(t, anyPort, "--store", "discard")
	defer first.kill()
	var s survived
	ran := make(chan error, 1)
	go func() {
		var err error
		s.run, err = p.run("--url", "ws://"+first.addr, "--clients", fmt.Sprint(outageClients), "--rate", fmt.Sprintf("%d/s", outageRate), "--duration", outageRun.String())
		ran <- err
	}()
	for ready := time.Now(); ; sleep(p.Context(), 50*time.Millisecond) {
		if now, err := ask(p.Context(), first.addr); err == nil && now.Images.Saved > 0 {
			break
		}
		if time.Since(ready) > time.Minute || p.Context().Err() != nil {
			t.Fatalf("no image came to the target: %v", p.Context().Err())
		}
	}
	sleep(p.Context(), outageAfter+rand.N(time.Second))
	if err := first.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	sleep(p.Context(), dying)
	first.kill()
	killed := time.Now()
	sleep(p.Context(), gone)
	second := p.serve(t, first.addr, "--store", "discard")
	defer second.kill()
	listens := time.Now()
	s.away = listens.Sub(killed)
	for !s.arrived && time.Since(listens) < outageRun && sleep(p.Context(), 20*time.Millisecond) {
		now, err := ask(p.Context(), second.addr)
		s.arrived = err == nil && now.Connections.Open >= outageClients
		s.back = time.Since(listens)
	}
	if err := <-ran; err != nil {
		t.Fatal(err)
	}
	return s
}

// judgeOutage adds what became of a run, and returns its one sample.
func judgeOutage(o *outcome.Outcome, n int, s survived) record.Sample {
	if s.run.Incomplete != "" || len(s.run.Cells) != 1 || len(s.run.Cells[0].Samples) != 1 || s.run.Cells[0].Failed != "" {
		o.Missf("outage %d: the run did not survive: %s %+v", n, s.run.Incomplete, s.run.Cells)
		return record.Sample{}
	}
	sample := s.run.Cells[0].Samples[0]
	c := sample.Connections
	if c == nil {
		c = new(record.Connections)
		o.Missf("outage %d: nobody counted connections", n)
	}
	quiet := silence(sample.Series)
	o.Row(n, reports.FormatNumber(s.away.Seconds()), reports.FormatNumber(quiet), reports.FormatNumber(s.back.Seconds()), c.Dialed-c.Connected,
		sample.Scheduled, sample.Images, c.LostImages, sample.Censored, c.DelayedImages)
	if sample.Seconds < outageRun.Seconds()-1 {
		o.Missf("outage %d: the run lasted %.1f s", n, sample.Seconds)
	}
	if !s.arrived || s.back > slowestReturn || c.Vacant > 0 {
		o.Missf("outage %d: after %.1f s all clients were back: %v; at the end %d had no connection", n, s.back.Seconds(), s.arrived, c.Vacant)
	}
	if lost := unaccounted(sample); lost != 0 {
		o.Missf("outage %d: %d images are unaccounted for", n, lost)
	}
	if c.LostImages == 0 {
		o.Missf("outage %d: no image was lost, though the target had some in hand", n)
	}
	if quiet < shortestGap || quiet > longestGap {
		o.Missf("outage %d: the series has a gap of %.1f s", n, quiet)
	}
	return sample
}

// silence is the longest time of a series without an image, in seconds.
func silence(series []record.Point) float64 {
	var longest, now float64
	for _, p := range series {
		if p.Images > 0 {
			now = 0
			continue
		}
		now += p.Seconds
		longest = max(longest, now)
	}
	return longest
}
