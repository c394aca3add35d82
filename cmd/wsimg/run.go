package main

import (
	"context"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/wsimg/wsimg/loadgen"
	"github.com/wsimg/wsimg/loadgen/payload"
	"github.com/wsimg/wsimg/loadgen/steady"
	"github.com/wsimg/wsimg/reports/render"
	"github.com/wsimg/wsimg/target"
	"github.com/wsimg/wsimg/target/store"
)

// runFlags are the flags of wsimg run, as typed.
type runFlags struct {
	url, size, images, mode, stages    string
	store, sender, rcvbuf, out, format string
	clients, distinct                  int
	duration                           time.Duration
	seed                               uint64
	quiet                              bool
	load                               loadFlags
	access                             accessFlags
}

// newRunCommand returns the command that puts one mode under one load.
func newRunCommand(stdout, stderr io.Writer) *cobra.Command {
	var flags runFlags
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Put one mode under a steady or staged load, for as long as asked",
		Long: `Put one mode under one load, and see second by second how it goes.

With --rate or --stages images are due whatever the server does, and response
time counts from the instant an image was due: what a stall costs is in it.
Stages are rates, or ramps from one rate to another, each with its duration.
Without either, every client sends its next image when the one before has been
answered (and --think has passed).

Without --url the bundled target is started for the run, as a process of its
own. Every reply is verified. On a terminal a line a second tells what happened
in that second, elsewhere a line every ten; CPU is in per cent of one core. The
report comes at the end, after Ctrl-C too; --out saves it with every second.`,
		Example: `  wsimg run --mode text --size 200KB --clients 200 --rate 500/s --duration 10m
  wsimg run --stages 0/s..500/s:30s,500/s:2m,500/s..0/s:10s --out run.json
  wsimg run --url wss://images.example.com/upload --images ~/photos --reply ack --rate 12/min
  wsimg run --clients 64 --think 200ms
  wsimg run --mode text+deflate=6 --rate 100/s`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usagef("unexpected argument %q: run takes flags; a file or folder goes with --images", args[0])
			}
			return nil
		},
		DisableAutoGenTag: true,
	}
	f := cmd.Flags()
	f.StringVar(&flags.url, "url", "", "send to the server at this ws:// or wss:// `URL` (default: the bundled target, started for the run)")
	f.StringVar(&flags.mode, "mode", "binary", "how images travel: binary or text, with +codec=std (text) or +deflate[=LEVEL] (-2 to 9, the server must compress too)")
	f.StringVar(&flags.size, "size", "100KB", "`size` of synthetic images in raw bytes: KB, KiB, MB, MiB")
	f.StringVar(&flags.images, "images", "", "send this `FILE`, or the files of this folder, instead")
	f.IntVar(&flags.clients, "clients", steady.DefaultClients, "connections")
	flags.load.register(cmd)
	flags.access.register(cmd)
	f.StringVar(&flags.stages, "stages", "", "the rate in `STAGES`, such as 0/s..500/s:30s,500/s:2m,500/s..0/s:10s")
	f.DurationVar(&flags.duration, "duration", steady.DefaultDuration, "how long the load lasts")
	f.IntVar(&flags.distinct, "distinct", payload.DefaultDistinct, "distinct synthetic images, fewer when they would exceed 32MB")
	f.Uint64Var(&flags.seed, "seed", 1, "of the images and of poisson arrivals")
	f.StringVar(&flags.store, "store", string(store.Latest), "what the bundled target does with an image: files, latest, discard or off")
	f.StringVar(&flags.sender, "sender", loadgen.Live, "live: encode and mask every image anew; prepared: once, before the run")
	f.StringVar(&flags.rcvbuf, "rcvbuf", "", "receive buffer of each client, as a `size` (default: the kernel's own)")
	f.StringVar(&flags.out, "out", "", "save the run to this `file`, as JSON")
	f.StringVar(&flags.format, "format", "table", "how to print the report: "+strings.Join(render.Formats(), ", "))
	f.BoolVar(&flags.quiet, "quiet", false, "show nothing while it runs")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return runSteady(cmd.Context(), cmd, flags, stdout, stderr)
	}
	return cmd
}

// runSteady carries out the load: flags in, packages called, report out.
func runSteady(ctx context.Context, cmd *cobra.Command, flags runFlags, stdout, stderr io.Writer) error {
	write, err := reportWriter(flags.format, stdout)
	if err != nil {
		return err
	}
	if flags.out, err = writable(flags.out); err != nil {
		return usagef("--out: %w", err)
	}
	access, err := flags.access.parse(cmd, flags.url)
	if err != nil {
		return err
	}
	settings, err := flags.settings(ctx, cmd)
	if err != nil {
		return err
	}
	settings.Access, settings.Audit = access.Access, access.Audit
	if !flags.quiet {
		shown := newLive(stderr, isTerminal(stderr), settings.Load.Open())
		defer shown.close()
		settings.Progress = shown.show
	}
	measuring, child := ctx, (*target.Child)(nil)
	if settings.Bundled {
		var release func()
		asked := target.ChildSettings{
			Store:   store.Kind(flags.store),
			Reply:   target.Reply(settings.Reply),
			Deflate: settings.Mode.Deflate.On,
		}
		if measuring, child, release, err = startTarget(ctx, asked, settings.Source); err != nil {
			return err
		}
		defer release()
		settings.URL = child.URL()
	}
	done, err := steady.Run(measuring, settings)
	err = cause(ctx, child, err)
	if done == nil {
		return outcome(nil, err)
	}
	done.Notes = append(done.Notes, access.Notes...)
	if err != nil {
		done.Incomplete = err.Error()
	}
	return errors.Join(save(flags.out, done), publish(done, write, stdout, err))
}

// cause returns why a run ended before its plan did; nil when it did not.
func cause(ctx context.Context, child *target.Child, err error) error {
	switch {
	case ctx.Err() != nil:
		return errInterrupted
	case child != nil:
		return blame(child, err)
	default:
		return advise(err)
	}
}
