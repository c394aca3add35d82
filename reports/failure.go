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
	Kind     string          `json:"kind"`
	Name     string          `json:"name,omitempty"` // what a close code or a status means, as in "try again later"
	Count    uint64          `json:"count"`
	InWarmup uint64          `json:"in_warmup,omitempty"` // of Count, before the first block
	First    *record.Example `json:"first,omitempty"`
}

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
		f := Failure{Kind: kind, Name: nameOf(kind), Count: n, InWarmup: c.WarmupErrors[kind]}
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

// closeCodes are the names of the close codes: RFC 6455, section 7.4.1, and
// the registry it made (IANA, WebSocket Close Code Number Registry).
var closeCodes = map[int]string{
	1000: "normal closure",
	1001: "going away",
	1002: "protocol error",
	1003: "unsupported data",
	1004: "reserved",
	1005: "no status received",
	1006: "abnormal closure",
	1007: "invalid frame payload data",
	1008: "policy violation",
	1009: "message too big",
	1010: "mandatory extension",
	1011: "internal error",
	1012: "service restart",
	1013: "try again later",
	1014: "bad gateway",
	1015: "TLS handshake",
	3000: "unauthorized",
	3003: "forbidden",
	3008: "timeout",
}

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
		if code >= 4000 && code <= 4999 {
			return "the server's own code"
		}
		return closeCodes[code]
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

// ofConnecting reports whether failures of a kind are attempts to connect, and
// not images.
func ofConnecting(kind string) bool {
	switch kind {
	case "refused", "dns", "tls", "no-ports", "no-files", declined:
		return true
	}
	return strings.HasPrefix(kind, "handshake")
}

// attempts returns how many of the cell's failures are attempts to connect.
func (c Cell) attempts() uint64 {
	var n uint64
	for kind, failed := range c.Errors {
		if ofConnecting(kind) {
			n += failed
		}
	}
	return n
}

// concludeFailures says how many images and attempts to connect failed; empty
// where none did.
func (c Cell) concludeFailures() string {
	attempts := c.attempts()
	images := c.ErrorCount - min(attempts, c.ErrorCount)
	switch {
	case attempts == 0 && images == 0:
		return ""
	case attempts == 0:
		return count(images, "image") + " failed: see errors."
	case images == 0:
		return count(attempts, "attempt") + " to connect failed: see errors."
	}
	return count(images, "image") + " and " + count(attempts, "attempt") + " to connect failed: see errors."
}
