// Package calibrate measures the ceilings of this machine: how many images a
// second each part of a round trip would allow if there were nothing else.
// Whoever knows them knows before a run what the generator can and can't show.
//
//	found, err := calibrate.Run(ctx, calibrate.Settings{})
//
// What is measured:
//
//   - the raw TCP echo of package yardstick, at the image's size and at that of
//     its Base64: the bytes alone
//   - WebSocket echoes between a real loadgen.Fleet and the bundled target, with
//     store off: binary prepared, binary live, text live
//   - Base64 both ways, masking and the UTF-8 check, each on one core
//   - each store, in a folder of one's choice
//   - how late the ways to wait wake up, and how fast connections open
//
// Both servers are processes of their own, as in a run. Echoes and stores may
// use all cores, and both ends of an echo share them: a ceiling is of this
// machine with everything on it.
//
// # How it stays short and yet to be trusted
//
// Noise is slow, so no ceiling is measured in one go: all are measured for a
// moment each, one after the other, five times over, every other time
// backwards. The median counts; the least and the most are kept beside it. The
// time there is sets the length of a moment anew before every repetition, so
// what one takes too long the next ones make up for.
package calibrate
