package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/wsimg/wsimg/loadgen/payload"
	"github.com/wsimg/wsimg/target"
	"github.com/wsimg/wsimg/target/store"
)

// targetFlags are the flags of wsimg target, as typed.
type targetFlags struct {
	addr, store, dir, maxImage, codec, reply string
	deflate, verbose, child                  bool
}

// newTargetCommand returns the command that runs the bundled target until its
// context is done.
func newTargetCommand(stdout, stderr io.Writer, version string) *cobra.Command {
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

GET /stats tells what the target did since it started, as JSON. Ctrl-C stops it.`,
		Example: `  wsimg target
  wsimg target --store latest --dir /tmp/images -v
  wsimg target --addr 0.0.0.0:9000 --store discard
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
		settings, err := flags.settings(stderr, version)
		if err != nil {
			return &exitError{exitUsage, err}
		}
		if flags.child {
			return serveTargetChild(cmd.Context(), settings, cmd.InOrStdin(), stdout)
		}
		return serveTarget(cmd.Context(), settings, stdout)
	}
	f := cmd.Flags()
	f.StringVar(&flags.addr, "addr", target.DefaultAddr, "listen on this `host:port`")
	f.StringVar(&flags.store, "store", string(target.DefaultStore), "what becomes of an image: files, latest, discard or off")
	f.StringVar(&flags.dir, "dir", target.DefaultDir, "save images in this `folder`")
	f.StringVar(&flags.maxImage, "max-image", "64MB", "refuse images above this `size` in raw bytes")
	f.StringVar(&flags.codec, "codec", string(target.DefaultCodec), "decode Base64 with simd or std (the standard library)")
	f.StringVar(&flags.reply, "reply", string(target.DefaultReply), "answer an image with echo (the message as it came) or ack (a short JSON text)")
	f.BoolVar(&flags.deflate, "deflate", false, "let clients compress messages (permessage-deflate); browsers always offer to")
	f.BoolVarP(&flags.verbose, "verbose", "v", false, "log connections and images to stderr")
	f.BoolVar(&flags.child, "child", false, "serve until standard input ends")
	f.MarkHidden("child")
	return cmd
}

// settings returns what the flags ask for, or all that is wrong with them.
func (f targetFlags) settings(stderr io.Writer, version string) (target.Settings, error) {
	maxImage, sizeErr := payload.ParseSize(f.maxImage)
	if sizeErr != nil {
		sizeErr = fmt.Errorf("--max-image: %w", sizeErr)
	}
	reply, replyErr := target.ParseReply(f.reply)
	if replyErr != nil {
		replyErr = fmt.Errorf("--reply: %w", replyErr)
	}
	level := slog.LevelWarn
	if f.verbose {
		level = slog.LevelDebug
	}
	settings := target.Settings{
		Addr:     f.addr,
		Store:    store.Kind(f.store),
		Dir:      f.dir,
		MaxImage: maxImage,
		Codec:    target.Codec(f.codec),
		Reply:    reply,
		Deflate:  f.deflate,
		Version:  version,
		Logger:   slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: level})),
	}
	return settings, errors.Join(sizeErr, replyErr, settings.Validate())
}

// serveTarget serves until ctx is done and prints what it did.
func serveTarget(ctx context.Context, settings target.Settings, stdout io.Writer) error {
	srv, err := target.Listen(settings)
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "wsimg target listens on %s\n%s; %s\n", srv.URL(), whereSaved(settings), howAnswered(settings))
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
	fmt.Fprintf(w, "%d images received over %d connections: %d %s, %d %s, %d refused; %.1f MB of images in %.0f s\n",
		s.Images.Received, s.Connections.Total, s.Images.Saved, saved, s.Images.Echoed, replied, s.Images.Refused,
		float64(s.Bytes.Received)/1e6, s.UptimeSeconds)
}
