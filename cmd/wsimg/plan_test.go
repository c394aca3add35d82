package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/spf13/cobra"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/verdict"
	"github.com/wsimg/wsimg/reports"
	"github.com/wsimg/wsimg/reports/plan"
	"github.com/wsimg/wsimg/reports/render"
)

// askedOf returns what the flags of a plan ask for.
func askedOf(t *testing.T, args ...string) plan.Input {
	t.Helper()
	var flags planFlags
	cmd := &cobra.Command{Use: "plan"}
	flags.register(cmd)
	if err := cmd.ParseFlags(args); err != nil {
		t.Fatal(err)
	}
	in, err := flags.input(cmd)
	if err != nil {
		t.Fatal(err)
	}
	return in
}

func TestPlanFlags(t *testing.T) {
	got := askedOf(t, "--users", "50000", "--images-per-user", "36/h", "--size", "250KB", "--reply", "ack", "--connected", "40%", "--peak", "2.5",
		"--headroom", "0.2", "--connections-per-server", "20000", "--spare", "2", "--nic", "25Gbit", "--mtu", "9000", "--retention", "2w", "--egress-price", "80/TB", "--accept-shared",
		"--what-if", "users=10,20", "--what-if", "images-per-user=60/min,86400/d", "--what-if", "size=1MB")
	for name, tt := range map[string]struct{ got, want any }{
		"users":           {got.Users, 50_000.0},
		"images-per-user": {got.ImagesPerUser, 0.01},
		"size":            {got.SizeBytes, int64(250_000)},
		"reply":           {got.Reply, record.Ack},
		"connected":       {got.Connected, plan.Set(0.4)},
		"peak":            {got.Peak, plan.Set(2.5)},
		"headroom":        {got.Headroom, plan.Set(0.2)},
		"spare":           {got.Spare, plan.Set(2)},
		"per server":      {got.ConnectionsPerServer, plan.Set(20_000)},
		"nic":             {got.NICBitPerS, plan.Set(25e9)},
		"mtu":             {got.MTU, plan.Set(9000)},
		"retention":       {got.RetentionDays, plan.Set(14)},
		"egress-price":    {got.PricePerGB, plan.Set(0.08)},
		"accept-shared":   {got.AcceptShared, true},
	} {
		if tt.got != tt.want {
			t.Errorf("--%s: got %v, want %v", name, tt.got, tt.want)
		}
	}
	want := []plan.Variation{{Name: "users", Values: []float64{10, 20}}, {Name: "images-per-user", Values: []float64{1, 1}}, {Name: "size", Values: []float64{1e6}}}
	if !slices.EqualFunc(got.WhatIf, want, func(a, b plan.Variation) bool { return a.Name == b.Name && slices.Equal(a.Values, b.Values) }) {
		t.Errorf("--what-if: got %+v, want %+v", got.WhatIf, want)
	}
}

// TestPlanFlagsShowTheDefaults that plan takes for granted, and leave it to plan
// to say that they are.
func TestPlanFlagsShowTheDefaults(t *testing.T) {
	if in := askedOf(t, "--users", "1", "--images-per-user", "1/s"); in.Connected.Given || in.Peak.Given || in.Headroom.Given || in.Spare.Given ||
		in.NICBitPerS.Given || in.MTU.Given || in.RetentionDays.Given || in.PricePerGB.Given {
		t.Errorf("%+v: what was not typed is given", in)
	}
	var flags planFlags
	cmd := &cobra.Command{Use: "plan"}
	flags.register(cmd)
	for name, want := range map[string]float64{
		"connected": plan.DefaultConnected, "peak": plan.DefaultPeak, "headroom": plan.DefaultHeadroom, "spare": plan.DefaultSpare,
		"nic": plan.DefaultNICBitPerS, "mtu": plan.DefaultMTU, "retention": plan.DefaultRetentionDays,
	} {
		shown := cmd.Flags().Lookup(name).DefValue
		if got, err := planNumber(name)(shown); err != nil || got != want {
			t.Errorf("--%s shows %q, %v, want %v", name, shown, err, want)
		}
	}
}

// TestPlanVariablesCanBeTyped, all of them.
func TestPlanVariablesCanBeTyped(t *testing.T) {
	for _, name := range plan.Variables() {
		if planNumber(name) == nil {
			t.Errorf("--what-if %s= can't be read", name)
		}
	}
}

func TestPlanExits(t *testing.T) {
	x := func(x float64) *float64 { return &x }
	searched := func(kind verdict.Kind, answer reports.CapacityAnswer) []*reports.Report {
		answer.Mode = "binary"
		return []*reports.Report{{
			Verdict:  verdict.Verdict{Kind: kind, Evidence: []verdict.Evidence{{Text: "the reason"}}},
			Settings: record.Settings{Command: "capacity", Modes: []string{"binary"}, Baseline: "binary", SizesBytes: []int64{1000}},
			Capacity: &reports.Capacity{Find: record.FindRate, Answers: []reports.CapacityAnswer{answer}},
		}}
	}
	found := reports.CapacityAnswer{Load: x(100), Low: x(90), High: x(110)}
	unmet := reports.CapacityAnswer{Unmet: true}
	for _, tt := range []struct {
		name   string
		runs   []*reports.Report
		accept bool
		code   int
		says   string
	}{
		{"a valid run", searched(verdict.Valid, found), false, 0, ""},
		{"a shared run", searched(verdict.Shared, found), false, exitUsage, "the run is shared: the reason"},
		{"a shared run that is accepted", searched(verdict.Shared, found), true, 0, ""},
		{"a void run", searched(verdict.Void, found), false, exitUsage, "the run is void: the reason"},
		{"a void run that is accepted", searched(verdict.Void, found), true, exitVoid, "the plan is from a void run"},
		{"a void run in which no mode met its objectives", searched(verdict.Void, unmet), true, exitVoid, "a run is void"},
		{"a search that came to no end", searched(verdict.Valid, reports.CapacityAnswer{Failed: x(9)}), false, exitUsage, "larger --time-budget"},
		{"no mode met its objectives", searched(verdict.Valid, unmet), false, exitUnmet, "no mode meets its objectives"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var out bytes.Buffer
			in := askedOf(t, "--users", "10", "--images-per-user", "1/s")
			in.AcceptShared = tt.accept
			err := printPlan(tt.runs, in, render.Options{}.PlanText, &out)
			if exitCode(err) != tt.code || tt.says != "" && !strings.Contains(err.Error(), tt.says) {
				t.Errorf("exits with %d: %v; want %d: %s", exitCode(err), err, tt.code, tt.says)
			}
			if planned := tt.code == 0 || tt.says == "the plan is from a void run"; planned != strings.HasPrefix(out.String(), "wsimg plan: binary, 1 KB\n") {
				t.Errorf("a plan is printed: %v, want %v", !planned, planned)
			}
		})
	}
}

// TestPlanScripts types commands with a search that was saved.
func TestPlanScripts(t *testing.T) {
	saved, err := os.ReadFile(filepath.Join("testdata", "plan", "capacity.json"))
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("testdata", "plan"),
		Setup: func(env *testscript.Env) error {
			env.Setenv(role, "wsimg")
			return os.WriteFile(filepath.Join(env.WorkDir, "capacity.json"), saved, 0o600)
		},
	})
}
