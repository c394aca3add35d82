// Package proof holds the programs that test whether wsimg's intervals mean
// what they say. Each runs the wsimg binary many times, as a user does, reads
// the runs that it saves and counts how often their intervals are right:
//
//   - AA: a mode against itself, while a hog competes for the machine. An
//     interval that excludes 1 has found a difference that is not there.
//   - Effect: a server delays one of two modes by a known amount. The interval
//     must contain what the server recorded.
//   - Reproducible: the default run, again and again. Its intervals must be
//     narrow, and contain what the other runs found.
//   - Power: a difference as large as the smallest that wsimg says it can
//     detect. It must be found about as often as wsimg says.
//   - Ceiling: the capacity of a server that can save 800 images/s and no more.
//     It must be found.
//   - Capacity: the capacity of the bundled target, again and again. The ratio of
//     the modes must be known well, and be the same.
//
// They take minutes and want a machine to themselves, so they are behind a
// build tag. From the module's root:
//
//	go test -count 1 -tags slow -v -timeout 60m -run AA ./cmd/wsimg/internal/proof
//
// and likewise -run Effect, Reproducible, Power, Ceiling and Capacity. Flags go behind the
// package: -runs 4 for a short trial, -update to put the outcome into
// README.md, which is where the last ones are kept beside what each program
// proves and the bars it must clear. WSIMG names a binary to use in place of
// one built from the source.
//
// What can be tested in no time is, without the tag: series and bars count, and
// truth reads the delaying server's log.
package proof
