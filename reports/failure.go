package reports

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/wsimg/wsimg/loadgen/record"
)

// Failure is one kind of failure of a load.
type Failure struct {
	Kind     string `json:"kind"`
	Name     string `json:"name,omitempty"` // what a close code or a status means, as in "try again later"
	Count    uint64 `json:"count"`
	InWarmup uint64 `json:"in_warmup,omitempty"` // of Count, before the first block
	// NoImage is how many of Count took no image with them: attempts to connect,
	// and connections that were lost while nothing was owed. Those before the
	// first block are not told apart.
	NoImage uint64          `json:"no_image,omitempty"`
	First   *record.Example `json:"first,omitempty"`
}

// Images returns how many of Count were images, in the blocks.
func (f Failure) Images() uint64 { return f.Count - min(f.InWarmup+f.NoImage, f.Count) }

// Title is the kind with its name, where it has one: "closed-1013 (try again
// later)".
func (f Failure) Title() string { return titled(f.Kind, f.Name) }

func titled(kind, name string) string {
	if name == "" {
		return kind
	}
	return kind + " (" + name + ")"
}

// failures returns the kinds of failure of a cell, the most frequent first.
func (c Cell) failures() []Failure {
	var fs []Failure
	for kind, n := range c.Errors {
		f := Failure{Kind: kind, Name: nameOf(kind), Count: n, InWarmup: c.WarmupErrors[kind], NoImage: c.ConnectionErrors[kind]}
		if first, ok := c.Examples[kind]; ok {
			f.First = &first
		}
		fs = append(fs, f)
	}
	slices.SortFunc(fs, func(a, b Failure) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Kind, b.Kind))
	})
	return fs
}

// The beginnings of the kinds of failure that end with a number.
const (
	closedWith = "closed-"    // and the code of the close frame
	answered   = "handshake-" // and the status of the HTTP response
)

// statuses are the names of the HTTP statuses that servers refuse WebSockets
// with (RFC 9110, section 15; 429 of RFC 6585, section 4).
var statuses = map[int]string{
	200: "OK, and no upgrade",
	400: "bad request",
	401: "unauthorized",
	403: "forbidden",
	404: "not found",
	407: "proxy authentication required",
	413: "content too large",
	421: "misdirected request",
	426: "upgrade required",
	429: "too many requests",
	500: "internal server error",
	502: "bad gateway",
	503: "service unavailable",
	504: "gateway timeout",
}

// nameOf returns what the number in a kind of failure means; empty where there
// is none, or it is not known. Codes from 4000 on mean what the server says they
// do (RFC 6455, section 7.4.2).
func nameOf(kind string) string {
	if code, ok := numbered(kind, closedWith); ok {
		if code >= record.FirstOwnCode && code <= record.LastOwnCode {
			return "the server's own code"
		}
		return record.CloseName(code)
	}
	if status, ok := numbered(kind, answered); ok {
		return statuses[status]
	}
	return ""
}

func numbered(kind, prefix string) (int, bool) {
	number, ok := strings.CutPrefix(kind, prefix)
	if !ok {
		return 0, false
	}
	n, err := strconv.Atoi(number)
	return n, err == nil
}

// total returns how many there are of all kinds.
func total(errors map[string]uint64) (n uint64) {
	for _, of := range errors {
		n += of
	}
	return n
}

// countFailed adds what of a block's failures was an image, an attempt to connect,
// and a connection that owed nothing.
func (c *Cell) countFailed(b *record.Sample) {
	for kind, n := range b.ConnectionErrors {
		c.ConnectionErrors[kind] += n
	}
	all, connections := total(b.Errors), total(b.ConnectionErrors)
	attempts := connections
	if of := b.Connections; of != nil {
		attempts = min(attempts, of.Dialed-min(of.Connected, of.Dialed))
	}
	c.FailedImages += all - min(connections, all)
	c.FailedAttempts += attempts
	c.FailedConnections += connections - attempts
}

// FailedBefore returns how many failures there were before the first block, and
// how many of them were attempts to connect.
func (c Cell) FailedBefore() (failures, attempts uint64) {
	if c.declined() {
		return 0, 0
	}
	failures = total(c.WarmupErrors)
	if c.Connections != nil && c.Connections.Before != nil {
		d := c.Connections.Before
		attempts = min(failures, d.Dialed-min(d.Connected, d.Dialed))
	}
	return failures, attempts
}

// concludeFailures says how many images, attempts to connect and connections
// failed; empty where none did.
func (c Cell) concludeFailures() string {
	before, attempts := c.FailedBefore()
	var failed []string
	add := func(n uint64, noun, rest string) {
		if n > 0 {
			failed = append(failed, count(n, noun)+rest)
		}
	}
	add(c.FailedImages, "image", "")
	add(c.FailedAttempts+attempts, "attempt", " to connect")
	add(c.FailedConnections, "connection", " with nothing in flight")
	text := ""
	if failed != nil {
		text = enumerate(failed, "and") + " failed"
	}
	if n := before - attempts; n > 0 {
		if text != "" {
			text += ", and "
		}
		text += "there " + were(n, "failure") + " in the warm-up"
	}
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:] + ": see errors."
}
