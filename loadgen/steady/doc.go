// Package steady puts one mode under one load, steady or in stages, for as
// long as asked, and returns the run that a report is made of.
//
//	run, err := steady.Run(ctx, steady.Settings{
//		URL:    "ws://127.0.0.1:9000/",
//		Source: images,
//		Mode:   payload.Mode{Kind: payload.Text},
//		Load:   loadgen.Load{Plan: schedule.Steady(500, 10*time.Minute)},
//	})
//
// A run is one cell and one sample: the whole load is a single block, after a
// short warm-up that is no part of it. Clients whose connection fails come
// back while it lasts, and what was due meanwhile waits for them. Without a
// plan the load is a closed loop for Settings.Duration.
//
// # Coming and going
//
// All clients are connected before the load begins. With Settings.Ramp the first
// alone is, or the active where others are idle, and warms up; the rest come
// evenly at the beginning of the block, whose window opens when they are there.
// Lifetime, Cuts and Storm end connections or have them begin as real ones do.
//
// A target that goes away ends nothing: failures are counted, clients try again
// by Backoff, and the run is complete when its time is over. What it cost the
// target is not known across a restart. The warm-up ends in its time too: it does
// not wait for clients that get no connection.
//
// Connections that fail before the load begins, in the warm-up or while the active
// are alone, count with how connections came to be (record.Cell.Connecting), those
// behind it with the load's, and a note tells of either.
//
// # Idle clients
//
// With Settings.Active the others stay connected and send nothing. What they
// cost is in record.Idle:
//
//	connecting           the active
//	warming up
//	active alone         10 s of the same load, at most half as long as it lasts,
//	                     behind a second that is discarded
//	                     reading: memory before
//	connecting           the idle
//	                     reading: memory with them
//	measuring            the load
//	active alone again   the same 10 s, once the idle have left
//
// There is a stretch on either side of the load so that a machine that becomes
// faster or slower meanwhile does not pass for what the idle do. What fails in
// them, connections included, is in the blocks of record.Idle, and counts with what
// fails in the warm-up and in the load as well.
//
// Both readings are of resident memory. The generator collects its garbage and
// gives free memory back before; the target does not, so garbage such as that of
// the handshakes is in what it holds. What the kernel holds for sockets is in
// neither. The difference of the two, divided by the idle clients, is what a
// connection takes there. With a ramp the idle come in the block, and the
// second reading is behind it.
//
// # Records
//
// An audited run counts every image, the warm-up's included, and ends by comparing
// the books (package audit).
//
// What is kept does not grow with time: one set of histograms and counters for
// the block, and a series of at most record.MaxPoints steps, which begin as
// seconds and are merged two by two when there would be more.
package steady
