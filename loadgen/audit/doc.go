// Package audit proves that a target saved every image that it answered for,
// exactly once and intact, by comparing the books of both ends:
//
//	auditor, err := audit.Begin(ctx, site.Audit) // before the first connection
//	traffic.Audit(auditor.Book(source))          // before the first image
//	…
//	run.Audit = auditor.End(ctx, fleet.Dialed()) // after the last connection was closed
//
// # The books
//
// Each end keeps, of all its images, their number and the sum of their hashes
// modulo 2^128, in 256 parts by the low 8 bits of the hash: O(1) memory
// however many there are, and no matter in which order they came. The hash is
// XXH3-128 of the raw bytes, with seed 0.
//
// The generator's [Book] counts each distinct image of a source: how often it
// was sent, and how often its reply was verified. The target's book counts what
// it saved for clients that asked to be audited, before it answered them. It is
// read before the first image and after the last, and [Settle] compares what it
// grew by.
//
// # What equality says
//
// Each verified image was saved once. An image that was sent and has no
// verified reply is unsettled, whatever failed: the target may have saved it or
// not. So what a part grew by must be its verified images and some of the
// unsettled ones: how many of them follows from the number, and which from the
// sum. An image that is lost, saved twice, altered or somebody else's fits
// neither, short of two choices of images whose hashes have one sum. That such
// can be made on purpose is no matter: a target is measured here, not fought.
package audit
