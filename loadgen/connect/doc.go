// Package connect opens WebSocket connections to a server: how fast, from
// which addresses, and what each phase took.
//
//	dialer := connect.New(connect.Settings{URL: url})
//	pace := connect.NewPace(0)
//	done, err := pace.Begin(ctx)
//	ws, phases, err := dialer.Dial(ctx, client, nil)
//	done(err, phases.Total())
//
// A [Dialer] is made once for a fleet and used by all its clients at the same
// time. It negotiates permessage-deflate (RFC 7692) when that is asked for,
// and takes no connection on which something else was agreed to.
//
// # Phases
//
// [Phases] are told apart, and a [Recorder] keeps a histogram of each:
//
//	TCP      looking up the name, when that is due, and the three-way handshake;
//	         failed attempts at other addresses of the name are in it
//	TLS      the TLS handshake
//	Upgrade  the WebSocket handshake: from writing the request until the answer
//	         was read and checked
//
// A name is looked up at most once a second, however many clients there are:
// 15,000 look-ups would measure a resolver, and be a load on it. The clients
// take the addresses of a name in turn.
//
// TLS sessions are not resumed: the first connection of a user can't, and a
// server that only ever sees resumed ones is flattered. Who wants the other
// figure gives Settings.TLS a ClientSessionCache.
//
// # Pace
//
// A [Pace] says when the next attempt may begin: at a given rate, or, without
// one, as fast as the server takes connections without refusing any. Clients
// that come again each by a back-off of its own need no more than a bound on
// their number: [NewBound].
//
// # Errors
//
// The types below are kept, for errors.As: [HandshakeError], [GarbledError],
// net.DNSError, those of crypto/tls, and the system's. [Passing] tells whether
// it is worth trying again. No error shows more of the URL than its scheme and host, or
// repeats a token that the server handed back.
package connect
