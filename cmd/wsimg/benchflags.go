package main

import (
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/wsimg/wsimg/loadgen"
	"github.com/wsimg/wsimg/loadgen/bench"
	"github.com/wsimg/wsimg/loadgen/payload"
	"github.com/wsimg/wsimg/reports/render"
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
	connect                                                      connectFlags
	access                                                       accessFlags
	pins                                                         pinFlags
}

// register adds the flags to cmd, in groups.
func (f *benchFlags) register(cmd *cobra.Command) {
	compared := newFlagGroup("What is compared")
	compared.set.StringSliceVar(&f.modes, "modes", []string{"text", "binary"}, "`modes` to compare: binary, text, with +codec=std or +deflate[=level]")
	compared.set.StringVar(&f.baseline, "baseline", "binary", "the `mode` that overhead is counted from")
	compared.set.StringSliceVar(&f.sizes, "sizes", []string{"10KB", "100KB", "1MB"}, "`sizes` of synthetic images in raw bytes: KB, KiB, MB, MiB")
	compared.set.StringArrayVar(&f.images, "images", nil, "send these images instead: a `FILE` is measured by itself, a folder as one; several may follow")
	compared.set.IntVar(&f.distinct, "distinct", payload.DefaultDistinct, "distinct synthetic images a size, fewer when they would exceed 32MB")
	compared.set.StringVar(&f.sender, "sender", loadgen.Live, "live: encode and mask every image anew; prepared: once, before the run")
	compared.set.Uint64Var(&f.seed, "seed", 1, "of the images, the order of sizes and poisson arrivals")

	load := newFlagGroup("The load")
	load.set.StringSliceVar(&f.loads, "loads", nil, "`loads` to measure: closed, single, open (default: all; with --rate, open alone)")
	f.load.register(load.set)

	length := newFlagGroup("How long it takes")
	length.set.StringVar(&f.precision, "precision", "3%", "go on until the intervals of throughput and target CPU are within this `share` of the ratio, either way: 3% or 0.03")
	length.set.DurationVar(&f.timeBudget, "time-budget", bench.DefaultTimeBudget, "or until this long has been measured, warm-up apart")
	length.set.IntVar(&f.rounds, "rounds", 0, "blocks of each cell, exactly (default: as --precision and --time-budget have it)")
	length.set.DurationVar(&f.duration, "duration", 0, "length of a block (default: 50ms or 10 round trips a client, the longer; open: 5s)")
	length.set.DurationVar(&f.warmup, "warmup", bench.DefaultWarmup, "time to warm up, over all cells")

	clients := newFlagGroup("Clients and their connections")
	clients.set.IntVar(&f.clients, "clients", bench.DefaultClients, "connections of the closed and the open load")
	f.connect.register(clients.set)
	clients.set.StringVar(&f.rcvbuf, "rcvbuf", "", "receive buffer of each client, as a `size` (default: the kernel's own)")

	server := newFlagGroup("The server")
	server.set.StringVar(&f.url, "url", "", "measure the server at this ws:// or wss:// `URL` (default: the bundled target, started for the run)")
	server.set.StringVar(&f.store, "store", string(store.Latest), "what the bundled target does with an image: files, latest, discard or off")
	f.access.register(server.set)

	cpus := newFlagGroup("Which CPUs each end may use")
	f.pins.register(cpus.set)

	result := newFlagGroup("The result")
	result.set.StringVar(&f.out, "out", "", "save the run to this `file`, as JSON")
	result.set.BoolVar(&f.calibrate, "calibrate", false, "measure the machine's ceilings first, 17 s, and save them with the run; needs --out")
	result.set.StringVar(&f.format, "format", "table", "how to print the report: "+strings.Join(render.Formats(), ", "))
	result.set.BoolVar(&f.quiet, "quiet", false, "show no progress")
	result.set.BoolP("help", "h", false, "this text")

	group(cmd, compared, load, length, clients, server, cpus, result)
}
