//go:build slow

package siege

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/wsimg/wsimg/cmd/wsimg/internal/outcome"
	"github.com/wsimg/wsimg/loadgen/machine"
	"github.com/wsimg/wsimg/loadgen/stats"
	"github.com/wsimg/wsimg/reports"
	"github.com/wsimg/wsimg/target"
)

// place is where the outcomes go.
var place = outcome.Flags(flag.CommandLine)

// program is one of the programs here, and the wsimg that it is about.
type program struct{ *outcome.Program }

func newProgram(t *testing.T) program { return program{outcome.Start(t)} }

// target starts wsimg target with these flags, in a process of its own that ends
// with the test, and in a temporary folder.
func (p program) target(t *testing.T, flags ...string) *target.Child {
	t.Helper()
	child, err := target.Start(p.Context(), target.ChildSettings{Executable: p.Path, Args: append([]string{"target", "--child"}, flags...)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := child.Stop(context.WithoutCancel(p.Context())); err != nil {
			t.Errorf("stop the target: %v", err)
		}
	})
	return child
}

// horde starts a horde that goes to a target; it ends with the test.
func (p program) horde(t *testing.T, addr string, groups ...group) camp {
	t.Helper()
	h, err := horde{addr, groups}.start(p.Context())
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// generator starts a generator that ends with the test.
func (p program) generator(t *testing.T, c crew) *generator {
	t.Helper()
	g, err := c.start(p.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { g.dismiss() }) // a second time is harmless
	return g
}

// addr returns where a target listens, as host:port.
func addr(url string) string { return strings.TrimSuffix(strings.TrimPrefix(url, "ws://"), "/") }

// ask reads the side channel of the target at host:port.
func ask(ctx context.Context, addr string) (s target.Stats, err error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+"/stats", nil)
	if err != nil {
		return s, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return s, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return s, fmt.Errorf("read the target's /stats: %s", resp.Status)
	}
	return s, json.NewDecoder(resp.Body).Decode(&s)
}

// cpu returns what a target's process has used so far.
func cpu(t *testing.T, addr string) time.Duration {
	t.Helper()
	s, err := ask(t.Context(), addr)
	if err != nil {
		t.Fatal(err)
	}
	if s.CPUNs == nil {
		t.Skip("this system does not tell the CPU time of a process")
	}
	return time.Duration(*s.CPUNs)
}

// setting says when, with what and on what machine it was.
func (p program) setting(format string, args ...any) string {
	return p.Setting(machine.Environment(p.Context(), ""), format, args...)
}

// interval writes a ratio's interval as differences: "−1.2 % … +3.4 %".
func interval(e stats.Estimate) string {
	if e.Interval == nil {
		return "–"
	}
	return reports.FormatDifference(e.Interval.Low) + " … " + reports.FormatDifference(e.Interval.High)
}
