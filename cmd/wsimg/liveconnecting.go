package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/wsimg/wsimg/reports"
)

// connectingLine shows how many clients are connected, while there come more:
// on a terminal in a line that is rewritten, elsewhere every ten seconds and at
// the end.
type connectingLine struct {
	w        io.Writer
	terminal bool
	last     time.Time // when a line was written, or nothing yet
	drawn    int       // characters on the terminal
}

// newConnectingLine begins one on w.
func newConnectingLine(w io.Writer, terminal bool) *connectingLine {
	return &connectingLine{w: w, terminal: terminal, last: time.Now()}
}

// show says that so many of all clients are connected.
func (c *connectingLine) show(connected, clients int) {
	says := fmt.Sprintf("wsimg: connecting %s of %s", reports.FormatCount(uint64(connected)), reports.FormatCount(uint64(clients)))
	switch {
	case c.terminal:
		c.draw(says)
	case time.Since(c.last) >= linesEach:
		fmt.Fprintln(c.w, says)
		c.last = time.Now()
	}
}

// end says how many there are now that no more are waited for.
func (c *connectingLine) end(connected, clients int) {
	says := fmt.Sprintf("wsimg: connected %s of %s", reports.FormatCount(uint64(connected)), reports.FormatCount(uint64(clients)))
	if !c.terminal {
		fmt.Fprintln(c.w, says)
		return
	}
	c.draw(says)
	c.leave()
}

// leave ends the line as it is.
func (c *connectingLine) leave() {
	if c.drawn > 0 {
		fmt.Fprintln(c.w)
	}
}

// draw writes a line over the one before.
func (c *connectingLine) draw(says string) {
	fmt.Fprint(c.w, "\r", says, strings.Repeat(" ", max(0, c.drawn-len(says))))
	c.drawn = len(says)
}
