// Package target is the server that image traffic is measured against: it
// decodes, saves and replies.
//
// A binary message is an image; it is saved and echoed verbatim as binary. A
// text message is an image as Base64, by itself or in a data URL (RFC 2397); it is
// decoded, strictly unless [Settings.Lenient], saved, and echoed verbatim as text. With [Ack] as its [Reply] the target answers either as
// upload services do, once the image is saved, with a short text:
//
//	{"ok":true,"bytes":100000}
//
// The bytes are the raw image's. With [Settings.Deflate] clients that offer
// permessage-deflate may compress their messages; see below. What can't be taken ends the session with a
// close code and a reason in plain words:
//
//	1002  frames that RFC 6455 does not allow
//	1007  text that is not Base64 (with store off: not UTF-8), an empty image,
//	      compressed data that make no sense
//	1008  a message, or a sign of life, that took longer than the limit; a message
//	      that came slower than 64 KB/s while others waited for memory
//	1009  an image above the size limit, compressed or not
//	1011  the disk, or a fault of the target's own
//	1013  no memory for the message within the time limit: try again later
//	1001  the target is shutting down
//
// A server serves until its context ends; then it drains: messages in progress
// get their answer, all sessions are closed with 1001.
//
//	srv, err := target.Listen(target.Settings{Store: store.Latest, Dir: "images"})
//	…
//	fmt.Println(srv.URL())
//	err = srv.Serve(ctx)
//
// [New] and [Server.Handler] are the same without a listener, for tests and for
// servers that have more to offer. GET /stats answers with [Stats], GET /healthz with
// "ok"; a WebSocket handshake on any other path begins a session, whose
// ?codec= and ?reply= may override the server's, whose ?deflate= is the level of
// its compressed replies, and whose ?audit=1 has its images entered in the books.
//
// [Start] runs a target as a child process, so that the cost of either end can
// be told apart; [ServeChild] is what such a process runs.
//
// # Open files
//
// A session is one open file, and store latest keeps others. Of those that the
// process may have, 576 are for itself and for connections that are no sessions yet.
// Sessions come first: as many as [Limits.Connections] or [ChildSettings.Connections]
// say, and of what they leave the store gets half, from 16 to 1,024. So 19,000
// sessions fit into 20,000 files. Without a number the store has its 1,024, and
// sessions the rest.
//
// # Compression
//
// A client that offers permessage-deflate (RFC 7692) to a server with
// [Settings.Deflate] gets it, without context takeover in either direction: each
// message stands by itself. A client that is declined learns so from the response,
// which then names no extension.
//
// An offer that asks for server_max_window_bits, because the client has no memory
// for a window of 32 KB, is accepted as well. The compressor knows no smaller
// window, so for one below 15 bits the echoes of that session are Huffman coded
// only, level -2 whatever ?deflate= says (but 0, which stores): with nothing in
// them that refers back, they suit any window. The echo of a message that repeats
// itself is longer for it.
//
// The echo of a compressed message is compressed, at the level of ?deflate= (-2,
// Huffman coding only, to 9; else 1). The echo of a message that came uncompressed
// is not, and acks never are. So a client decides message by message, and a
// mode without compression may share a connection with one that has it.
//
// Limits hold for what comes out: a message is refused at the byte that exceeds
// them, so that one which inflates a thousandfold costs no more memory than the
// largest image. The stages inflate and deflate have a time of their own in
// [Stats]. The state of compress/flate, 640 KB and more of it, is lent to a
// session for one message: to compress, to two sessions a core at a time; what
// inflating takes, 48 KiB, counts as in flight.
//
// # Who may come in
//
// Before the session begins, a request is refused in terms of HTTP, with a
// sentence that says what to do:
//
//	400  it asks for what there is not: a codec, a reply, a level, an audit
//	401  [Access.Token] is not shown, or another; /stats wants it too
//	403  a page of an origin that is not among [Access.Origins]; a name that is
//	     not the target's, where it listens on loopback without a token
//	429  [Limits.PerAddress] or [Limits.NewPerAddress]; Retry-After tells when
//	503  [Limits.Connections]
//
// Without a token, and without [Access.Anonymous], a target listens on loopback
// addresses alone. Connections that are no sessions yet are bounded as well: at
// most 512, of which one address has a quarter, each for [Limits.Handshake]. When
// all places are taken, the next to come gets that of the oldest which has been
// there for two seconds (from loopback ten) with no request in progress: silent
// clients hold up others no longer than that, and no crowd of honest ones loses
// anybody, be it 15,000 at the same instant from this machine.
// [Access.TLS] makes it all wss://.
//
// # Limits of time
//
// [Limits.Message] runs from the header of a message to its last byte, and pongs
// meanwhile don't prolong it. [Limits.Idle] runs between messages, from the last
// frame of any kind; after half of it the client is pinged. Either closes with
// 1008. [Limits.Write] is for what goes to the client: half a frame can't be
// followed by a close frame, so who doesn't read is cut off, and counted as such
// in [Stats]. One goroutine looks after the limits of all sessions, every second
// or more often, so they may be exceeded by that.
//
// # Limits of memory
//
// What messages take, all their buffers together, is at most [Limits.InFlight];
// who needs more is not read from until others have given back. The one that
// waits and began first may exceed it, so that all come to an end. A frame that
// promises a large message gets memory for 4 MB while less than half of the limit
// is in use, else for what has arrived.
//
// Slow senders could hold up all that wait, one after the other. So while anybody
// waits, a message must come at 64 KB/s, what came faster before aside. It may be
// behind that by a second; one that has waited itself, while its client filled the
// kernel's buffers, only by its part of a second that all who wait share, at least
// 50 ms. And nobody waits for longer than [Limits.Message], all waits of a message
// together: then it is refused with 1013, the code for "try again later".
//
// So the process stays within [Settings.MemoryBound]:
//
//	64 MiB + 2 × ( Connections × 90 KiB      (idle: 10 KiB; with TLS: 48 KiB more)
//	             + 512 × 96 KiB              connections that are no sessions yet
//	             + InFlight × 5/4            a quarter of it is kept for reuse
//	             + the largest message       2 × its length as it comes, with Deflate 4 ×
//	             + with Deflate, per core    2 × 12 × 1.25 MiB: two places, 12 levels )
//	             + with Keep                 64 bytes for each file that it allows
//
// Twice, because the garbage collector lets the heap grow to twice what is alive
// (GOGC=100). A session that waits takes 7 KB; one whose client sends on while it
// is at work has up to 64 KiB read ahead, and a larger stack. The buffers of the
// kernel come on top; they are its own to bound (net.ipv4.tcp_mem).
//
// # The books
//
// A session with ?audit=1 enters each image, after it was saved and before its
// reply is written, in books that GET /stats?audit=1 shows: 256 parts, each with
// the number of its images and the sum of their hashes (see internal/tally). Who
// sent them can tell that each was saved exactly once and intact. The books name the
// instance that keeps them: a target started anew has forgotten.
//
// A fault of the store is told to the log twice, when it begins and when images are
// saved again, with how many it cost, however many clients meet it.
//
// # What makes it fast
//
// A message is received whole into one buffer, which many connections share in
// turn, so that it stays in the cache; its first read is large (see
// internal/readahead); and the reply is made in that same memory, one frame
// with one write(2). Nothing in proportion to the image is allocated per
// message, and no lock is taken that another session could hold, but for the
// list of open files of store latest.
package target
