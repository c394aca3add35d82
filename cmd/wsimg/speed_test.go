package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/wsimg/wsimg/cmd/wsimg/internal/yardstick"
	"github.com/wsimg/wsimg/loadgen"
	"github.com/wsimg/wsimg/loadgen/machine"
	"github.com/wsimg/wsimg/loadgen/payload"
	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/stats"
	"github.com/wsimg/wsimg/target"
	"github.com/wsimg/wsimg/target/store"
)

// BenchmarkSpeed compares wsimg with the yardstick, a raw TCP echo that moves
// as many bytes: 16 clients each, the target echoing alone, every echo
// verified, servers in processes of their own. An iteration is one block of
// each, in alternating order. It reports the median of the blocks' ratios with
// its 95 % interval (ratio, low, high), both rates, and the clients' CPU time
// an image relative to the yardstick's clients' (cpu-ratio and its interval).
// Run it with
//
//	go test -run '^$' -bench Speed -benchtime 24x ./cmd/wsimg
func BenchmarkSpeed(b *testing.B) {
	for _, size := range []int{10_000, 100_000, 1_000_000} {
		for _, mode := range []struct{ name, mode, sender string }{
			{"binary-prepared", "binary", loadgen.Prepared},
			{"binary-live", "binary", loadgen.Live},
			{"text-live", "text", loadgen.Live},
		} {
			b.Run(fmt.Sprintf("size=%s/%s", payload.FormatSize(int64(size)), mode.name), func(b *testing.B) {
				speed(b, size, mode.mode, mode.sender)
			})
		}
	}
}

// The blocks of BenchmarkSpeed, and what comes before them: the kernel takes a
// second or two to open the receive windows of fresh connections.
const (
	speedClients = 16
	speedBlock   = 200 * time.Millisecond
	speedWarmup  = 2 * time.Second
)

func speed(b *testing.B, size int, modeName, sender string) {
	ctx := b.Context()
	wire := size
	if modeName == "text" {
		wire = (size + 2) / 3 * 4
	}
	raw, err := yardstick.Dial(ctx, startYardstick(b), speedClients, yardstick.Messages(wire, 1))
	if err != nil {
		b.Fatal(err)
	}
	defer raw.Close()

	child, err := target.Start(ctx, target.ChildSettings{Store: store.Off, Env: []string{role + "=wsimg"}})
	if err != nil {
		b.Fatal(err)
	}
	defer child.Stop(context.WithoutCancel(ctx))
	fleet, err := loadgen.Dial(ctx, loadgen.Settings{URL: child.URL(), Clients: speedClients})
	if err != nil {
		b.Fatal(err)
	}
	defer fleet.Close()
	source, err := payload.Synthetic(ctx, int64(size), payload.DefaultDistinct, 1)
	if err != nil {
		b.Fatal(err)
	}
	mode, err := payload.ParseMode(modeName)
	if err != nil {
		b.Fatal(err)
	}
	traffic, err := loadgen.NewTraffic(source, mode, sender, record.Echo, speedClients)
	if err != nil {
		b.Fatal(err)
	}

	ours := func(d time.Duration) (rate, cpu float64) {
		s, examples, err := fleet.Run(ctx, loadgen.Block{Traffic: traffic, Length: d})
		if err != nil || len(s.Errors) > 0 {
			b.Fatal(err, s.Errors, examples)
		}
		return s.Credit / s.Seconds, float64(s.GeneratorCPUNs) / float64(s.BlockImages)
	}
	theirs := func(d time.Duration) (rate, cpu float64) {
		before, _ := machine.CPUTime()
		block, err := raw.Run(ctx, d)
		if err != nil {
			b.Fatal(err)
		}
		after, _ := machine.CPUTime()
		return block.Messages / block.Seconds, float64(after-before) / block.Messages
	}
	ours(speedWarmup)
	theirs(speedWarmup)
	var us, them, ourCPU, theirCPU []float64
	for b.Loop() {
		var o, t, oc, tc float64
		if len(us)%2 == 0 {
			o, oc = ours(speedBlock)
			t, tc = theirs(speedBlock)
		} else {
			t, tc = theirs(speedBlock)
			o, oc = ours(speedBlock)
		}
		us, them = append(us, o), append(them, t)
		ourCPU, theirCPU = append(ourCPU, oc), append(theirCPU, tc)
	}
	b.ReportMetric(stats.Median(us), "images/s")
	b.ReportMetric(stats.Median(them), "yardstick/s")
	reportRatio(b, "", us, them)
	reportRatio(b, "cpu-", ourCPU, theirCPU)
	b.ReportMetric(0, "ns/op")
}

// reportRatio reports the median of the blocks' ratios and its interval.
func reportRatio(b *testing.B, prefix string, ours, theirs []float64) {
	e, ok := stats.Paired(ours, theirs)
	if !ok {
		return
	}
	b.ReportMetric(e.Ratio, prefix+"ratio")
	if e.Interval != nil {
		b.ReportMetric(e.Interval.Low, prefix+"low")
		b.ReportMetric(e.Interval.High, prefix+"high")
	}
}

// startYardstick runs the yardstick's server in a process of its own until the
// benchmark ends.
func startYardstick(b *testing.B) (addr string) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), role+"=yardstick")
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		stdin.Close()
		cmd.Wait()
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	return strings.TrimSpace(line)
}
