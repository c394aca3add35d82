// Package target is the server that image traffic is measured against: it
// decodes, saves and replies.
//
// A binary message is an image; it is saved and echoed verbatim as binary. A
// text message is an image as Base64; it is decoded strictly, saved, and echoed
// verbatim as text. With [Ack] as its [Reply] the target answers either as
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
//	1009  an image above the size limit, compressed or not
//	1011  the disk, or a fault of the target's own
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
// ?codec= and ?reply= may override the server's, and whose ?deflate= is the level
// of its compressed replies.
//
// [Start] runs a target as a child process, so that the cost of either end can
// be told apart; [ServeChild] is what such a process runs.
//
// # Compression
//
// A client that offers permessage-deflate (RFC 7692) to a server with
// [Settings.Deflate] gets it, without context takeover in either direction: each
// message stands by itself. An offer that asks for server_max_window_bits is
// declined, and the next one looked at; a client that is declined learns so from
// the response, which then names no extension.
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
// session for one message.
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
