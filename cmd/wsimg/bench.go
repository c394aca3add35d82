package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/wsimg/wsimg/loadgen"
	"github.com/wsimg/wsimg/loadgen/bench"
	"github.com/wsimg/wsimg/loadgen/payload"
	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/site"
	"github.com/wsimg/wsimg/loadgen/verdict"
	"github.com/wsimg/wsimg/reports"
	"github.com/wsimg/wsimg/reports/render"
	"github.com/wsimg/wsimg/target"
	"github.com/wsimg/wsimg/target/store"
)

// benchFlags are the flags of wsimg bench, as typed.
type benchFlags struct {
	url, baseline, store, sender, rcvbuf, precision, out, format string
	sizes, images, modes, loads                                  []string
	clients, rounds, distinct                                    int
	duration, warmup, timeBudget                                 time.Duration
	seed                                                         uint64
	calibrate, quiet                                             bool
	load                                                         loadFlags
	access                                                       accessFlags
}

// newBenchCommand returns the command that compares modes.
func newBenchCommand(stdout, stderr io.Writer) *cobra.Command {
	var flags benchFlags
	cmd := &cobra.Command{
		Use:   "bench",
		Short: "Compare Base64 text with binary on real images",
		Long: `Compare modes of moving images over a WebSocket.

Without --url the bundled target is started for the run, as a process of its
own. Every echo is compared byte for byte. Modes take turns in short blocks and
are compared pair by pair, so what disturbs the machine disturbs both.

Three loads are measured: closed, every client back to back, for throughput and
cost; single, one client, for unloaded latency; and open, both modes at the same
images/s whatever the server does, for latency under load. That rate is half of
what the slower mode reaches; --rate sets it, and then only that is measured.

Rounds go on until throughput and the target's CPU per image are known to
--precision, at every size and for every mode, or --time-budget is used up. The
report says which. --rounds measures exactly so many instead.

A mode is binary or text, and suffixes say how it travels. text+codec=std
encodes and decodes Base64 with the standard library instead of SIMD. +deflate
compresses the messages of either, both ways (permessage-deflate), at level 1;
+deflate=6 at another, from -2 to 9. A mode named twice is compared with
itself.`,
		Example: `  wsimg bench
  wsimg bench --images ~/photos --clients 64
  wsimg bench --url ws://192.0.2.7:9000/upload --sizes 200KB --out run.json
  wsimg bench --modes binary,text,text+codec=std,text+deflate --sizes 100KB
  wsimg bench --sizes 100KB --precision 1% --time-budget 5m
  wsimg bench --sizes 200KB --rate 500/s --clients 200
  WSIMG_TOKEN=… wsimg bench --url wss://192.0.2.7:9000 --ca cert.pem --audit`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 && !cmd.Flags().Changed("images") {
				return usagef("unexpected argument %q: bench takes flags; files and folders go with --images", args[0])
			}
			return nil
		},
		DisableAutoGenTag: true,
	}
	f := cmd.Flags()
	f.StringVar(&flags.url, "url", "", "measure the server at this ws:// or wss:// `URL` (default: the bundled target, started for the run)")
	f.StringSliceVar(&flags.sizes, "sizes", []string{"10KB", "100KB", "1MB"}, "`sizes` of synthetic images in raw bytes: KB, KiB, MB, MiB")
	f.StringArrayVar(&flags.images, "images", nil, "send these images instead: a `FILE` is measured by itself, a folder as one; several may follow")
	f.StringSliceVar(&flags.modes, "modes", []string{"text", "binary"}, "`modes` to compare: binary, text, with +codec=std or +deflate[=level]")
	f.StringVar(&flags.baseline, "baseline", "binary", "the `mode` that overhead is counted from")
	f.IntVar(&flags.clients, "clients", bench.DefaultClients, "connections of the closed and the open load")
	f.StringSliceVar(&flags.loads, "loads", nil, "`loads` to measure: closed, single, open (default: all; with --rate, open alone)")
	flags.load.register(cmd)
	flags.access.register(cmd)
	f.StringVar(&flags.precision, "precision", "3%", "go on until the intervals of throughput and target CPU are within this `share` of the ratio, either way: 3% or 0.03")
	f.DurationVar(&flags.timeBudget, "time-budget", bench.DefaultTimeBudget, "or until this long has been measured, warm-up apart")
	f.IntVar(&flags.rounds, "rounds", 0, "blocks of each cell, exactly (default: as --precision and --time-budget have it)")
	f.DurationVar(&flags.duration, "duration", 0, "length of a block (default: 50ms or 10 round trips a client, the longer; open: 5s)")
	f.DurationVar(&flags.warmup, "warmup", bench.DefaultWarmup, "time to warm up, over all cells")
	f.IntVar(&flags.distinct, "distinct", payload.DefaultDistinct, "distinct synthetic images a size, fewer when they would exceed 32MB")
	f.Uint64Var(&flags.seed, "seed", 1, "of the images, the order of sizes and poisson arrivals")
	f.StringVar(&flags.store, "store", string(store.Latest), "what the bundled target does with an image: files, latest, discard or off")
	f.StringVar(&flags.sender, "sender", loadgen.Live, "live: encode and mask every image anew; prepared: once, before the run")
	f.StringVar(&flags.rcvbuf, "rcvbuf", "", "receive buffer of each client, as a `size` (default: the kernel's own)")
	f.StringVar(&flags.out, "out", "", "save the run to this `file`, as JSON")
	f.BoolVar(&flags.calibrate, "calibrate", false, "measure the machine's ceilings first, 17 s, and save them with the run; needs --out")
	f.StringVar(&flags.format, "format", "table", "how to print the report: "+strings.Join(render.Formats(), ", "))
	f.BoolVar(&flags.quiet, "quiet", false, "show no progress")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		flags.images = append(flags.images, args...)
		return runBench(cmd.Context(), cmd, flags, stdout, stderr)
	}
	return cmd
}

// runBench carries out the comparison: flags in, packages called, report out.
func runBench(ctx context.Context, cmd *cobra.Command, flags benchFlags, stdout, stderr io.Writer) error {
	if err := flags.contradictions(cmd); err != nil {
		return usagef("%w", err)
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
	settings, err := flags.settings(ctx, cmd)
	if err != nil {
		return err
	}
	settings.Access, settings.Audit = access.Access, access.Audit
	shown := newProgress(stderr, flags.quiet)
	defer shown.close()
	settings.Progress = shown.show

	var ceilings *record.Calibration
	if flags.calibrate {
		if ceilings, err = calibrateFirst(ctx, settings, shown); err != nil {
			return err
		}
	}
	measuring, child := ctx, (*target.Child)(nil)
	if settings.Bundled {
		var release func()
		asked := target.ChildSettings{Store: store.Kind(flags.store), Reply: target.Reply(settings.Reply), Deflate: settings.Compresses()}
		if measuring, child, release, err = startTarget(ctx, asked, settings.Sources...); err != nil {
			return err
		}
		defer release()
		settings.URL = child.URL()
	}
	done, err := bench.Run(measuring, settings)
	shown.close()
	err = cause(ctx, child, err)
	if done == nil {
		return outcome(nil, err)
	}
	done.Calibration = ceilings
	done.Notes = append(done.Notes, access.Notes...)
	if err != nil {
		done.Incomplete = err.Error()
	}
	return errors.Join(save(flags.out, done), publish(done, write, stdout, err))
}

var errInterrupted = errors.New("interrupted")

// advise adds to an error of somebody else's server what to do about it.
func advise(err error) error {
	if err == nil {
		return nil
	}
	switch loadgen.Kind(err) {
	case loadgen.Refused:
		return fmt.Errorf("%w: nobody listens there; start the server, or correct --url", err)
	case loadgen.DNS:
		return fmt.Errorf("%w: correct the host in --url", err)
	case loadgen.TLS:
		if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
			return fmt.Errorf("%w: give the file of its certificate, or of the authority that signed it, with --ca; use the name that is in it; or do without the check, with --insecure", err)
		}
		return fmt.Errorf("%w: the server does not speak TLS there; use ws:// in --url", err)
	case loadgen.Timeout:
		return fmt.Errorf("%w: see whether the server can be reached from here, or correct --url", err)
	}
	return err
}

// publish prints the report of a run and returns what became of it.
func publish(done *record.Run, write render.Writer, stdout io.Writer, err error) error {
	report, bad := reports.Analyze(done)
	if bad != nil {
		return errors.Join(err, bad)
	}
	if bad := write(stdout, report); bad != nil {
		return errors.Join(err, fmt.Errorf("print the report: %w", bad))
	}
	return outcome(report, err)
}

// outcome turns the end of a run into an error with its exit code; nil when
// all is well.
func outcome(report *reports.Report, err error) error {
	switch {
	case errors.Is(err, errInterrupted):
		return &exitError{exitInterrupted, err}
	case errors.Is(err, site.ErrReply), errors.Is(err, site.ErrAudit):
		return &exitError{exitUsage, err}
	case errors.Is(err, site.ErrLimit):
		return &exitError{exitUsage, fmt.Errorf("--clients: %w", err)}
	case err != nil:
		return &exitError{exitFailed, err}
	}
	if a := report.Audit; a != nil && a.Fault != "" {
		return &exitError{exitFailed, fmt.Errorf("the audit found a fault: %s", a.Fault)}
	}
	var failed uint64
	for _, c := range report.Cells {
		failed += c.ErrorCount
		if c.Failed != "" {
			return &exitError{exitFailed, fmt.Errorf("%s as %s, %s load: %s", reports.FormatSize(c.SizeBytes), c.Mode, c.Load, c.Failed)}
		}
	}
	switch {
	case failed == 1:
		return &exitError{exitFailed, errors.New("1 image failed: the report tells how, and gives the example")}
	case failed > 1:
		return &exitError{exitFailed, fmt.Errorf("%d images failed: the report tells how, and gives the first of each kind", failed)}
	}
	if report.Verdict.Kind == verdict.Void {
		return &exitError{exitVoid, errors.New("the measurement is void: the report says why and what to change")}
	}
	return nil
}
