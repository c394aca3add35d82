// Package loadgen drives image traffic over WebSockets: many concurrent
// clients, each echo verified byte for byte.
//
//	fleet, err := loadgen.Dial(ctx, loadgen.Settings{URL: url, Clients: 16})
//	traffic, err := loadgen.NewTraffic(source, mode, loadgen.Live, record.Echo, 16)
//	sample, examples, err := fleet.Run(ctx, loadgen.Block{Traffic: traffic, Length: 100 * time.Millisecond})
//
// A Fleet is connections that stay open; Run drives them through one block of
// a Traffic, the images of a payload.Source in one payload.Mode, and returns a
// record.Sample. Clients run back to back, a closed loop.
//
// # What is measured
//
// The window of a block runs from the last client's first reply to the planned
// stop, so that all clients are busy throughout. An image is in the window's
// histograms when it was due in it, however late its reply came: a stall at
// the end is not cut off. Round trips that straddle an edge count towards the
// rate by the share that lies within.
//
// # What can go wrong
//
// Every image that was sent is verified, or counted under one kind of failure
// (the constants Foreign to Other), of which the first is kept as an example.
// A connection that failed, gave a wrong reply or owes one is closed and
// redialed before the next block; the others go on.
package loadgen
