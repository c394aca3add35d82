package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/wsimg/wsimg/reports"
	"github.com/wsimg/wsimg/target"
	"github.com/wsimg/wsimg/target/store"
)

// newTargetCommand returns the command that runs the bundled target until its
// context is done.
func newTargetCommand(stdout, stderr io.Writer) *cobra.Command {
	var flags targetFlags
	cmd := &cobra.Command{
		Use:   "target",
		Short: "Run the server that decodes, saves and echoes images",
		Long: `Run the server that image traffic is measured against.

A binary message is an image: it is saved and echoed as binary. A text message
is an image as Base64: it is decoded, saved and echoed as text.

  files    saves each image to a new file
  latest   keeps the latest image of each connection
  discard  decodes and checks an image, and saves nothing
  off      replies, and looks at nothing

With --reply ack an image is answered, once it is saved, as upload services do:
with the text {"ok":true,"bytes":n}, n being its raw bytes.

With --deflate a client that offers permessage-deflate may compress its messages;
the echo of a compressed message is compressed, that of another is not.

A client may ask for another codec or reply in its URL, as in
ws://127.0.0.1:9000/?codec=std&reply=ack, and for the level at which its echoes
are compressed, ?deflate=6: -2 (Huffman coding only) to 9, else 1.

It listens on this machine alone unless told otherwise by --addr, and then wants
a token of its clients, or --allow-anonymous. --cert and --key, or --tls
self-signed, make it wss://. Memory is bounded whatever clients do: the limits
say what one of them, and all together, may use.

GET /stats tells what the target did since it started, as JSON. Ctrl-C stops it.`,
		Example: `  wsimg target
  wsimg target --store latest --dir /tmp/images -v
  WSIMG_TOKEN=$(openssl rand -hex 16) wsimg target --addr 0.0.0.0:9000 --tls self-signed
  wsimg target --addr 0.0.0.0:9000 --allow-anonymous --store discard
  wsimg target --keep 100000 --max-bytes 20GB --fsync dir
  wsimg target --store latest --reply ack
  wsimg target --store discard --deflate`,
		Args: func(cmd *cobra.Command, args []string) error {
			if err := cobra.NoArgs(cmd, args); err != nil {
				return usagef("%w: it takes flags only, see wsimg target --help", err)
			}
			return nil
		},
		DisableAutoGenTag: true,
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		settings, fingerprint, err := flags.settings(cmd, stderr)
		if err != nil {
			return &exitError{exitUsage, err}
		}
		if flags.child {
			return serveTargetChild(cmd.Context(), settings, cmd.InOrStdin(), stdout)
		}
		return serveTarget(cmd.Context(), settings, fingerprint, stdout, stderr)
	}
	flags.register(cmd)
	return cmd
}

// serveTarget serves until ctx is done and prints what it did. What the target
// warns of goes to stderr.
func serveTarget(ctx context.Context, settings target.Settings, fingerprint string, stdout, stderr io.Writer) error {
	srv, err := target.Listen(settings)
	if err != nil {
		return err
	}
	fmt.Fprint(stdout, greeting(srv, settings, fingerprint))
	for _, warning := range srv.Warnings() {
		fmt.Fprintln(stderr, "wsimg: warning: "+warning)
	}
	err = srv.Serve(ctx)
	printTotals(stdout, srv.Stats())
	return err
}

// serveTargetChild serves the process that started this one. Its life hangs on
// standard input alone: Ctrl-C is for the parent, which has results to save.
func serveTargetChild(ctx context.Context, settings target.Settings, stdin io.Reader, stdout io.Writer) error {
	signal.Ignore(os.Interrupt)
	ctx, stop := signal.NotifyContext(context.WithoutCancel(ctx), syscall.SIGTERM)
	defer stop()
	return target.ServeChild(ctx, settings, stdin, stdout)
}

// whereSaved says what becomes of images.
func whereSaved(s target.Settings) string {
	dir := s.Dir
	if abs, err := filepath.Abs(dir); err == nil {
		dir = abs
	}
	switch s.Store {
	case store.Files:
		return "saving each image to a new file in " + dir
	case store.Latest:
		return "keeping the latest image of each connection in " + dir
	case store.Discard:
		return "decoding images, saving none"
	default:
		return "images are neither decoded nor saved"
	}
}

// greeting is what a target says when it is ready.
func greeting(srv *target.Server, settings target.Settings, fingerprint string) string {
	limits := srv.Stats().Limits
	said := fmt.Sprintf("wsimg target listens on %s%s\n%s; %s\n", srv.URL(), whoMayUse(settings.Access), whereSaved(settings), howAnswered(settings))
	said += fmt.Sprintf("at most %s connections and %s of messages in flight; memory stays below %s\n",
		reports.FormatCount(uint64(limits.Connections)), reports.FormatSize(limits.InFlightBytes), reports.FormatSize(limits.MemoryBytes))
	if fingerprint != "" {
		said += "the certificate's SHA-256 is " + fingerprint + "\n"
	}
	return said
}

// whoMayUse says whom the target lets in, if not just this machine.
func whoMayUse(a target.Access) string {
	switch {
	case a.Token != "":
		return " and asks for a token"
	case a.Anonymous:
		return " to anybody"
	default:
		return ""
	}
}

// howAnswered says what clients get for an image.
func howAnswered(s target.Settings) string {
	how := "replying with an echo"
	if s.Reply == target.Ack {
		how = `replying {"ok":true,"bytes":n}`
	}
	if s.Deflate {
		how += "; messages may be compressed"
	}
	return how
}

// refusedTotals says how many requests did not become sessions; empty: none.
func refusedTotals(refused map[int]uint64) string {
	var counts []string
	for _, status := range slices.Sorted(maps.Keys(refused)) {
		if n := refused[status]; n > 0 {
			counts = append(counts, fmt.Sprintf("%d with HTTP %d", n, status))
		}
	}
	if len(counts) == 0 {
		return ""
	}
	return "; refused before a session: " + strings.Join(counts, ", ")
}

// printTotals prints what a target did in its life.
func printTotals(w io.Writer, s target.Stats) {
	saved := "saved"
	if s.Store == string(store.Discard) {
		saved = "decoded"
	}
	replied := "echoed"
	if s.Reply == string(target.Ack) {
		replied = "acked"
	}
	fmt.Fprintf(w, "%d images received over %d connections: %d %s, %d %s, %d refused; %.1f MB of images in %.0f s%s\n",
		s.Images.Received, s.Connections.Total, s.Images.Saved, saved, s.Images.Echoed, replied, s.Images.Refused,
		float64(s.Bytes.Received)/1e6, s.UptimeSeconds, refusedTotals(s.Refused))
}
