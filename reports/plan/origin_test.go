package plan_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/reports"
	"github.com/wsimg/wsimg/reports/plan"
)

// assumption returns the number of the assumption that begins so.
func assumption(t *testing.T, p *plan.Plan, begins string) int {
	t.Helper()
	for _, a := range p.Assumed {
		if strings.HasPrefix(a.Text, begins) {
			return a.Number
		}
	}
	t.Fatalf("no assumption begins with %q: %+v", begins, p.Assumed)
	return 0
}

func rests(f plan.Figure, number int) bool { return slices.Contains(f.Assumes, number) }

func TestOrigins(t *testing.T) {
	given := made(t, asked(), searched()).Fleets[0]
	unsaid := made(t, plan.Input{Users: 50_000, ImagesPerUser: 12.0 / 3600}, searched()).Fleets[0]
	bundled := searched()
	bundled.Settings.Bundled = true
	ours := made(t, asked(), bundled).Fleets[0]
	for _, tt := range []struct {
		name string
		f    plan.Figure
		want plan.Origin
	}{
		{"users are given, and so are images/s", given.Images, plan.Given},
		{"and connections", given.Connections, plan.Given},
		{"a peak that nobody gave is assumed", unsaid.Images, plan.Assumed},
		{"so is that every user is connected", unsaid.Connections, plan.Assumed},
		{"capacity is measured", given.Capacity, plan.Measured},
		{"and what a connection takes", given.BytesPerConnection, plan.Measured},
		{"that many of them take as much each is assumed", given.MemoryConnections, plan.Assumed},
		{"servers share the load evenly", given.Servers, plan.Assumed},
		{"the bundled target's capacity is measured", ours.Capacity, plan.Measured},
		{"and that the fleet's servers are like it is assumed", ours.Cores, plan.Assumed},
		{"bytes of packets are arithmetic on assumptions", given.InPerImage, plan.Assumed},
	} {
		if tt.f.Origin != tt.want || (tt.want == plan.Assumed) != (len(tt.f.Assumes) > 0) {
			t.Errorf("%s: got %s %v, want %s", tt.name, tt.f.Origin, tt.f.Assumes, tt.want)
		}
	}
}

func TestDefaultsAreAssumedAndListed(t *testing.T) {
	r := searched()
	p := made(t, plan.Input{Users: 50_000, ImagesPerUser: 12.0 / 3600}, r)
	if want := []string{"connected", "peak", "headroom", "spare", "nic", "mtu", "retention"}; !slices.Equal(p.Input.Defaults, want) {
		t.Errorf("assumed %v, want %v", p.Input.Defaults, want)
	}
	f := p.Fleets[0]
	for begins, on := range map[string][]plan.Figure{
		"The peak is 3 times the mean":           {f.Images, f.Servers, f.Cores, f.In, f.Out},
		"Every user holds one connection":        {f.Connections, f.Memory, f.MemoryConnections},
		"A connection takes as much memory how":  {f.MemoryConnections, f.Memory, f.MemoryPerServer},
		"30 % of a server stays free":            {f.Servers, f.Memory},
		"1 server is beyond those needed":        {f.Servers, f.Memory},
		"A server's network card has 10 Gbit/s":  {f.Servers, f.NICIn, f.NICOut},
		"IP packets have at most 1500 bytes":     {f.InPerImage, f.In, f.Out, f.Egress},
		"Images are kept for 30 days":            {f.Disk},
		"An image is one WebSocket frame":        {f.In, f.Out, f.Egress},
		"Every two data segments":                {f.In, f.Out, f.Egress},
		"Handshakes, pings":                      {f.In, f.Out, f.Egress},
		"On the link every packet takes 38":      {f.NICIn, f.NICOut, f.Servers},
		"Every image is kept once, raw":          {f.Disk, f.DiskPerDay},
		"A month has 30 days":                    {f.Egress, f.EgressPrice},
		"Memory that images take":                {f.Memory, f.MemoryInFlight, f.MemoryPerServer},
		"Servers share the load evenly":          {f.Servers, f.Cores},
		"One server holds its share of the conn": nil, // 20,000 were held, and 3 have 16,667 each
	} {
		if on == nil {
			for _, a := range p.Assumed {
				if strings.HasPrefix(a.Text, begins) {
					t.Errorf("it is assumed that %q, which the runs have shown", a.Text)
				}
			}
			continue
		}
		number := assumption(t, p, begins)
		for _, figure := range on {
			if !rests(figure, number) {
				t.Errorf("a figure in %s rests on %v, want %d (%s) among them", figure.Unit, figure.Assumes, number, begins)
			}
		}
	}
	for i, a := range p.Assumed {
		if a.Number != i+1 || !strings.HasSuffix(a.Text, ".") {
			t.Errorf("assumption %d is %+v", i+1, a)
		}
	}
	// All given: what is left is the ways of the world.
	in := asked()
	if p := made(t, in, r); len(p.Input.Defaults) > 0 || *p.Input.Price != 0.08 {
		t.Errorf("got %+v, want everything given", p.Input)
	} else {
		for _, a := range p.Assumed {
			if strings.Contains(a.Text, "(--") {
				t.Errorf("%q is assumed, and was given", a.Text)
			}
		}
	}
}

func TestMoreConnectionsThanWereHeldAreAssumed(t *testing.T) {
	r := searched()
	r.Capacity.MemoryConnections = 500
	p := made(t, asked(), r)
	number := assumption(t, p, "One server holds its share of the connections, as many as 16,667: the runs had at most 500 open to one")
	if !rests(p.Fleets[0].Servers, number) {
		t.Error("servers do not rest on it")
	}
	for connections, assumed := range map[int]bool{16_666: true, 16_667: false} {
		r.Capacity.MemoryConnections = connections
		p := made(t, asked(), r)
		if got := slices.ContainsFunc(p.Assumed, func(a plan.Assumption) bool { return strings.HasPrefix(a.Text, "One server holds") }); got != assumed {
			t.Errorf("of 16,667 connections a server %d were held: assumed is %v, want %v", connections, got, assumed)
		}
	}
	in := asked()
	in.Users, in.Connected = 10, plan.Set(0.25)
	exact(3).check(t, "connections of a quarter of ten users", made(t, in, r).Fleets[0].Connections)
}

func TestAnotherReplyThanMeasured(t *testing.T) {
	in := asked()
	in.Reply = record.Ack
	p := made(t, in, searched())
	number := assumption(t, p, "A server that answers with ack has the capacity, CPU time and memory that were measured with echo.")
	for _, f := range p.Fleets {
		if !rests(f.Servers, number) {
			t.Errorf("servers of %s do not rest on it", f.Mode)
		}
		// {"ok":true,"bytes":100000} has 26 bytes, its frame 28: one segment, 80 with
		// its headers, and one ACK for it. What comes in is as with an echo but for
		// the ACKs: 70 + 1 packets for binary, 93 + 1 for text.
		data := map[string]float64{"binary": 70, "text": 93}[f.Mode]
		message := map[string]float64{"binary": 100_014, "text": 133_350}[f.Mode]
		exact(message+52*(data+1)).check(t, f.Mode+" in", f.InPerImage)
		exact(28+52*(1+ceilHalf(data))).check(t, f.Mode+" out", f.OutPerImage)
	}
	measuredAck := searched()
	measuredAck.Settings.Reply = record.Ack
	for _, a := range made(t, in, measuredAck).Assumed {
		if strings.Contains(a.Text, "answers with") {
			t.Errorf("%q is assumed, and ack was measured", a.Text)
		}
	}
	if got := made(t, asked(), measuredAck).Input.Reply; got != record.Ack {
		t.Errorf("reply %q, want what was measured", got)
	}
}

func ceilHalf(n float64) float64 {
	if n == 93 {
		return 47
	}
	return 35
}

func TestSeveralSizesSayThatTheyAreInterpolated(t *testing.T) {
	in := asked()
	in.SizeBytes = 300_000
	p := made(t, in, searched(), at(1_000_000, 10))
	number := assumption(t, p, "Between 100 KB and 1 MB capacity and CPU time are powers of the image's size")
	if !rests(p.Fleets[0].Capacity, number) || !rests(p.Fleets[0].Servers, number) || !rests(p.Fleets[0].CPUPerImage, number) {
		t.Error("capacity, servers and CPU do not rest on it")
	}
	in.SizeBytes = 1_000_000
	p = made(t, in, at(1_000_000, 10), searched()) // in any order
	if f := p.Fleets[0]; f.CPUPerImage.Origin != plan.Measured || *f.Capacity.Value != 24 {
		t.Errorf("at a measured size CPU is %s and capacity %v, want measured and 24", f.CPUPerImage.Origin, *f.Capacity.Value)
	}
	if p.Sources[0].SizeBytes != 100_000 || p.Sources[1].SizeBytes != 1_000_000 {
		t.Errorf("sources %+v, want them by size", p.Sources)
	}
}

// TestWhatTheMeasuredServerDidNotDo is assumed of the fleet's.
func TestWhatTheMeasuredServerDidNotDo(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*reports.Report)
		want   string
		figure func(plan.Fleet) plan.Figure
	}{
		{"speak TLS", func(*reports.Report) {}, "Servers speak no TLS", func(f plan.Fleet) plan.Figure { return f.Servers }},
		{"keep files", func(r *reports.Report) { r.Settings.Store = "discard" },
			"Keeping every image as a file holds no server back: what was measured had store discard", func(f plan.Fleet) plan.Figure { return f.Cores }},
		{"keep files, by its own account", func(r *reports.Report) { r.Environment.Target.Store = "latest" },
			"Keeping every image as a file holds no server back: what was measured had store latest", func(f plan.Fleet) plan.Figure { return f.Servers }},
		{"have images of one size", func(r *reports.Report) { r.Settings.Images = []string{"photos"} },
			"All images have 100 KB, the mean", func(f plan.Fleet) plan.Figure { return f.Out }},
		{"have files of one size", func(r *reports.Report) { r.Settings.Images = []string{"photos"} },
			"All images have 100 KB, the mean", func(f plan.Fleet) plan.Figure { return f.Disk }},
	} {
		r := searched()
		tt.change(r)
		p := made(t, asked(), r)
		if n := assumption(t, p, tt.want); !rests(tt.figure(p.Fleets[0]), n) {
			t.Errorf("%s: the figure does not rest on assumption %d", tt.name, n)
		}
	}
	r := searched()
	r.Settings.Store, r.Settings.URL = "files", "wss://images.example.com/"
	for _, a := range made(t, asked(), r).Assumed {
		if strings.HasPrefix(a.Text, "Keeping every") || strings.HasPrefix(a.Text, "Servers speak no TLS") || strings.HasPrefix(a.Text, "All images") {
			t.Errorf("%q is assumed, and was measured", a.Text)
		}
	}
}

// TestMemoryInFlightRestsOnImagesAlone, and not on what servers there are.
func TestMemoryInFlightRestsOnImagesAlone(t *testing.T) {
	p := made(t, plan.Input{Users: 50_000, ImagesPerUser: 12.0 / 3600}, searched())
	for _, begins := range []string{"1 server is beyond", "A server's network card", "IP packets have", "30 % of a server", "On the link", "Every user holds"} {
		if n := assumption(t, p, begins); rests(p.Fleets[0].MemoryInFlight, n) {
			t.Errorf("it rests on %d: %s", n, begins)
		}
	}
}

// TestAssumptionsHoldForEveryWhatIf: none is said with the values of one row
// that another belies.
func TestAssumptionsHoldForEveryWhatIf(t *testing.T) {
	in := asked()
	in.SizeBytes = 200_000
	in.WhatIf = []plan.Variation{{Name: "size", Values: []float64{500_000}}, {Name: "users", Values: []float64{10, 5_000_000}}}
	runs := []*reports.Report{searched(), at(300_000, 3), at(1_000_000, 10)}
	for _, r := range runs {
		r.Capacity.MemoryConnections = 100
		r.Settings.Images = []string{"photos"}
	}
	p := made(t, in, runs...)
	here, there := assumption(t, p, "Between 100 KB and 300 KB"), assumption(t, p, "Between 300 KB and 1 MB")
	alikeHere, alikeThere := assumption(t, p, "All images have 200 KB"), assumption(t, p, "All images have 500 KB")
	if f := p.Fleets[0]; !rests(f.Capacity, here) || rests(f.Capacity, there) || !rests(f.Disk, alikeHere) || rests(f.Disk, alikeThere) {
		t.Errorf("the plan: capacity rests on %v, disk on %v", f.Capacity.Assumes, f.Disk.Assumes)
	}
	if f := p.WhatIf[0].Fleets[0]; !rests(f.Capacity, there) || rests(f.Capacity, here) || !rests(f.Disk, alikeThere) || rests(f.Disk, alikeHere) {
		t.Errorf("500 KB: capacity rests on %v, disk on %v", f.Capacity.Assumes, f.Disk.Assumes)
	}
	// binary at 200 KB: 240 ÷ 2 = 120, × 0.7 = 84: 50,000/s take 596 servers, each
	// with 8,390 connections; the plan's own 500/s take 6, each with 8,334; the row
	// of 500 KB 15, and of 10 users 1.
	number := assumption(t, p, "One server holds its share of the connections, as many as 8,390: the runs had at most 100")
	if !rests(p.Fleets[0].Servers, number) || !rests(p.WhatIf[2].Fleets[0].Servers, number) {
		t.Error("servers do not rest on the one assumption")
	}
}
