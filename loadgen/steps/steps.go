// Package steps does parts of the work on an image by themselves and times
// them, so that a report can say how much of a mode's cost is encoding, how
// much masking, and how much is none of these. Time is CPU time: of the thread on
// Linux, of the process on other Unix systems; elsewhere it is time that passes.
//
// A step makes the passes over memory that the generator, or wsimg's target,
// makes over an image, in pieces of the same length and through scratches of
// the same size: what lies in the first-level cache there lies there here. What
// it leaves out is what can't be had alone: the kernel's copies, the other
// clients that share the caches, waiting for a core. So steps are lower bounds,
// and what the parts cost beyond them under load is in what remains.
//
//	s := steps.New(source, mode, steps.Settings{Sender: "live", Reply: record.Echo})
//	for range rounds {
//		// … a block of the mode …
//		sample.Steps = s.Measure()
//	}
package steps

import (
	"cmp"
	"runtime"
	"slices"
	"time"

	"github.com/wsimg/wsimg/loadgen/payload"
	"github.com/wsimg/wsimg/loadgen/record"
)

// A step is measured in a few stints, of which the median counts: one that an
// interrupt, or a neighbour in the cache, makes a hundred times as long doesn't.
const (
	// repetition is how long a step is repeated in a stint: long enough for the
	// clock, short beside a block.
	repetition = 200 * time.Microsecond
	stints     = 5
	// enough ends the stints of a step that takes long for one image.
	enough = 5 * time.Millisecond
)

// prepared is the sender that finishes its frames beforehand, as package
// loadgen names it.
const prepared = "prepared"

// Settings is what of a run decides which steps an image needs.
type Settings struct {
	Sender string // live or prepared, which neither encodes nor masks
	Reply  string // record.Echo or record.Ack, which leaves nothing to compare
	UTF8   bool   // the target checks text messages: its store is off
}

// Steps are the parts of the work on the images of one source in one mode. It
// goes on through the images from one measurement to the next, so that they are
// no hotter in the caches than they are for clients that take them in turn. It
// is not safe for concurrent use.
type Steps struct {
	steps []named
}

type named struct {
	name string // empty: the work of no part, but needed by another
	step
}

// step is one part of the work.
type step interface {
	// measure is one stint: it repeats the step for about a repetition, and for
	// an image at least.
	measure() record.Stage
}

// New returns the steps that images of source need in mode, whose level of
// compression there must be. It holds a message or two and scratches of some
// hundred KB beside the source, and in binary modes a second copy of its images
// to compare with; a compressor takes another MB.
func New(source *payload.Source, mode payload.Mode, s Settings) *Steps {
	var (
		all  Steps
		m    = newMessages(source, mode)
		add  = func(name string, s step) { all.steps = append(all.steps, named{name, s}) }
		live = s.Sender != prepared
	)
	if live && m.codec != nil {
		add(record.EncodeStep, newEncoding(m))
	}
	if mode.Deflate.On {
		all.addDeflated(m, mode.Deflate.Level, live, s.Reply == record.Echo)
	} else {
		if live {
			add(record.MaskStep, newMasking(m))
		}
		add(record.UnmaskStep, newUnmasking(m.turns(), func(i int) int { return len(m.plain[i]) }))
	}
	if s.UTF8 && mode.Kind == payload.Text {
		add(record.UTF8Step, newChecking(m))
	}
	if s.Reply == record.Echo {
		block := replyBlock
		if mode.Deflate.On {
			block = inflatedBlock
		}
		add(record.CompareStep, newComparing(m, block))
	}
	return &all
}

// addDeflated adds what is done to compressed messages. Each step works on what
// deflating, which comes first, has just made; that goes unnamed where frames
// are prepared.
func (s *Steps) addDeflated(m messages, level int, live, echo bool) {
	d := newDeflating(m, level)
	length := func(int) int { return len(d.payload) }
	add := func(name string, of step) { s.steps = append(s.steps, named{name, of}) }
	if live {
		add(record.DeflateStep, d)
		add(record.MaskStep, newMaskingInPlace(length))
	} else {
		add("", d)
	}
	add(record.UnmaskStep, newUnmasking(turns{n: 1}, length))
	if echo {
		add(record.InflateStep, newInflating(d))
	}
}

// Measure does each step once more, for about a millisecond or one image, and
// returns the images and the time of its median stint by its name,
// record.EncodeStep and so on. It keeps one core busy, and outside Linux counts
// what the process does beside it: call it when nothing is being measured.
func (s *Steps) Measure() map[string]record.Stage {
	runtime.LockOSThread() // whose CPU time is taken
	defer runtime.UnlockOSThread()
	measured := make(map[string]record.Stage, len(s.steps))
	for _, of := range s.steps {
		stage := typical(of)
		if of.name != "" {
			measured[of.name] = stage
		}
	}
	return measured
}

// typical returns the median stint of s by its time an image, of two the
// shorter.
func typical(s step) record.Stage {
	var all [stints]record.Stage
	n := 0
	for took := time.Duration(0); n < stints && took < enough; n++ {
		all[n] = s.measure()
		took += time.Duration(all[n].TotalNs)
	}
	slices.SortFunc(all[:n], func(a, b record.Stage) int { return cmp.Compare(perImage(a), perImage(b)) })
	return all[(n-1)/2]
}

func perImage(s record.Stage) float64 { return float64(s.TotalNs) / float64(s.Count) }

// turns goes through the images, round and round.
type turns struct{ next, n int }

func (t *turns) take() int {
	i := t.next
	if t.next++; t.next == t.n {
		t.next = 0
	}
	return i
}

// pass is a step that needs no preparation: do works on image i.
type pass struct {
	turns
	do func(i int)
}

// measure reads the stopwatch rarely enough not to measure the reading.
func (p *pass) measure() record.Stage {
	watch := start()
	for done, batch := uint64(0), 1; ; {
		for range batch {
			p.do(p.take())
		}
		done += uint64(batch)
		took := watch.elapsed()
		switch {
		case took >= repetition:
			return record.Stage{Count: done, TotalNs: int64(took)}
		case took < repetition/16:
			batch *= 2
		}
	}
}

// messages are what the images of a source are sent as.
type messages struct {
	images [][]byte
	plain  [][]byte      // the payloads, uncompressed: the images or their Base64
	codec  payload.Codec // nil: binary
}

func newMessages(source *payload.Source, mode payload.Mode) messages {
	m := messages{images: source.Images(), plain: source.Images()}
	if mode.Kind == payload.Text {
		m.plain, m.codec = source.Texts(), mode.Codec.New()
	}
	return m
}

func (m messages) turns() turns { return turns{n: len(m.plain)} }

// longest returns the length of the longest message.
func (m messages) longest() int {
	n := 0
	for _, p := range m.plain {
		n = max(n, len(p))
	}
	return n
}
