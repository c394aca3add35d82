package siege

import (
	"context"
	"time"
)

// client is a way to behave on a connection.
type client interface {
	// behave lasts until the target ends the connection or ctx does, and
	// returns how it was.
	behave(ctx context.Context, l *line) ending
}

// kind is a client, how it comes in, and what it has coming.
type kind struct {
	client     client
	upgrades   bool   // into a session; else what to say first is left to the client
	extensions string // offered in the handshake
	ends       []ending
}

// The ways in which a target ends what it will not stand.
const (
	policy     ending = "1008" // too slow, or silent for too long
	later      ending = "1013" // there was no memory for it in time
	tooBig     ending = "1009"
	malformed  ending = "1002" // frames that RFC 6455 does not allow
	badRequest ending = "HTTP 400"
)

// kinds are all there are. Their ends are those of a target with the limits that
// the programs here set. To be cut is among them where the target gives up on
// somebody who does not read, or has a handshake to finish first.
var kinds = map[string]kind{
	"idle": {client: idle{}, upgrades: true, ends: []ending{held}},

	// Slow senders.
	"trickle": {client: trickle{every: time.Second}, upgrades: true, ends: []ending{policy, later}},
	"promise": {client: promise{bytes: 16_000_000, kept: 1000}, upgrades: true, ends: []ending{policy, later}},
	"almost":  {client: almost{bytes: 2_000_000}, upgrades: true, ends: []ending{policy, later}},

	// Those that do not listen.
	"deaf": {client: deaf{imageBytes: 100_000}, upgrades: true, ends: []ending{cut}},
	"numb": {client: numb{}, upgrades: true, ends: []ending{policy, cut}},

	// Those that never come to be a session.
	"mute":   {client: mute{}, ends: []ending{cut}},
	"loiter": {client: mute{first: request("/", "")}, ends: []ending{cut}},
	"raving": {client: raving{}, ends: []ending{badRequest, cut}},

	// What looks like messages.
	"noise":     {client: noise{}, upgrades: true, ends: []ending{malformed}},
	"bomb":      {client: bomb{inflated: 64}, upgrades: true, extensions: "permessage-deflate; client_no_context_takeover; server_no_context_takeover", ends: []ending{tooBig}},
	"fragments": {client: fragments{batch: 100, every: 100 * time.Millisecond}, upgrades: true, ends: []ending{policy, later}},
	"pings":     {client: pings{batch: 100, every: 100 * time.Millisecond}, upgrades: true, ends: []ending{held}},
	"wrench":    {client: wrench{imageBytes: 100_000}, upgrades: true, ends: []ending{cut}},
}

// idle is an honest client that has nothing to send.
type idle struct{}

func (idle) behave(ctx context.Context, l *line) ending { return l.listen(ctx, true) }
