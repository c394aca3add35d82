// Package interop holds the tests of wsimg against WebSocket programs that are
// not its own, and against what those demand. It has no code but tests.
//
// Conformance is the behaviour that the fuzzing client of the Autobahn WebSocket
// test suite demands of an echo server, which the target is with its store off.
// Its cases are those of the suite and have their numbers, in our own words:
//
//	go test -run Conformance/6.4.3 ./cmd/wsimg/internal/interop
//
// Where the suite leaves a server a choice, they demand what the target chose:
// a close code that says what was wrong, never a mere end of the connection.
// Cases that take long are shortened or left out; this is how all of them run:
//
//	go test -tags slow -run Conformance ./cmd/wsimg/internal/interop
//
// Pair is the origin of wsimg: a client and a server in Python, with Autobahn on
// Twisted, that send a JPEG as one Base64 text message, save it and echo it. The
// programs are in testdata; the client meets wsimg target, and the server wsimg
// bench and wsimg run. They need Python with Autobahn, in Debian the packages
// python3-autobahn and python3-twisted. Without them the tests are skipped,
// unless the environment variable CI is set: then they fail.
package interop
