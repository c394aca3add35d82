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
	rate     float64   // connections begun a second; 0: as the target takes them
	last     time.Time // when a line was written, or nothing yet
	written  bool      // there is a line
	drawn    int       // characters on the terminal
}

// newConnectingLine begins one on w.
func newConnectingLine(w io.Writer, terminal bool, rate float64) *connectingLine {
	return &connectingLine{w: w, terminal: terminal, rate: rate, last: time.Now()}
}

// worthTelling is how long connecting must take for that to be told beforehand.
const worthTelling = 10 * time.Second

// toGo says how long the clients that are missing take at least, if that is long
// and known; else nothing.
func (c *connectingLine) toGo(missing int) string {
	if c.rate == 0 {
		return ""
	}
	left := time.Duration(float64(missing) / c.rate * float64(time.Second))
	if left < worthTelling {
		return ""
	}
	return fmt.Sprintf(", about %v to go at %s", left.Round(time.Second), reports.FormatRate(c.rate))
}

// show says that so many of all clients are connected.
func (c *connectingLine) show(connected, clients int) {
	says := fmt.Sprintf("wsimg: connecting %s of %s", reports.FormatCount(uint64(connected)), reports.FormatCount(uint64(clients)))
	left := c.toGo(clients - connected)
	switch {
	case c.terminal:
		c.draw(says + left)
	case time.Since(c.last) >= linesEach, left != "" && !c.written:
		fmt.Fprintln(c.w, says+left)
		c.last, c.written = time.Now(), true
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
