package main

import (
	"context"
	"errors"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"github.com/wsimg/wsimg/loadgen/steady"
	"github.com/wsimg/wsimg/target"
	"github.com/wsimg/wsimg/target/store"
)

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

Clients connect as fast as the target takes them, --clients 15000 too. With
--active only some of them send; the others stay connected and answer pings, and
the report tells what they cost: memory at both ends, and how much slower the
active ones are than alone. With --ramp clients come one by one and the load
grows with them; what is measured begins when all are there, and lasts for
--duration. With both the active are there first, to be measured alone, and the
idle come in the ramp: the load does not grow. What connecting took, and how
fast it went, is told by itself.

Connections end, and come back. --lifetime ends each after so many images or so
long, as sessions of real users do; --cut ends all of them at once. A client that
has lost its connection, whoever ended it, tries again after a random wait that
--reconnect bounds and that doubles with every failure. With --storm all try at
once, as after a restart. Images that are due by rate meanwhile wait for their
client, and are not skipped: an outage shows as a gap, and in response times.

Without --url the bundled target is started for the run, as a process of its
own. Every reply is verified. On a terminal a line a second tells what happened
in that second, elsewhere a line every ten; CPU is in per cent of one core. The
report comes at the end, after Ctrl-C too; --out saves it with every second.`,
		Example: `  wsimg run --mode text --size 200KB --clients 200 --rate 500/s --duration 10m
  wsimg run --stages 0/s..500/s:30s,500/s:2m,500/s..0/s:10s --out run.json
  wsimg run --url wss://images.example.com/upload --images ~/photos --reply ack --rate 12/min
  wsimg run --clients 64 --think 200ms
  wsimg run --mode text+deflate=6 --rate 100/s
  wsimg run --clients 15000 --active 200 --rate 200/s --size 20KB --duration 60s
  wsimg run --clients 2000 --ramp 30s --lifetime 50
  wsimg run --url ws://192.0.2.7:9000 --storm --cut 20s
  wsimg run --url ws://127.0.0.1:9000 --clients 40000 --local-addr 127.0.0.2-127.0.0.5`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usagef("unexpected argument %q: run takes flags; a file or folder goes with --images", args[0])
			}
			return nil
		},
		DisableAutoGenTag: true,
	}
	flags.register(cmd)
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
	pins, err := flags.pins.parse(cmd, flags.url == "")
	if err != nil {
		return err
	}
	settings, err := flags.settings(ctx, cmd)
	if err != nil {
		return err
	}
	settings.Access, settings.Audit = access.Access, access.Audit
	settings.TargetCPUs, settings.GeneratorCPUs = pins.Target, pins.Generator
	if !flags.quiet {
		length := settings.Duration + settings.Load.Plan.Length()
		shown := newLive(stderr, isTerminal(stderr), liveLoad{
			open: settings.Load.Open(), ramp: settings.Ramp, length: length, connectRate: settings.ConnectRate,
		})
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

			Connections: settings.Clients,
			CPUs:        pins.Child,
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
	done.Notes = slices.Concat(done.Notes, access.Notes, pins.Notes)
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
