//go:build slow

package siege

import (
	"flag"
	"testing"
	"time"

	"github.com/wsimg/wsimg/cmd/wsimg/internal/outcome"
	"github.com/wsimg/wsimg/target"
	"github.com/wsimg/wsimg/target/store"
)

var (
	idleFlag     = flag.Int("idle", 15_000, "clients of Idle")
	idleTimeFlag = flag.Duration("idle-timeout", 20*time.Second, "of the targets of Idle and Scale: how long a client may be silent, so how often it is pinged")
	profileFlag  = flag.String("profile", "", "put a heap profile of the idle target of Idle, or of the idle generator of Scale, into this `file`")
)

// mostIdleBytes is what an idle connection may take of the target's memory.
const mostIdleBytes = 10 << 10

// TestIdle has thousands of clients connected to a target that does nothing but
// ping them, and looks at what that takes.
func TestIdle(t *testing.T) {
	needProc(t)
	p := newProgram(t)
	subject, err := admit(p.Context(), treatment{Store: store.Discard, Limits: target.Limits{Idle: *idleTimeFlag}})
	if err != nil {
		t.Fatal(err)
	}
	defer subject.release()
	look := func(profile string) (anatomy, int64) {
		a, err := subject.examine(profile)
		if err != nil {
			t.Fatal(err)
		}
		resident, err := rss(subject.pid())
		if err != nil {
			t.Fatal(err)
		}
		return a, resident
	}
	before, emptyRSS := look("")
	crowd := p.horde(t, subject.addr, group{Kind: "idle", Clients: *idleFlag})
	rawRSS, err := rss(subject.pid())
	if err != nil {
		t.Fatal(err)
	}
	used, since := cpu(t, subject.addr), time.Now()
	// Nobody lasts twice the time who did not answer a ping.
	if !sleep(p.Context(), 2**idleTimeFlag) {
		t.Fatal(p.Context().Err())
	}
	busy := (cpu(t, subject.addr) - used).Seconds() / time.Since(since).Seconds()
	agedRSS, err := rss(subject.pid())
	if err != nil {
		t.Fatal(err)
	}
	after, fullRSS := look(*profileFlag)
	tally, err := crowd.dismiss()
	if err != nil {
		t.Fatal(err)
	}

	o := &outcome.Outcome{
		Program: "Idle",
		Setting: p.setting("%d clients connected for %v, each pinged at least every %v", *idleFlag, 2**idleTimeFlag, *idleTimeFlag),
		Header:  []string{"memory of a connection", "bytes", "at most"},
	}
	each := func(bytes int64) int64 { return bytes / int64(*idleFlag) }
	grown := after.minus(before)
	o.Row("resident, garbage collected", each(fullRSS-emptyRSS), mostIdleBytes)
	o.Row("… of it live objects", each(grown.Heap), "–")
	o.Row("… of it stacks", each(grown.Stacks), "–")
	o.Row("… of it lost between objects", each(grown.Spans), "–")
	o.Row("… of it the runtime's own", each(grown.Runtime), "–")
	o.Row("resident, as it is at the end", each(agedRSS-emptyRSS), "–")
	o.Row("resident, when all have just connected", each(rawRSS-emptyRSS), "–")
	o.Notef("Goroutines: %.2f a connection. CPU meanwhile, pings and pongs: %.2f %% of a core. What the kernel keeps of a socket is not in it.",
		float64(grown.Goroutines)/float64(*idleFlag), 100*busy)
	if n := each(fullRSS - emptyRSS); n > mostIdleBytes {
		o.Missf("a connection takes %d bytes", n)
	}
	if n := tally["idle"][held]; n != *idleFlag {
		o.Missf("%d of %d clients held out: %v", n, *idleFlag, tally["idle"])
	}
	p.Finish(t, o, place)
}

// minus returns what a process took since it was b.
func (a anatomy) minus(b anatomy) anatomy {
	return anatomy{a.Heap - b.Heap, a.Spans - b.Spans, a.Stacks - b.Stacks, a.Runtime - b.Runtime, a.Goroutines - b.Goroutines}
}
