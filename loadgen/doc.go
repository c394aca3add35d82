// Package loadgen drives image traffic over WebSockets: many concurrent
// clients, each echo verified byte for byte.
//
//	fleet, err := loadgen.Dial(ctx, loadgen.Settings{URL: url, Clients: 16})
//	traffic, err := loadgen.NewTraffic(source, mode, loadgen.Live, record.Echo, 16)
//	sample, examples, err := fleet.Run(ctx, loadgen.Block{Traffic: traffic, Length: 100 * time.Millisecond})
//
// A Fleet is connections that stay open; Run drives them through one Block: a
// Traffic, the images of a payload.Source in one payload.Mode, under a Load. It
// returns a record.Sample. The zero Load is a closed loop: every client sends
// its next image when the last was answered, after a think time if there is
// one. A Load with a Plan is an open loop: images are due when the plan says.
//
// # What is measured
//
// An image has these instants, and the times between them are kept apart:
//
//	due     it should have been sent
//	free    its connection was there for it: wait is from due to here, and the
//	        load's or the server's doing
//	begin   its client turned to it: lateness is from the later of due and free
//	        to here, and is the generator's doing. Free is when the connection
//	        would have been, had the image before not been late
//	start   the write call, after encoding
//	end     the read that returned the last byte of the reply
//
// Response time is due → end and service time start → end. A server that stops
// for two seconds shows in the response time of everything due in these two
// seconds, and in the service time of the few images in flight; who looks at
// the latter alone makes the mistake called coordinated omission.
//
// The window of a closed block runs from the last client's first reply to the
// planned stop, so that all clients are busy throughout; round trips that
// straddle an edge count towards the rate by the share that lies within. The
// window of an open block is its plan but for the ramp-in. An image is in the
// histograms when it was due in the window, however late its reply came: a
// stall at the end is not cut off.
//
// # Compression
//
// Settings.Deflate has a fleet ask for permessage-deflate (RFC 7692) without
// context takeover, so that every message stands by itself: Dial fails with
// ErrDeclined where it does not get that. Traffic in a mode that compresses
// needs such a fleet; other traffic may go over it too. Compressing is part of
// encoding, in response time and in Sample.EncodeNs. Replies are verified as
// they are inflated, whether the server compressed them or not, and no further
// than a megabyte beyond what was expected. Wire bytes are those of the frames.
//
// # What can go wrong
//
// Every image that was due is verified, or counted under one kind of failure
// (the constants Foreign to Other), of which the first is kept as an example.
// One that was never answered is in the histogram of response times too, with
// the time it had waited. A connection that failed, gave a wrong reply or owes
// one is closed and redialed: in an open loop, and with Block.Redial, in the
// block, else before the next; the others go on.
//
// # Connections that come and go
//
// Grow connects at the pace of connect.Pace, and Block.Ramp brings clients one
// by one. A client that lost its connection waits by Settings.Backoff before
// each attempt, in a queue and not in a goroutine; what is due meanwhile waits
// for it, in wait and in response time, in a closed loop from the instant of
// the loss. Connections also end by Block.Lifetime, with close code 1000 when
// nothing is owed, and the client dials again at once; and by Block.Cuts, with a
// reset, as when the server's machine dies. With Settings.Storm one client asks
// for all whether the server is back, and then all dial at the same instant.
// record.Connections tells what became of them. Clients that are not active
// keep their connection, and nothing ever waits for them.
package loadgen
