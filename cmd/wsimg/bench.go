package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/wsimg/wsimg/loadgen"
	"github.com/wsimg/wsimg/loadgen/bench"
	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/site"
	"github.com/wsimg/wsimg/loadgen/verdict"
	"github.com/wsimg/wsimg/reports"
	"github.com/wsimg/wsimg/reports/render"
	"github.com/wsimg/wsimg/target"
	"github.com/wsimg/wsimg/target/store"
)

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
report says which. --rounds measures exactly so many instead. Modes are compared
with all their clients: a server that goes away in the middle, or refuses some,
ends the comparison, and what was measured until then is reported. A load that
outlives such an outage, and shows what it cost, is wsimg run.

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
  wsimg bench --loads closed --sizes 10KB --clients 2000 --connect-rate 500/s
  WSIMG_TOKEN=… wsimg bench --url wss://192.0.2.7:9000 --ca cert.pem --audit`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 && !cmd.Flags().Changed("images") {
				return usagef("unexpected argument %q: bench takes flags; files and folders go with --images", args[0])
			}
			return nil
		},
		DisableAutoGenTag: true,
	}
	flags.register(cmd)
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
		asked := target.ChildSettings{
			Store:   store.Kind(flags.store),
			Reply:   target.Reply(settings.Reply),
			Deflate: settings.Compresses(),

			Connections: settings.Connections(),
			CPUs:        pins.Child,
		}
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
	done.Notes = slices.Concat(done.Notes, access.Notes, pins.Notes)
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
	case loadgen.NoPorts:
		return fmt.Errorf("%w: give more source addresses of this machine with --local-addr, or ask for fewer --clients", err)
	case loadgen.NoFiles:
		return fmt.Errorf("%w: raise the limit of open files with ulimit -n, or ask for fewer --clients", err)
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
	case errors.Is(err, site.ErrReply), errors.Is(err, site.ErrAudit), errors.Is(err, site.ErrLimit):
		return &exitError{exitUsage, err}
	case err != nil:
		return &exitError{exitFailed, err}
	}
	if a := report.Audit; a != nil && a.Fault != "" {
		return &exitError{exitFailed, fmt.Errorf("the audit found a fault: %s", a.Fault)}
	}
	for _, c := range report.Cells {
		if c.Failed != "" {
			return &exitError{exitFailed, fmt.Errorf("%s as %s, %s load: %s", reports.FormatSize(c.SizeBytes), c.Mode, c.Load, c.Failed)}
		}
	}
	if failed := failures(report); failed != "" {
		return &exitError{exitFailed, fmt.Errorf("%s failed: the report tells how, and gives the first of each kind", failed)}
	}
	if report.Verdict.Kind == verdict.Void {
		return &exitError{exitVoid, errors.New("the measurement is void: the report says why and what to change")}
	}
	return nil
}

// failures says how many images failed, and how many connections that took none
// with them; empty where none did.
func failures(report *reports.Report) string {
	var images, connections uint64
	for _, c := range report.Cells {
		_, attempts := c.FailedBefore()
		attempts += c.FailedAttempts + c.FailedConnections
		connections += attempts
		images += c.ErrorCount - min(attempts, c.ErrorCount)
	}
	var parts []string
	for _, of := range []struct {
		n    uint64
		noun string
	}{{images, "image"}, {connections, "connection"}} {
		switch of.n {
		case 0:
		case 1:
			parts = append(parts, "1 "+of.noun)
		default:
			parts = append(parts, reports.FormatCount(of.n)+" "+of.noun+"s")
		}
	}
	return strings.Join(parts, " and ")
}
