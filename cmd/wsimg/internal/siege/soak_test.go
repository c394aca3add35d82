//go:build slow

package siege

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wsimg/wsimg/cmd/wsimg/internal/outcome"
	"github.com/wsimg/wsimg/loadgen/payload"
	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/target"
)

var imagesFlag = flag.Uint64("images", 10_000_000, "verified images after which Soak ends")

const (
	imageSize = 1000 // bytes
	// leg is how long wsimg run runs at a time: its audit is settled at the end of each.
	leg = 30 * time.Second
	// gap is how long it is left alone at both its ends: a run does not begin
	// with a target that can't save.
	gap = 2 * time.Second
	// between is the time from the end of one fault to the next.
	between = time.Second
	// outage is how long a stall, a missing folder and a full disk last.
	outage = 300 * time.Millisecond
	// kept is how many files the target keeps.
	kept = 20_000
)

// nuisances come to the target of Soak as well, beside the proxy.
var nuisances = []group{
	{Kind: "trickle", Clients: 10, Again: true, Pause: time.Second},
	{Kind: "promise", Clients: 10, Again: true, Pause: time.Second},
	{Kind: "numb", Clients: 10, Again: true, Pause: time.Second},
	{Kind: "noise", Clients: 10, Again: true, Pause: time.Second},
	{Kind: "wrench", Clients: 10, Again: true, Pause: time.Second},
	{Kind: "bomb", Clients: 2, Again: true, Pause: 5 * time.Second},
}

// TestSoak has millions of images saved to files by way of a network that goes
// wrong, to a folder that is gone now and then and a disk that is full at times. The
// files are on a disk of memory, as small as can be, and only the last ones are
// kept: so that what is tested is saving, and not the disk.
func TestSoak(t *testing.T) {
	p := newProgram(t)
	disk := mountDisk(t)
	t.Setenv("TMPDIR", disk.path)
	child := p.target(t, "--store", "files", "--keep", fmt.Sprint(kept), "--deflate", "--max-image", "16MB",
		"--message-timeout", "5s", "--idle-timeout", "10s", "--write-timeout", "5s")
	network, err := newProxy(addr(child.URL()))
	if err != nil {
		t.Fatal(err)
	}
	defer network.close()
	enemies := p.horde(t, addr(child.URL()), nuisances...)
	defer enemies.dismiss()
	books := keepLooking(p.Context(), addr(child.URL()))

	faults := []struct {
		name   string
		inject func()
	}{
		{"connections reset in mid-message", func() { network.sever(4) }},
		{"network stalled", func() {
			defer network.stall()()
			time.Sleep(outage)
		}},
		{"connections made half-open", func() { network.freeze(2) }},
		{"folder removed and restored", func() { disk.vanish(t, child.Dir()) }},
		{"disk full", func() { disk.fill(t) }},
	}
	injected := map[string]int{}
	var (
		total  record.Audit
		lost   = map[string]uint64{}
		legs   int
		missed []string
		turn   int
	)
	for began := time.Now(); total.Verified < *imagesFlag && p.Context().Err() == nil; legs++ {
		lasts := leg
		if total.Verified > 0 { // no longer than it takes
			left := float64(*imagesFlag-total.Verified) / float64(total.Verified) * float64(time.Since(began))
			lasts = max(3*gap, min(leg, time.Duration(left)+gap))
		}
		over, stop := context.WithTimeout(p.Context(), lasts-gap)
		var trouble sync.WaitGroup
		trouble.Go(func() {
			for sleep(over, gap); sleep(over, between); turn++ {
				f := faults[turn%len(faults)]
				if f.name == "disk full" && !disk.ours {
					continue
				}
				f.inject()
				injected[f.name]++
			}
		})
		mode := []string{"binary", "text"}[legs%2]
		run, err := p.run("--url", "ws://"+network.addr(), "--mode", mode, "--size", fmt.Sprintf("%dB", imageSize), "--clients", "32",
			"--in-flight", "16", "--duration", lasts.String(), "--timeout", "3s", "--audit")
		stop()
		trouble.Wait()
		if err != nil {
			t.Fatal(err)
		}
		a := run.Audit
		if a == nil {
			t.Fatal("the run has no audit")
		}
		total.Verified += a.Verified
		total.Unsettled += a.Unsettled
		total.Saved += a.Saved
		total.UnsettledSaved += a.UnsettledSaved
		if a.Fault != "" {
			missed = append(missed, fmt.Sprintf("leg %d, %s: %s", legs+1, mode, a.Fault))
		}
		for _, c := range run.Cells {
			for _, s := range c.Samples {
				record.AddErrors(&lost, s.Errors)
			}
		}
		t.Logf("leg %d, %s: %d verified, %d unsettled; %d of %d in all", legs+1, mode, a.Verified, a.Unsettled, total.Verified, *imagesFlag)
	}
	looked := books()

	o := &outcome.Outcome{
		Program: "Soak",
		Missed:  missed,
		Setting: p.setting("%d images of %d bytes verified in %d runs", total.Verified, imageSize, legs),
		Header:  []string{"fault", "times"},
	}
	for _, f := range faults {
		o.Row(f.name, injected[f.name])
		if injected[f.name] == 0 {
			o.Notef("No %s: that takes the right to mount a disk.", f.name)
		}
	}
	o.Notef("The audits: %d images verified, %d without a verified reply; %d saved, of which %d are among the latter. Failures of images, by kind: %s.",
		total.Verified, total.Unsettled, total.Saved, total.UnsettledSaved, listed(lost))
	o.Notef("/stats was read %d times; received was saved + refused in all but %d, and echoed at most saved in all but %d.", looked.times, looked.unbalanced, looked.ahead)
	whole, torn := disk.inspect(t, p.Context(), child.Dir())
	o.Notef("Of the files that are left %d hold an image that was sent, and %d do not.", whole, torn)
	if looked.unbalanced+looked.ahead > 0 {
		o.Missf("the counters did not add up %d times", looked.unbalanced+looked.ahead)
	}
	if looked.times == 0 {
		o.Missf("/stats could never be read")
	}
	if torn > 0 || whole == 0 {
		o.Missf("%d files are whole, %d are not", whole, torn)
	}
	if total.Verified < *imagesFlag {
		o.Missf("ended after %d images", total.Verified)
	}
	p.Finish(t, o, place)
}

// run runs wsimg run and returns the run that it saved.
func (p program) run(args ...string) (*record.Run, error) {
	out := filepath.Join(p.Folder, "run.json")
	os.Remove(out)
	ctx, cancel := context.WithTimeout(p.Context(), 2*leg+time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, p.Path, append([]string{"run", "--quiet", "--out", out}, args...)...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 20 * time.Second
	var said bytes.Buffer
	cmd.Stderr = &said
	ended := cmd.Run() // with an error when the audit found one, which the run tells, too
	f, err := os.Open(out)
	if err != nil {
		return nil, fmt.Errorf("wsimg run %s: %w: %s", strings.Join(args, " "), errors.Join(ctx.Err(), ended), strings.TrimSpace(said.String()))
	}
	defer f.Close()
	return record.Read(f)
}

// looks counts how the counters of a target were found.
type looks struct {
	times, unbalanced, ahead int
}

// keepLooking reads a target's counters all the time, until the function that is
// returned is called.
func keepLooking(ctx context.Context, addr string) func() looks {
	ctx, stop := context.WithCancel(ctx)
	found := make(chan looks, 1)
	go func() {
		var l looks
		for sleep(ctx, 50*time.Millisecond) {
			s, err := ask(ctx, addr)
			if err != nil {
				continue
			}
			l.times++
			for _, c := range []target.ImageCounts{s.Images.ImageCounts, s.Images.Text, s.Images.Binary} {
				if c.Received != c.Saved+c.Refused {
					l.unbalanced++
				}
				if c.Echoed > c.Saved {
					l.ahead++
				}
			}
		}
		found <- l
	}()
	return func() looks {
		stop()
		return <-found
	}
}

// listed writes counts by name.
func listed(counts map[string]uint64) string {
	if len(counts) == 0 {
		return "none"
	}
	var all []string
	for _, kind := range slices.Sorted(maps.Keys(counts)) {
		all = append(all, fmt.Sprintf("%s %d", kind, counts[kind]))
	}
	return strings.Join(all, ", ")
}

// inspect counts the files in a folder that hold an image that Soak sends, and the
// others. What has a temporary name counts as neither.
func (d disk) inspect(t *testing.T, ctx context.Context, folder string) (whole, torn int) {
	t.Helper()
	source, err := payload.Synthetic(ctx, imageSize, payload.DefaultDistinct, 1)
	if err != nil {
		t.Fatal(err)
	}
	sent := map[string]bool{}
	for _, image := range source.Images() {
		sent[string(image)] = true
	}
	files, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if strings.HasPrefix(f.Name(), ".") {
			continue
		}
		switch data, err := os.ReadFile(filepath.Join(folder, f.Name())); {
		case errors.Is(err, os.ErrNotExist): // it was one of the oldest
		case err == nil && sent[string(data)]:
			whole++
		default:
			torn++
		}
	}
	return whole, torn
}
