package plan_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/reports"
	"github.com/wsimg/wsimg/reports/plan"
)

// fleets returns binary's and text's.
func fleets(t *testing.T, p *plan.Plan) (binary, text plan.Fleet) {
	t.Helper()
	if len(p.Fleets) != 2 || p.Fleets[0].Mode != "binary" || p.Fleets[1].Mode != "text" {
		t.Fatalf("fleets %+v, want binary and text", p.Fleets)
	}
	return p.Fleets[0], p.Fleets[1]
}

// noted reports whether one of p's footnotes has that in it.
func noted(p *plan.Plan, part string) bool {
	return slices.ContainsFunc(p.Footnotes, func(n string) bool { return strings.Contains(n, part) })
}

func TestAModeThatMeetsNothingIsNotPlannedAndTheOtherIs(t *testing.T) {
	r := searched()
	r.Capacity.Answers[1] = reports.CapacityAnswer{Mode: "text", Unmet: true}
	r.Capacity.Ratios = nil
	p := made(t, asked(), r)
	binary, text := fleets(t, p)
	if *binary.Servers.Value != 4 {
		t.Errorf("binary takes %v servers, want 4", *binary.Servers.Value)
	}
	if text.Fault != "even the least load that was tried failed response_p99<150ms" {
		t.Errorf("fault %q", text.Fault)
	}
	if text.Servers.Value != nil || text.Memory.Value != nil || text.Cores.Value != nil || text.NICOut.Value != nil {
		t.Errorf("text has figures that nobody knows: %+v", text)
	}
	exact(562.504).check(t, "text out", text.Out) // arithmetic needs no capacity
	if len(p.Savings) > 0 {
		t.Errorf("savings %+v against a mode that can't be planned", p.Savings)
	}
	if want := "text can't be planned: even the least load that was tried failed response_p99<150ms. binary takes 4 servers [4–5]"; !strings.Contains(p.Conclusion, want) {
		t.Errorf("conclusion %q, want %q in it", p.Conclusion, want)
	}
}

func TestAnAnswerThatWasNotFound(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*reports.Capacity)
		want   string
	}{
		"no load": {func(c *reports.Capacity) { c.Answers[1].Load = nil }, "no answer: the search did not come to an end"},
		"a load that nobody saw carried": {func(c *reports.Capacity) { c.Answers[1].Low, c.Answers[1].High = nil, nil },
			"no answer: the search did not come to an end"},
		"nothing passed": {func(c *reports.Capacity) { c.Answers[1].Load, c.Answers[1].Failed = nil, of(1) },
			"no answer: the search did not come to an end"},
		"unmet": {func(c *reports.Capacity) { c.Answers[1].Load, c.Answers[1].Unmet = nil, true },
			"even the least load that was tried failed response_p99<150ms"},
		"no such mode":  {func(c *reports.Capacity) { c.Answers = c.Answers[:1] }, "it was not searched for"},
		"clients' rate": {func(c *reports.Capacity) { c.Find, c.Answers[1].ImagesPerS = record.FindClients, nil }, "how many images/s its clients sent is not known"},
	} {
		r := searched()
		tt.change(r.Capacity)
		if _, text := fleets(t, made(t, asked(), r)); text.Fault != tt.want {
			t.Errorf("%s: fault %q, want %q", name, text.Fault, tt.want)
		}
	}
}

// TestACapacityBeyondWhatWasTried is a lower bound, and servers an upper one.
func TestACapacityBeyondWhatWasTried(t *testing.T) {
	for _, marked := range []bool{true, false} {
		r := searched()
		a := &r.Capacity.Answers[0]
		a.Unbounded, a.Passed, a.Load, a.Low, a.High, a.ImagesPerS = marked, of(240), nil, nil, nil, nil
		if binary, _ := fleets(t, made(t, asked(), r)); binary.Servers.Bound != plan.AtMost || binary.Servers.Value == nil || *binary.Servers.Value != 4 {
			t.Errorf("marked %v: servers %+v, want at most 4", marked, binary.Servers)
		}
	}
	bound := func(a *reports.CapacityAnswer) {
		a.Unbounded, a.Passed, a.Load, a.Low, a.High, a.ImagesPerS = true, of(*a.Load), nil, nil, nil, nil
	}
	r := searched()
	r.Capacity.Ratios = []reports.CapacityRatio{{Mode: "text", Baseline: "binary"}}
	bound(&r.Capacity.Answers[0])
	p := made(t, asked(), r)
	binary, _ := fleets(t, p)
	if binary.Capacity.Bound != plan.AtLeast || *binary.Capacity.Value != 240 || binary.Servers.Bound != plan.AtMost || *binary.Servers.Value != 4 || binary.Servers.Low != nil {
		t.Errorf("capacity %+v, servers %+v: want at least 240 and at most 4", binary.Capacity, binary.Servers)
	}
	if s := saving(t, p, "text", "servers"); s.Amount.Bound != plan.AtLeast || *s.Amount.Value != 2 || s.Amount.Low != nil {
		t.Errorf("saved %+v, want at least 2 servers", s.Amount)
	}
	if binary.Memory.Bound != plan.AtMost || binary.Memory.Low != nil {
		t.Errorf("memory %+v, want at most that", binary.Memory)
	}
	if !noted(p, "binary passed the highest load that was tried") {
		t.Errorf("footnotes %q do not tell", p.Footnotes)
	}
	if want := "binary takes at most 4 servers and text takes 6 servers [5–7]"; !strings.Contains(p.Conclusion, want) {
		t.Errorf("conclusion %q, want %q in it", p.Conclusion, want)
	}
	if want := "takes at least 2 servers fewer"; !strings.Contains(p.Conclusion, want) {
		t.Errorf("conclusion %q, want %q in it", p.Conclusion, want)
	}
	bound(&r.Capacity.Answers[1])
	p = made(t, asked(), r)
	if s := saving(t, p, "text", "servers"); s.Amount.Value != nil {
		t.Errorf("saved %+v of two upper bounds, want nothing", s.Amount)
	}
}

// TestClientsBecomeImages: 120 clients at 2 images/s each are 240 images/s, and
// their interval is scaled likewise.
func TestClientsBecomeImages(t *testing.T) {
	for name, perS := range map[string]*float64{"as measured": of(240), "by their pace": nil} {
		r := searched()
		r.Capacity.Find, r.Capacity.PerClientPerS = record.FindClients, 2
		a := &r.Capacity.Answers[0]
		a.Load, a.Low, a.High, a.ImagesPerS = of(120), of(110), of(130), perS
		p := made(t, asked(), r)
		binary, _ := fleets(t, p)
		worked{240, 220, 260}.check(t, name+": capacity", binary.Capacity)
		worked{4, 4, 5}.check(t, name+": servers", binary.Servers)
		if !noted(p, "Clients were searched for") {
			t.Errorf("footnotes %q do not tell", p.Footnotes)
		}
	}
}

func TestTheNetworkCardDecides(t *testing.T) {
	in := asked()
	in.NICBitPerS = plan.Set(100e6)
	p := made(t, in, searched())
	binary, text := fleets(t, p)
	// binary in: 8 × 109,464 × 500 = 437.856 Mbit/s on the link, ÷ (100 × 0.7) =
	// 6.26 → 7 + 1; text in: 8 × 145,950 × 500 = 583.8 → 8.34 → 9 + 1. Out, with
	// four bytes of an image less, it is as many; of equals sending is named.
	worked{8, 8, 8}.check(t, "servers of binary", binary.Servers)
	worked{10, 10, 10}.check(t, "servers of text", text.Servers)
	if binary.Bound != plan.ByOut || !noted(p, "The network card, sending, of binary decides") {
		t.Errorf("bound %q, footnotes %q: want the network card, sending", binary.Bound, p.Footnotes)
	}
	in.Reply = record.Ack
	if binary, _ := fleets(t, made(t, in, searched())); binary.Bound != plan.ByIn || *binary.Servers.Value != 8 {
		t.Errorf("with acks: bound %q, %v servers, want the network card receiving, and 8", binary.Bound, *binary.Servers.Value)
	}
}

func TestWithoutASideChannel(t *testing.T) {
	r := searched()
	c := r.Capacity
	c.BaseBytes, c.BytesPerConnection, c.MemoryConnections = nil, nil, 0
	for i := range c.Answers {
		c.Answers[i].TargetCPUUsPerImage, c.Answers[i].TargetBytesBeyond = nil, nil
	}
	p := made(t, asked(), r)
	binary, _ := fleets(t, p)
	worked{4, 4, 5}.check(t, "servers", binary.Servers)
	for name, f := range map[string]plan.Figure{
		"cores": binary.Cores, "CPU": binary.CPUPerImage, "memory": binary.Memory, "memory of connections": binary.MemoryConnections,
		"memory in flight": binary.MemoryInFlight, "memory of a server": binary.MemoryPerServer,
	} {
		if f.Value != nil || f.Low != nil {
			t.Errorf("%s is %v, want it unknown", name, *f.Value)
		}
	}
	if !noted(p, "Target CPU is not known") || !noted(p, "Memory is not known") {
		t.Errorf("footnotes %q do not tell", p.Footnotes)
	}
	if noted(made(t, asked(), searched()), "not known") {
		t.Error("a footnote misses what is known")
	}
}

// TestMemoryOfConnectionsAlone is known where what images take is not.
func TestMemoryOfConnectionsAlone(t *testing.T) {
	r := searched()
	for i := range r.Capacity.Answers {
		r.Capacity.Answers[i].TargetBytesBeyond = nil
	}
	binary, _ := fleets(t, made(t, asked(), r))
	exact(400e6).check(t, "memory of connections", binary.MemoryConnections)
	if binary.Memory.Value != nil || binary.MemoryPerServer.Value != nil {
		t.Error("memory is told without a part of it")
	}
}

// TestACapacityWithoutAnInterval is the highest load that passed, and no middle.
func TestACapacityWithoutAnInterval(t *testing.T) {
	r := searched()
	a := &r.Capacity.Answers[1]
	a.Low, a.High, a.Passed, a.Failed = nil, nil, of(130), of(200)
	p := made(t, asked(), r)
	binary, text := fleets(t, p)
	worked{4, 4, 5}.check(t, "servers of binary, which has one", binary.Servers)
	// text: 500 ÷ (130 × 0.7 = 91) = 5.49 → 6 + 1; 500 ÷ (200 × 0.7 = 140) → 4 + 1.
	worked{130, 130, 200}.check(t, "capacity", text.Capacity)
	worked{7, 5, 7}.check(t, "servers", text.Servers)
	n := assumption(t, p, "A server carries the highest load that passed")
	for name, f := range map[string]plan.Figure{
		"capacity": text.Capacity, "servers": text.Servers, "memory": text.Memory, "memory in flight": text.MemoryInFlight,
		"memory of a server": text.MemoryPerServer, "network card": text.NICOut,
	} {
		if f.Bound != plan.Perhaps || !rests(f, n) {
			t.Errorf("%s: %+v, want it perhaps, and resting on %d", name, f, n)
		}
	}
	if rests(binary.Servers, n) || binary.Servers.Bound != "" {
		t.Errorf("servers of binary %+v rest on a bracket of text", binary.Servers)
	}
	s := saving(t, p, "text", "servers")
	exact(3).check(t, "saved servers", s.Amount)
	if s.Amount.Bound != plan.Perhaps || s.Share.Bound != plan.Perhaps {
		t.Errorf("saved %+v, want it perhaps", s)
	}
	for _, want := range []string{"binary takes 4 servers [4–5] and text takes perhaps 5 to 7 servers", "binary instead of text takes perhaps 3 servers fewer (−42.9 %), "} {
		if !strings.Contains(p.Conclusion, want) {
			t.Errorf("conclusion %q, want %q in it", p.Conclusion, want)
		}
	}
	if !noted(p, "The capacity of text has no interval") || !noted(p, "* Perhaps: from the highest load that passed.") {
		t.Errorf("footnotes %q do not tell", p.Footnotes)
	}
	in := asked()
	in.NICBitPerS = plan.Set(100e6)
	p = made(t, in, r)
	if _, text := fleets(t, p); *text.Servers.Value != 10 || text.Servers.Bound != "" {
		t.Errorf("servers %+v, want the 10 that the network card takes whatever the capacity", text.Servers)
	}
	exact(2).check(t, "saved servers, of a network card", saving(t, p, "text", "servers").Amount)
	// Of clients at 2 images/s each it is likewise.
	a.Load, a.ImagesPerS, a.Passed, a.Failed = of(80), of(160), of(65), of(100)
	r.Capacity.Find = record.FindClients
	_, text = fleets(t, made(t, asked(), r))
	worked{130, 130, 200}.check(t, "capacity by clients", text.Capacity)
}

// TestNoModeHasAnAnswer: what did not come to an end is not what can't be met.
func TestNoModeHasAnAnswer(t *testing.T) {
	r := searched()
	r.Capacity.Answers[0] = reports.CapacityAnswer{Mode: "binary", Failed: of(10)}
	r.Capacity.Answers[1] = reports.CapacityAnswer{Mode: "text", Unmet: true}
	_, err := plan.Make([]*reports.Report{r}, asked())
	want := "no mode has a capacity to plan with (binary: no answer: the search did not come to an end; " +
		"text: even the least load that was tried failed response_p99<150ms): run wsimg capacity again with a larger --time-budget"
	if err == nil || err.Error() != want || errors.Is(err, plan.ErrUnmet) {
		t.Errorf("error %v, want %s", err, want)
	}
}

// TestServersAreExactWhereTheCapacityDoesNotDecide, though it is a lower bound.
func TestServersAreExactWhereTheCapacityDoesNotDecide(t *testing.T) {
	r := searched()
	a := &r.Capacity.Answers[0]
	a.Unbounded, a.Passed, a.Low, a.High = true, of(240), nil, nil
	r.Capacity.Ratios = nil
	in := asked()
	binary, _ := fleets(t, made(t, in, r))
	for name, tt := range map[string]struct{ got, want plan.Bound }{
		"servers": {binary.Servers.Bound, plan.AtMost}, "in flight": {binary.MemoryInFlight.Bound, plan.AtMost}, "memory": {binary.Memory.Bound, plan.AtMost},
		"network card": {binary.NICOut.Bound, plan.AtLeast}, "memory of a server": {binary.MemoryPerServer.Bound, plan.Perhaps},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: bound %q, want %q", name, tt.got, tt.want)
		}
	}
	in.NICBitPerS = plan.Set(100e6)
	p := made(t, in, r)
	binary, _ = fleets(t, p)
	if binary.Servers.Bound != "" || *binary.Servers.Value != 8 || binary.NICOut.Bound != "" {
		t.Errorf("servers %+v, network card %+v: want 8, exactly", binary.Servers, binary.NICOut)
	}
	if binary.MemoryInFlight.Bound != plan.AtMost || binary.MemoryPerServer.Bound != plan.AtMost {
		t.Errorf("in flight %+v, a server %+v: want at most that", binary.MemoryInFlight, binary.MemoryPerServer)
	}
	if !noted(p, "its servers are as many whatever it is") {
		t.Errorf("footnotes %q do not tell", p.Footnotes)
	}
}

// TestConnectionsBoundServers: 50,000 at 10,000 each take 5, and a spare.
func TestConnectionsBoundServers(t *testing.T) {
	in := asked()
	in.ConnectionsPerServer = plan.Set(10_000)
	p := made(t, in, searched())
	binary, text := fleets(t, p)
	worked{6, 6, 6}.check(t, "servers of binary", binary.Servers)
	worked{6, 6, 7}.check(t, "servers of text", text.Servers) // 5 by images as well
	if binary.Bound != plan.ByConnections || text.Bound != plan.ByImages {
		t.Errorf("bounds %q and %q, want connections and images", binary.Bound, text.Bound)
	}
	if !noted(p, "The connections that a server may hold decide how many servers of binary there are") {
		t.Errorf("footnotes %q do not tell", p.Footnotes)
	}
	in.ConnectionsPerServer = plan.Set(0)
	if binary, _ := fleets(t, made(t, in, searched())); *binary.Servers.Value != 4 {
		t.Errorf("0: %v servers, want 4", *binary.Servers.Value)
	}
}

// TestCrowdedServersAreConcludedWith, unless it is given what one holds.
func TestCrowdedServersAreConcludedWith(t *testing.T) {
	r := searched()
	r.Capacity.MemoryConnections = 500
	want := "spares included, if one holds 16,667 connections, where at most 500 were ever open to the measured one (--connections-per-server bounds it)."
	if p := made(t, asked(), r); !strings.Contains(p.Conclusion, want) {
		t.Errorf("conclusion %q, want %q in it", p.Conclusion, want)
	}
	in := asked()
	in.ConnectionsPerServer = plan.Set(20_000)
	if p := made(t, in, r); strings.Contains(p.Conclusion, "ever open") {
		t.Errorf("conclusion %q: it is given what a server holds", p.Conclusion)
	}
}

// TestCompressedModesAreMeasured: their length follows from no arithmetic.
func TestCompressedModesAreMeasured(t *testing.T) {
	deflated := func() *reports.Report {
		r := searched()
		r.Settings.Modes[0] = "text+deflate=6"
		a := &r.Capacity.Answers[1]
		a.Mode, a.WireBytesSent, a.WireBytesReceived = "text+deflate=6", of(101_000), of(103_000)
		return r
	}
	// 101,000 → 70 segments, 103,000 → 72: in 101,000 + 52 × (70 + 36), out
	// 103,000 + 52 × (72 + 35).
	f := made(t, asked(), deflated()).Fleets[1]
	exact(106_512).check(t, "in", f.InPerImage)
	exact(108_564).check(t, "out", f.OutPerImage)

	// Measured with acks, an echo is taken to be the client's message unmasked:
	// 100,996 → 70 segments: out 100,996 + 52 × (70 + 35).
	r := deflated()
	r.Settings.Reply = record.Ack
	*r.Capacity.Answers[1].WireBytesReceived = 28
	in := asked()
	in.Reply = record.Echo
	p := made(t, in, r)
	exact(106_456).check(t, "out, with an echo that was not measured", p.Fleets[1].OutPerImage)
	if n := assumption(t, p, "A server's echo of text+deflate=6 is compressed as well"); !rests(p.Fleets[1].Out, n) || rests(p.Fleets[0].Out, n) {
		t.Error("its network does not rest on it, or that of binary does")
	}

	r = deflated()
	r.Capacity.Answers[1].WireBytesSent = nil
	p = made(t, asked(), r)
	f = p.Fleets[1]
	if f.InPerImage.Value != nil || f.Out.Value != nil || f.Egress.Value != nil || f.EgressPrice.Value != nil || f.NICOut.Value != nil {
		t.Errorf("%+v: want its network unknown", f)
	}
	worked{6, 5, 7}.check(t, "servers", f.Servers)
	if !noted(p, "How long compressed messages are takes a measurement") {
		t.Errorf("footnotes %q do not tell", p.Footnotes)
	}
}

func TestWhatIf(t *testing.T) {
	in := asked()
	in.WhatIf = []plan.Variation{
		{Name: "users", Values: []float64{10_000, 50_000, 250_000}},
		{Name: "peak", Values: []float64{6}},
		{Name: "size", Values: []float64{1_000_000}},
	}
	in.SizeBytes = 100_000
	p := made(t, in, searched(), at(1_000_000, 10))
	// binary, at 168/s a server: 100 → 1 + 1, 500 → 3 + 1, 2,500 → 14.9 → 15 + 1;
	// a peak of 6 times has 1,000 → 5.95 → 6 + 1; at 1 MB, 16.8/s: 29.8 → 30 + 1.
	want := []struct {
		name          string
		value, images float64
		servers       float64
	}{
		{"users", 10_000, 100, 2}, {"users", 50_000, 500, 4}, {"users", 250_000, 2500, 16}, {"peak", 6, 1000, 7}, {"size", 1e6, 500, 31},
	}
	if len(p.WhatIf) != len(want) {
		t.Fatalf("%d rows, want %d", len(p.WhatIf), len(want))
	}
	for i, w := range want {
		row := p.WhatIf[i]
		if row.Name != w.name || row.Value != w.value || len(row.Fleets) != 2 || !near(*row.Fleets[0].Images.Value, w.images) || *row.Fleets[0].Servers.Value != w.servers {
			t.Errorf("row %d: %s=%g, %v images/s, %v servers; want %+v", i, row.Name, row.Value, *row.Fleets[0].Images.Value, *row.Fleets[0].Servers.Value, w)
		}
	}
	if *p.Fleets[0].Servers.Value != 4 {
		t.Errorf("the plan itself has %v servers, want 4 as without a what-if", *p.Fleets[0].Servers.Value)
	}
}

// TestBaselineThatTakesMore: what it saves is negative, and said as more.
func TestBaselineThatTakesMore(t *testing.T) {
	r := searched()
	r.Settings.Baseline = "text"
	r.Capacity.Ratios = []reports.CapacityRatio{{Mode: "binary", Baseline: "text", Ratio: of(1 / 1.5), Low: of(1 / 1.8), High: of(1 / 1.2)}}
	p := made(t, asked(), r)
	if p.Fleets[0].Mode != "text" {
		t.Fatalf("the first fleet is of %s, want the baseline's", p.Fleets[0].Mode)
	}
	// text's capacity 160; binary's from 160 ÷ (1 ÷ 1.2) = 192, 134.4/s → 4 + 1, to
	// 160 × 1.8 = 288, 201.6/s → 3 + 1: from 5 − 6 to 4 − 6.
	worked{-2, -2, -1}.check(t, "saved servers", saving(t, p, "binary", "servers").Amount)
	if want := "text instead of binary takes 2 servers more (+50.0 %, +20.0 % to +50.0 %), 141 Mbit/s in more"; !strings.Contains(p.Conclusion, want) {
		t.Errorf("conclusion %q, want %q in it", p.Conclusion, want)
	}
}

func TestConclusion(t *testing.T) {
	got := made(t, asked(), searched()).Conclusion
	want := "At peak 500 images/s come over 50,000 connections. binary takes 4 servers [4–5] and text takes 6 servers [5–7], spares included. " +
		"binary instead of text takes 2 servers fewer (−33.3 %, −42.9 % to −20.0 %), 141 Mbit/s in less (−25.0 %), " +
		"141 Mbit/s out less (−25.0 %), 15.2 TB of egress a month less (−25.0 %), which costs 1,210 less."
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestConclusionOfTrafficAlone has a verb, and volumes as the tables have them.
func TestConclusionOfTrafficAlone(t *testing.T) {
	r := searched()
	for i := range r.Capacity.Answers {
		a := &r.Capacity.Answers[i]
		a.Unbounded, a.Passed, a.Low, a.High = true, of(*a.Load), nil, nil
	}
	r.Capacity.Ratios = nil
	in := asked()
	in.Users = 10_000_000
	got := made(t, in, r).Conclusion
	want := "binary instead of text takes 28,100 Mbit/s in less (−25.0 %), 28,100 Mbit/s out less (−25.0 %), 3.04 PB of egress a month less"
	if !strings.Contains(got, want) {
		t.Errorf("got %s\nwant %s in it", got, want)
	}
}
