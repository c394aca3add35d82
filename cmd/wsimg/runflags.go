package main

import (
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/wsimg/wsimg/loadgen"
	"github.com/wsimg/wsimg/loadgen/payload"
	"github.com/wsimg/wsimg/loadgen/steady"
	"github.com/wsimg/wsimg/reports/render"
	"github.com/wsimg/wsimg/target/store"
)

// runFlags are the flags of wsimg run, as typed.
type runFlags struct {
	url, size, images, mode, stages    string
	store, sender, rcvbuf, out, format string
	distinct                           int
	duration                           time.Duration
	seed                               uint64
	quiet                              bool
	load                               loadFlags
	connect                            connectFlags
	churn                              churnFlags
	access                             accessFlags
	pins                               pinFlags
}

// register adds the flags to cmd, in groups.
func (f *runFlags) register(cmd *cobra.Command) {
	images := newFlagGroup("What is sent")
	images.set.StringVar(&f.mode, "mode", "binary", "how images travel: binary or text, with +codec=std (text) or +deflate[=LEVEL] (-2 to 9, the server must compress too)")
	images.set.StringVar(&f.size, "size", "100KB", "`size` of synthetic images in raw bytes: KB, KiB, MB, MiB")
	images.set.StringVar(&f.images, "images", "", "send this `FILE`, or the files of this folder, instead")
	images.set.IntVar(&f.distinct, "distinct", payload.DefaultDistinct, "distinct synthetic images, fewer when they would exceed 32MB")
	images.set.StringVar(&f.sender, "sender", loadgen.Live, "live: encode and mask every image anew; prepared: once, before the run")
	images.set.Uint64Var(&f.seed, "seed", 1, "of the images and of poisson arrivals")

	load := newFlagGroup("The load")
	f.load.register(load.set)
	load.set.StringVar(&f.stages, "stages", "", "the rate in `STAGES`, such as 0/s..500/s:30s,500/s:2m,500/s..0/s:10s")
	load.set.DurationVar(&f.duration, "duration", steady.DefaultDuration, "how long the load lasts, a --ramp before it not counted")

	clients := newFlagGroup("Clients and their connections")
	f.churn.register(clients.set, steady.DefaultClients)
	f.connect.register(clients.set)
	clients.set.StringVar(&f.rcvbuf, "rcvbuf", "", "receive buffer of each client, as a `size` (default: the kernel's own)")

	server := newFlagGroup("The server")
	server.set.StringVar(&f.url, "url", "", "send to the server at this ws:// or wss:// `URL` (default: the bundled target, started for the run)")
	server.set.StringVar(&f.store, "store", string(store.Latest), "what the bundled target does with an image: files, latest, discard or off")
	f.access.register(server.set)

	cpus := newFlagGroup("Which CPUs each end may use")
	f.pins.register(cpus.set)

	result := newFlagGroup("The result")
	result.set.StringVar(&f.out, "out", "", "save the run to this `file`, as JSON")
	result.set.StringVar(&f.format, "format", "table", "how to print the report: "+strings.Join(render.Formats(), ", "))
	result.set.BoolVar(&f.quiet, "quiet", false, "show nothing while it runs")
	result.set.BoolP("help", "h", false, "this text")

	group(cmd, images, load, clients, server, cpus, result)
}
