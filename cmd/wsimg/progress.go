package main

import (
	"fmt"
	"io"
	"os"
	"sync/atomic"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"golang.org/x/term"

	"github.com/wsimg/wsimg/loadgen/bench"
	"github.com/wsimg/wsimg/reports"
)

// progress shows how far a run is: a bar on a terminal, a line now and then
// elsewhere. It draws only when it is told something, between blocks, so it is
// not measured.
type progress interface {
	show(bench.Progress)
	close()
}

// newProgress chooses for w.
func newProgress(w io.Writer, quiet bool) progress {
	switch {
	case quiet:
		return noProgress{}
	case isTerminal(w):
		return newBar(w)
	default:
		return &lines{w: w}
	}
}

func isTerminal(w any) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

type noProgress struct{}

func (noProgress) show(bench.Progress) {}
func (noProgress) close()              {}

// lines prints a line when something begins, and every ten seconds.
type lines struct {
	w     io.Writer
	phase string
	last  time.Time
}

func (l *lines) show(p bench.Progress) {
	if p.Phase == l.phase && time.Since(l.last) < 10*time.Second {
		return
	}
	l.phase, l.last = p.Phase, time.Now()
	fmt.Fprintf(l.w, "wsimg: %s\n", words(p))
}

func (l *lines) close() {}

// words says it in one line.
func words(p bench.Progress) string {
	s := p.Phase
	switch {
	case p.Rounds > 0:
		s += fmt.Sprintf(", round %d of %d", p.Round, p.Rounds)
	case p.Round > 0: // as many as it takes
		s += fmt.Sprintf(", round %d", p.Round)
	}
	if left := p.Remaining.Round(time.Second); left > 0 {
		s += fmt.Sprintf(", %v to go", left)
	}
	if p.Errors > 0 {
		s += fmt.Sprintf(", %s errors", reports.FormatCount(p.Errors))
	}
	return s
}

// bar is a bar on a terminal.
type bar struct {
	all     *mpb.Progress
	bar     *mpb.Bar
	refresh chan any
	words   atomic.Value // string; the bar is drawn by a goroutine of its own
}

// barSteps is how finely the bar is divided.
const barSteps = 1000

func newBar(w io.Writer) *bar {
	b := &bar{refresh: make(chan any)}
	b.words.Store("")
	b.all = mpb.New(mpb.WithOutput(w), mpb.WithWidth(40), mpb.WithManualRefresh(b.refresh))
	b.bar = b.all.AddBar(barSteps, mpb.BarRemoveOnComplete(),
		mpb.AppendDecorators(decor.Any(func(decor.Statistics) string { return b.words.Load().(string) })))
	return b
}

func (b *bar) show(p bench.Progress) {
	b.words.Store(words(p))
	// Complete only in close: a bar that has completed can't be drawn again.
	b.bar.SetCurrent(min(int64(p.Done*barSteps), barSteps-1))
	b.refresh <- time.Now()
}

func (b *bar) close() {
	b.bar.Abort(true)
	b.all.Wait()
}
