package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/wsimg/wsimg/loadgen/steady"
)

const (
	// linesEach is how often a line is written where nobody watches.
	linesEach = 10 * time.Second
	// headEach is how many rows a header stays in sight for.
	headEach = 20
	// backlog is how much may wait to be written: all the phases and a step.
	backlog = 4
	// goodbye is how long the last of it may take.
	goodbye = 500 * time.Millisecond
)

// live shows a load while it runs: on a terminal a row a second, under a
// header that is repeated now and then; elsewhere a line every ten seconds. It
// writes in a goroutine of its own and drops what a writer that is stuck does
// not take, so that the load never waits for it. It keeps one line's worth.
type live struct {
	w        io.Writer
	terminal bool
	columns  []liveColumn
	news     chan steady.Progress
	done     chan struct{}
	rows     int
}

// newLive begins to show a load on w, an open one or not. Close it.
func newLive(w io.Writer, terminal, open bool) *live {
	l := &live{
		w: w, terminal: terminal, columns: liveColumns(open),
		news: make(chan steady.Progress, backlog), done: make(chan struct{}),
	}
	go l.write()
	return l
}

// show hands p over; it never waits.
func (l *live) show(p steady.Progress) {
	select {
	case l.news <- p:
	default:
	}
}

// close returns when all is written, or the writer is stuck. Nothing may be
// shown any more.
func (l *live) close() {
	close(l.news)
	select {
	case <-l.done:
	case <-time.After(goodbye):
	}
}

// write writes what it is given until there is no more. The last stretch, too
// short for a line of its own, is left to the report.
func (l *live) write() {
	defer close(l.done)
	each := time.Second
	if !l.terminal {
		each = linesEach
	}
	var s stretch
	for p := range l.news {
		if p.Point == nil {
			fmt.Fprintf(l.w, "wsimg: %s\n", p.Phase)
			continue
		}
		s.add(p.Point)
		if s.seconds < each.Seconds()-0.5 {
			continue // steps are a second, more or less
		}
		if l.terminal {
			l.row(&s)
		} else {
			l.sentence(&s)
		}
		s = stretch{}
	}
}

// row writes s as a row of a table.
func (l *live) row(s *stretch) {
	var b strings.Builder
	line := func(cell func(liveColumn) string) {
		for _, c := range l.columns {
			fmt.Fprintf(&b, "%*s", c.width(), cell(c))
		}
		b.WriteString("\n")
	}
	if l.rows%headEach == 0 {
		line(func(c liveColumn) string { return c.name })
		line(func(c liveColumn) string { return c.unit })
	}
	l.rows++
	line(func(c liveColumn) string { return c.value(s) })
	io.WriteString(l.w, b.String())
}

// sentence writes s as a line by itself.
func (l *live) sentence(s *stretch) {
	var parts []string
	for _, c := range l.columns {
		parts = append(parts, fmt.Sprintf(c.says, c.value(s)))
	}
	fmt.Fprintf(l.w, "wsimg: %s\n", strings.Join(parts, ", "))
}
