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
// The bytes are the raw image's. What can't be taken ends the session with a
// close code and a reason in plain words:
//
//	1007  text that is not Base64 (with store off: not UTF-8), an empty image
//	1009  an image above the size limit
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
// ?codec= and ?reply= may override the server's.
//
// [Start] runs a target as a child process, so that the cost of either end can
// be told apart; [ServeChild] is what such a process runs.
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
