package main

import (
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/wsimg/wsimg/loadgen"
	"github.com/wsimg/wsimg/loadgen/capacity"
	"github.com/wsimg/wsimg/loadgen/payload"
	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/reports/render"
	"github.com/wsimg/wsimg/target/store"
)

// capacityFlags are the flags of wsimg capacity, as typed.
type capacityFlags struct {
	url, size, images, baseline, find, perClient, least, most string
	store, sender, rcvbuf, precision, out, format             string
	slos, modes                                               []string
	clients, distinct                                         int
	timeBudget                                                time.Duration
	seed                                                      uint64
	quiet                                                     bool
	load                                                      loadFlags
	connect                                                   connectFlags
	access                                                    accessFlags
	pins                                                      pinFlags
}

// defaultSLOs are the objectives when none are given.
var defaultSLOs = []string{"response_p99<150ms", "errors<0.1%"}

// register adds the flags to cmd, in groups.
func (f *capacityFlags) register(cmd *cobra.Command) {
	found := newFlagGroup("What is found")
	found.set.StringArrayVar(&f.slos, "slo", defaultSLOs, "an `objective` that is to be met, such as response_p99<150ms or errors<0.1%; may be repeated, and all are to be met")
	found.set.StringVar(&f.find, "find", record.FindRate, "what is varied: rate, in images/s, or clients, each at the pace of --per-client or --think")
	found.set.StringVar(&f.perClient, "per-client", "", "with --find clients: each sends at this `RATE`, such as 1/30s, whatever the server does")
	found.set.StringVar(&f.least, "min", "", "the lowest load that is tried, a rate such as 5/s or a number of clients (default: 1/s, or 1)")
	found.set.StringVar(&f.most, "max", "", "the highest (default: none, or the clients that the machine and the target allow)")
	found.set.StringVar(&f.precision, "precision", "3%", "go on until the ratio of the modes is known to this `share`, either way: 3% or 0.03")
	found.set.DurationVar(&f.timeBudget, "time-budget", capacity.DefaultTimeBudget, "or until this long has been measured")

	sent := newFlagGroup("What is sent")
	sent.set.StringSliceVar(&f.modes, "modes", []string{"text", "binary"}, "`modes` to compare: binary, text, with +codec=std or +deflate[=level]")
	sent.set.StringVar(&f.baseline, "baseline", "binary", "the `mode` that the others are compared with")
	sent.set.StringVar(&f.size, "size", "100KB", "`size` of synthetic images in raw bytes: KB, KiB, MB, MiB")
	sent.set.StringVar(&f.images, "images", "", "send this `FILE`, or the files of this folder, instead")
	sent.set.IntVar(&f.distinct, "distinct", payload.DefaultDistinct, "distinct synthetic images, fewer when they would exceed 32MB")
	sent.set.StringVar(&f.sender, "sender", loadgen.Prepared, "prepared: encode and mask every image once, before the run, so that the generator is out of the way; live: anew each time, as real clients do")
	sent.set.Uint64Var(&f.seed, "seed", 1, "of the images and of poisson arrivals")
	f.load.registerRateless(sent.set)

	clients := newFlagGroup("Clients and their connections")
	clients.set.IntVar(&f.clients, "clients", capacity.DefaultClients, "connections, where the rate is varied")
	f.connect.register(clients.set)
	clients.set.StringVar(&f.rcvbuf, "rcvbuf", "", "receive buffer of each client, as a `size` (default: the kernel's own)")

	server := newFlagGroup("The server")
	server.set.StringVar(&f.url, "url", "", "measure the server at this ws:// or wss:// `URL` (default: the bundled target, started for the run)")
	server.set.StringVar(&f.store, "store", string(store.Latest), "what the bundled target does with an image: files, latest, discard or off")
	f.access.register(server.set)

	cpus := newFlagGroup("Which CPUs each end may use")
	f.pins.register(cpus.set)

	result := newFlagGroup("The result")
	result.set.StringVar(&f.out, "out", "", "save the run to this `file`, as JSON: wsimg plan makes a fleet of it")
	result.set.StringVar(&f.format, "format", "table", "how to print the report: "+strings.Join(render.CapacityFormats(), ", "))
	result.set.BoolVar(&f.quiet, "quiet", false, "show nothing while it runs")
	result.set.BoolP("help", "h", false, "this text")

	group(cmd, found, sent, clients, server, cpus, result)
}
