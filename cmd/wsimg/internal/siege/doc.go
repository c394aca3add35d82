// Package siege holds the programs that test whether both ends hold out: what a
// target costs when nothing happens, and what becomes of it when everything goes
// wrong at once; what thousands of clients cost a generator, and what becomes of
// a run that loses its target.
//
// Of the target:
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
// Of the generator:
//
//   - Scale: 19,000 clients in one process. How soon are they there, what does each
//     of them take, do all hold out?
//   - Share: 500 images a second. Does it cost more to send them from 15,000
//     clients than from 16?
//   - Outage: the target is killed in the middle of a run, and comes back. Does the
//     run go on, do all clients return, is every image accounted for?
//   - Storm: all clients lose their connections at once, and dial at once. Are all
//     back, is nothing left behind at either end?
//
// They take minutes and want a machine to themselves, so they are behind a
// build tag. From the module's root:
//
//	go test -count 1 -tags slow -v -timeout 30m -run Idle ./cmd/wsimg/internal/siege
//
// and likewise -run Crowd, Siege, Soak, Kill, Scale, Share, Outage and Storm. Flags
// go behind the package: -update puts the outcome into README.md, which is where the
// last ones are kept beside the bars. WSIMG names a binary to use in place of one
// built from the source. Shorter trials are made with -rounds 6 (Crowd, Share), -siege 15s,
// -scale 0.5 and -kinds bomb,deaf (Siege), -images 500000 (Soak), -kills 3,
// -many 1000 (Scale, Share, Storm), -most 2000 and -starts 1 (Scale), -outages 2,
// and -storms 1.
//
// All but Soak, Kill and Outage want Linux, where one process can see the CPU time
// and the memory of another; Outage wants Unix. Soak wants root for a disk to fill up; without, it
// says that this fault was left out.
//
// # Patients and generators
//
// A patient is a target in a process of its own that tells what only the process
// itself knows: where its memory is, and how many goroutines it has. A generator
// is the same with a fleet in it, which it connects and drives as it is told.
//
// # Hostile clients
//
// A kind of client is a small type that behaves badly on one connection and
// tells how the target ended it. A horde is many of them, in this process or in
// one of its own, so that their files are not those of the target. Without the
// tag a few of each kind meet a target in this process.
package siege
