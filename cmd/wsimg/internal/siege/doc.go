// Package siege holds the programs that test whether a target can be left
// running: what it costs when nothing happens, and what becomes of it when
// everything goes wrong at once.
//
//   - Idle: 15,000 clients that send nothing. What does each of them take?
//   - Crowd: 15,000 clients of which 100 send. Are these served as well as if they
//     were alone?
//   - Siege: thousands of hostile clients, of every kind there is. Are honest ones
//     served, does memory stay within its bound, is all of it given back?
//   - Soak: ten million images over a network that breaks, to a disk that fills
//     up. Is each one that was acknowledged saved once, and intact?
//   - Kill: SIGKILL at any moment. Is what was acknowledged there?
//
// They take minutes and want a machine to themselves, so they are behind a
// build tag. From the module's root:
//
//	go test -count 1 -tags slow -v -timeout 30m -run Idle ./cmd/wsimg/internal/siege
//
// and likewise -run Crowd, Siege, Soak and Kill. Flags go behind the package:
// -update puts the outcome into README.md, which is where the last ones are kept
// beside the bars. WSIMG names a binary to use in place of one built from
// the source. Shorter trials are made with -rounds 6 (Crowd), -siege 15s,
// -scale 0.5 and -kinds bomb,deaf (Siege), -images 500000 (Soak), and -kills 3.
//
// Idle, Crowd and Siege want Linux, where one process can see the CPU time and
// the memory of another. Soak wants root for a disk to fill up; without, it says
// that this fault was left out.
//
// # Hostile clients
//
// A kind of client is a small type that behaves badly on one connection and
// tells how the target ended it. A horde is many of them, in this process or in
// one of its own, so that their files are not those of the target. Without the
// tag a few of each kind meet a target in this process.
package siege
