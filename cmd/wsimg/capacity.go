package main

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/wsimg/wsimg/loadgen/capacity"
	"github.com/wsimg/wsimg/reports/render"
	"github.com/wsimg/wsimg/target"
	"github.com/wsimg/wsimg/target/store"
)

// newCapacityCommand returns the command that finds the highest load under
// objectives.
func newCapacityCommand(stdout, stderr io.Writer) *cobra.Command {
	var flags capacityFlags
	cmd := &cobra.Command{
		Use:   "capacity",
		Short: "Find the highest load that meets objectives, as text and as binary",
		Long: `Find the highest load that a server carries while it keeps to objectives, for
every mode.

The load is images/s (--find rate), which are due whatever the server does, so
that response time counts what waits; or the number of clients at a given pace
(--find clients): each sends so many images by --per-client, or thinks for
--think after each reply.

An objective bounds a metric: response_p99<150ms, errors<0.1%, achieved>99%,
target_cpu<150% (of one core). Times are of response (from the instant an image
was due), service, wait, lateness and connect, each as p50, p90, p99, p999 or
max. A load of which more and more is left undone never passes.

Modes take turns. Each load is twice the one before until it is too much; the
bracket is halved until it is narrow; then longer probes confirm it, up when one
passes and down when one fails, and the answer with its interval is made of
these. They go on until the ratio of the modes is known to --precision, or
--time-budget is used up. The ratio carries over to other machines better than
either load does.

Without --url the bundled target is started for the run, as a process of its
own. Both ends then share this machine: --target-cpus and --generator-cpus keep
them apart, on Linux. The report shows every probe; --out saves them all, and
wsimg plan makes a fleet of that file.`,
		Example: `  wsimg capacity --size 200KB --slo 'response_p99<150ms' --slo 'errors<0.1%'
  wsimg capacity --url wss://images.example.com/upload --reply ack --out capacity.json
  wsimg capacity --find clients --per-client 1/30s --size 20KB
  wsimg capacity --find clients --think 2s --slo 'response_p90<300ms' --max 5000
  wsimg capacity --modes text,text+codec=std,binary --time-budget 4m`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usagef("unexpected argument %q: capacity takes flags; a file or folder goes with --images", args[0])
			}
			return nil
		},
		DisableAutoGenTag: true,
	}
	flags.register(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return runCapacity(cmd.Context(), cmd, flags, stdout, stderr)
	}
	return cmd
}

// runCapacity carries out the search: flags in, packages called, report out.
func runCapacity(ctx context.Context, cmd *cobra.Command, flags capacityFlags, stdout, stderr io.Writer) error {
	if !slices.Contains(render.CapacityFormats(), flags.format) {
		return usagef("--format %q: a search is printed as %s", flags.format, strings.Join(render.CapacityFormats(), ", "))
	}
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
	shown := newProgress(stderr, flags.quiet)
	defer shown.close()
	settings.Progress = func(p capacity.Progress) { shown.show(searching(p)) }
	measuring, child := ctx, (*target.Child)(nil)
	if settings.Bundled {
		var release func()
		asked := target.ChildSettings{
			Store:   store.Kind(flags.store),
			Reply:   target.Reply(settings.Reply),
			Deflate: settings.Compresses(),

			Connections: settings.Connections(),
			CPUs:        pins.Child,
		}
		if measuring, child, release, err = startTarget(ctx, asked, settings.Source); err != nil {
			return err
		}
		defer release()
		settings.URL = child.URL()
	}
	done, err := capacity.Run(measuring, settings)
	shown.close()
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
