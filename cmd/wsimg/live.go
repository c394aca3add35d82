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
	// backlog is how much may wait to be written: some phases and a step.
	backlog = 4
	// halfStep is half of the time between two steps, in seconds.
	halfStep = 0.5
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
	load     liveLoad
	news     chan steady.Progress
	done     chan struct{}

	// Of the goroutine that writes.
	connecting *connectingLine // nil: done
	stage      string
	columns    []liveColumn
	clients    bool // there is a column of them
	rows       int
	stretch    stretch
}

// newLive begins to show a load on w. Close it.
func newLive(w io.Writer, terminal bool, load liveLoad) *live {
	l := &live{
		w: w, terminal: terminal, load: load, columns: liveColumns(load.open, false),
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
	for p := range l.news {
		if p.Phase == steady.Connecting {
			l.connect(p)
			continue
		}
		l.connected(p)
		if stage := l.load.stage(p); stage != l.stage && !sliver(p) {
			l.begin(stage)
		}
		if p.Point != nil {
			l.step(p)
		}
	}
	if l.connecting != nil {
		l.connecting.leave()
	}
}

// connect shows how far connecting is.
func (l *live) connect(p steady.Progress) {
	if l.connecting == nil {
		l.flush()
		l.stage = p.Phase
		l.connecting = newConnectingLine(l.w, l.terminal, l.load.connectRate)
	}
	l.connecting.show(p.Connected, p.Clients)
}

// connected ends what is shown of connecting, if anything is; p is what came
// next.
func (l *live) connected(p steady.Progress) {
	if l.connecting != nil {
		l.connecting.end(p.Connected, p.Clients)
		l.connecting = nil
	}
}

// sliver reports whether p is a step too short for a line: where a load ends, it
// belongs to what was before it.
func sliver(p steady.Progress) bool { return p.Point != nil && p.Point.Seconds < halfStep }

// begin says that another stage has begun.
func (l *live) begin(stage string) {
	l.flush()
	l.stage = stage
	l.rows = 0
	fmt.Fprintf(l.w, "wsimg: %s\n", stage)
}

// step shows a step of the load, or keeps it until there is a line's worth.
func (l *live) step(p steady.Progress) {
	each := time.Second
	if !l.terminal {
		each = linesEach
	}
	l.stretch.add(p.Point, p.Clients)
	if l.stretch.seconds >= each.Seconds()-halfStep {
		l.flush() // steps are a second, more or less
	}
}

// flush writes the stretch, if it is worth a line, and begins another.
func (l *live) flush() {
	s := l.stretch
	l.stretch = stretch{}
	if s.seconds < halfStep {
		return
	}
	if s.vacant && !l.clients {
		l.clients, l.rows = true, 0
		l.columns = liveColumns(l.load.open, true)
	}
	if l.terminal {
		l.row(&s)
	} else {
		l.sentence(&s)
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
	if s.silent > 0 {
		parts = append(parts, fmt.Sprintf("nothing verified for %.0f s of it", s.silent))
	}
	fmt.Fprintf(l.w, "wsimg: %s\n", strings.Join(parts, ", "))
}
