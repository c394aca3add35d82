package plan_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/verdict"
	"github.com/wsimg/wsimg/reports"
	"github.com/wsimg/wsimg/reports/plan"
)

func of(x float64) *float64 { return &x }

// searched returns the report of a search for the capacity of binary and text at
// 100 KB, with round numbers.
func searched() *reports.Report {
	return &reports.Report{
		Started: time.Date(2026, 3, 14, 9, 26, 53, 0, time.UTC),
		Verdict: verdict.Verdict{Kind: verdict.Valid},
		Environment: record.Environment{
			Cores:  8,
			Target: &record.Target{CPU: "Testium 3000", Cores: 4},
		},
		Settings: record.Settings{
			Command: "capacity", URL: "ws://192.0.2.7:9000", Modes: []string{"text", "binary"}, Baseline: "binary",
			SizesBytes: []int64{100_000}, Reply: record.Echo, Sender: "live", Clients: 64,
		},
		Cells: []reports.Cell{{SizeBytes: 100_000, Mode: "binary"}, {SizeBytes: 100_000, Mode: "text"}},
		Capacity: &reports.Capacity{
			Find:       record.FindRate,
			Objectives: []string{"response_p99<150ms"},
			Answers: []reports.CapacityAnswer{
				{
					Mode: "binary", Load: of(240), Low: of(220), High: of(260), Confirmations: 6, ImagesPerS: of(240),
					TargetCPUUsPerImage: of(2000), TargetBytesBeyond: of(12e6), ClientsAtConfirmed: 64,
				},
				{
					Mode: "text", Load: of(160), Low: of(140), High: of(180), Confirmations: 6, ImagesPerS: of(160),
					TargetCPUUsPerImage: of(3000), TargetBytesBeyond: of(16e6), ClientsAtConfirmed: 64,
				},
			},
			Ratios:    []reports.CapacityRatio{{Mode: "text", Baseline: "binary", Ratio: of(1.5), Low: of(1.2), High: of(1.8)}},
			BaseBytes: of(20e6), BytesPerConnection: of(8000), MemoryConnections: 20_000,
		},
	}
}

// asked returns an input in which everything is given.
func asked() plan.Input {
	return plan.Input{
		Users: 50_000, ImagesPerUser: 12.0 / 3600,
		Connected: plan.Set(1), Peak: plan.Set(3), Headroom: plan.Set(0.30), Spare: plan.Set(1),
		NICBitPerS: plan.Set(10e9), MTU: plan.Set(1500), RetentionDays: plan.Set(30), PricePerGB: plan.Set(0.08),
	}
}

func made(t *testing.T, in plan.Input, runs ...*reports.Report) *plan.Plan {
	t.Helper()
	p, err := plan.Make(runs, in)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// near reports whether two figures agree to nine digits.
func near(a, b float64) bool { return math.Abs(a-b) <= 1e-9*max(1, math.Abs(a), math.Abs(b)) }

// worked is a figure that was worked out by hand.
type worked struct{ value, low, high float64 }

// exact has no interval.
func exact(x float64) worked { return worked{x, math.NaN(), math.NaN()} }

func (w worked) check(t *testing.T, name string, f plan.Figure) {
	t.Helper()
	if f.Value == nil || !near(*f.Value, w.value) {
		t.Errorf("%s: got %v, want %v", name, text(f.Value), w.value)
	}
	for _, end := range []struct {
		name string
		got  *float64
		want float64
	}{{"low", f.Low, w.low}, {"high", f.High, w.high}} {
		if (end.got == nil) != math.IsNaN(end.want) || end.got != nil && !near(*end.got, end.want) {
			t.Errorf("%s, %s end: got %v, want %v", name, end.name, text(end.got), end.want)
		}
	}
}

func text(x *float64) any {
	if x == nil {
		return nil
	}
	return *x
}

// TestPlanByHand repeats a plan with pencil and paper.
func TestPlanByHand(t *testing.T) {
	p := made(t, asked(), searched())

	// 50,000 users × 12 images an hour = 600,000 images/h = 166.67/s; × 3 at peak.
	const perS = 500.0

	// A server works at 70 % of its capacity at most, and one is spare.
	//
	//	binary  500 ÷ (240 × 0.7 = 168) = 2.98 → 3 + 1 = 4
	//	        500 ÷ (260 × 0.7 = 182) = 2.75 → 3 + 1 = 4
	//	        500 ÷ (220 × 0.7 = 154) = 3.25 → 4 + 1 = 5
	//	text    500 ÷ (160 × 0.7 = 112) = 4.46 → 5 + 1 = 6
	//	        500 ÷ (180 × 0.7 = 126) = 3.97 → 4 + 1 = 5
	//	        500 ÷ (140 × 0.7 =  98) = 5.10 → 6 + 1 = 7

	// Memory, in MB: 20 a server, 0.008 × 50,000 = 400 for connections, and what
	// images take, which was measured at capacity:
	//
	//	binary  12 × 500 ÷ 240 = 25; 4 × 20 + 400 + 25 = 505
	//	        12 × 500 ÷ 260 = 23.0769; 4 × 20 + 400 + 23.0769 = 503.0769
	//	        12 × 500 ÷ 220 = 27.2727; 5 × 20 + 400 + 27.2727 = 527.2727
	//	        a server of 3: 20 + 425 ÷ 3 = 161.6667; of 4: 20 + 427.2727 ÷ 4
	//	text    16 × 500 ÷ 160 = 50; 6 × 20 + 400 + 50 = 570
	//	        16 × 500 ÷ 180 = 44.4444; 5 × 20 + 400 + 44.4444 = 544.4444
	//	        16 × 500 ÷ 140 = 57.1429; 7 × 20 + 400 + 57.1429 = 597.1429
	//	        a server of 5: 20 + 450 ÷ 5 = 110; of 4: 20 + 444.4444 ÷ 4; of 6:
	//	        20 + 457.1429 ÷ 6

	// Bytes of one image. A segment holds 1500 − 52 = 1448 bytes.
	//
	//	binary  in   100,000 + 10 + 4 = 100,014 → 70 segments, and 35 ACKs of the reply
	//	             100,014 + 52 × 105 = 105,474
	//	        out  100,000 + 10 = 100,010 → 70 segments, and 35 ACKs of the image
	//	             100,010 + 52 × 105 = 105,470
	//	text    4 × ⌈100,000 ÷ 3⌉ = 133,336
	//	        in   133,350 → 93 segments and 47 ACKs: 133,350 + 52 × 140 = 140,630
	//	        out  133,346 → 93 segments and 47 ACKs: 133,346 + 52 × 140 = 140,626
	//
	// At peak, × 8 × 500 ÷ 10^6 in Mbit/s: 421.896 and 421.880, 562.520 and 562.504.
	// On the link a packet has 38 bytes more. Of 10 Gbit/s a working server takes
	//
	//	binary  in   8 × (105,474 + 38 × 105) × 500 ÷ 3 ÷ 10^10 = 0.0145952
	//	        out  8 × (105,470 + 38 × 105) × 500 ÷ 3 ÷ 10^10
	//	text    in   8 × (140,630 + 38 × 140) × 500 ÷ 5 ÷ 10^10 = 0.0116760
	//	        out  8 × (140,626 + 38 × 140) × 500 ÷ 5 ÷ 10^10 = 0.01167568

	// Disk: 50,000 × 12 × 24 = 14,400,000 images a day, each of 25 blocks of 4,096
	// = 102,400 bytes: 1.47456 TB, × 30 days = 44.2368 TB.
	//
	// Egress of 30 days, 432,000,000 images:
	//
	//	binary  × 105,470 = 45,563.04 GB, × 0.08 = 3,645.0432
	//	text    × 140,626 = 60,750.432 GB, × 0.08 = 4,860.03456
	for _, tt := range []struct {
		mode string
		want map[string]worked
	}{
		{"binary", map[string]worked{
			"capacity_images_per_s":       {240, 220, 260},
			"target_cpu_us_per_image":     exact(2000),
			"bytes_per_connection":        exact(8000),
			"network_in_bytes_per_image":  exact(105_474),
			"network_out_bytes_per_image": exact(105_470),

			"images_per_s":             exact(perS),
			"connections":              exact(50_000),
			"servers":                  {4, 4, 5},
			"target_cores":             exact(1), // 500/s × 2,000 µs
			"memory_connections_bytes": exact(400e6),
			"memory_in_flight_bytes":   {25e6, 6e9 / 260, 6e9 / 220},
			"memory_bytes":             {505e6, 480e6 + 6e9/260, 500e6 + 6e9/220},
			"memory_per_server_bytes":  {20e6 + 425e6/3, 20e6 + (400e6+6e9/220)/4, 20e6 + 425e6/3},
			"network_in_mbit_per_s":    exact(421.896),
			"network_out_mbit_per_s":   exact(421.880),
			"nic_in_share":             exact(0.0145952),
			"nic_out_share":            exact(8 * 109_460 * perS / 3 / 1e10),
			"disk_bytes_per_day":       exact(1.47456e12),
			"disk_bytes":               exact(44.2368e12),
			"egress_bytes_per_month":   exact(45.56304e12),
			"egress_price_per_month":   exact(3645.0432),
		}},
		{"text", map[string]worked{
			"capacity_images_per_s":       {160, 140, 180},
			"target_cpu_us_per_image":     exact(3000),
			"bytes_per_connection":        exact(8000),
			"network_in_bytes_per_image":  exact(140_630),
			"network_out_bytes_per_image": exact(140_626),

			"images_per_s":             exact(perS),
			"connections":              exact(50_000),
			"servers":                  {6, 5, 7},
			"target_cores":             exact(1.5), // 500/s × 3,000 µs
			"memory_connections_bytes": exact(400e6),
			"memory_in_flight_bytes":   {50e6, 8e9 / 180, 8e9 / 140},
			"memory_bytes":             {570e6, 500e6 + 8e9/180, 540e6 + 8e9/140},
			"memory_per_server_bytes":  {110e6, 20e6 + (400e6+8e9/140)/6, 20e6 + (400e6+8e9/180)/4},
			"network_in_mbit_per_s":    exact(562.520),
			"network_out_mbit_per_s":   exact(562.504),
			"nic_in_share":             exact(0.011676),
			"nic_out_share":            exact(0.01167568),
			"disk_bytes_per_day":       exact(1.47456e12),
			"disk_bytes":               exact(44.2368e12),
			"egress_bytes_per_month":   exact(60.750432e12),
			"egress_price_per_month":   exact(4860.03456),
		}},
	} {
		i := slices.IndexFunc(p.Fleets, func(f plan.Fleet) bool { return f.Mode == tt.mode })
		if i < 0 {
			t.Fatalf("no fleet of %s", tt.mode)
		}
		f := &p.Fleets[i]
		checked := 0
		for _, r := range append(plan.ServerResources(), p.FleetResources()...) {
			want, ok := tt.want[r.Key]
			if !ok {
				t.Errorf("%s of %s was not worked out", r.Key, tt.mode)
				continue
			}
			checked++
			want.check(t, tt.mode+" "+r.Key, *r.Of(f))
		}
		if checked != len(tt.want) {
			t.Errorf("%d figures of %s, want the %d that were worked out", checked, tt.mode, len(tt.want))
		}
		if f.Bound != plan.ByImages {
			t.Errorf("servers of %s are decided by %q, want images", tt.mode, f.Bound)
		}
	}

	// Saved servers: 6 − 4 = 2. The paired ratio has text's capacity between
	// 240 ÷ 1.2 = 200 and 240 ÷ 1.8 = 133.3:
	//
	//	500 ÷ (200 × 0.7 = 140)     = 3.57 → 4 + 1 = 5, 1 more than binary's 4
	//	500 ÷ (133.3 × 0.7 = 93.3)  = 5.36 → 6 + 1 = 7, 3 more
	//
	// Two unpaired intervals would have said 5 − 5 = 0 to 7 − 4 = 3. Of text's
	// servers that is 2 ÷ 6, from 1 ÷ 5 to 3 ÷ 7. Memory: 570 − 505 = 65 MB. With
	// capacities of 200 and 133.3 text takes 16 × 500 ÷ 200 = 40 and 60 in flight,
	// 100 + 400 + 40 = 540 and 140 + 400 + 60 = 600 in all: 35 and 95 more.
	saved := map[string]struct{ amount, share worked }{
		"servers":                  {worked{2, 1, 3}, worked{2.0 / 6, 1.0 / 5, 3.0 / 7}},
		"target_cores":             {exact(0.5), exact(0.5 / 1.5)},
		"memory_bytes":             {worked{65e6, 35e6, 95e6}, worked{65.0 / 570, 35.0 / 540, 95.0 / 600}},
		"network_in_mbit_per_s":    {exact(140.624), exact(140.624 / 562.52)},
		"network_out_mbit_per_s":   {exact(140.624), exact(140.624 / 562.504)},
		"disk_bytes":               {exact(0), exact(0)},
		"egress_bytes_per_month":   {exact(15.187392e12), exact(15.187392 / 60.750432)},
		"egress_price_per_month":   {exact(1214.99136), exact(15.187392 / 60.750432)},
		"memory_connections_bytes": {exact(0), exact(0)},
		"memory_in_flight_bytes":   {worked{25e6, 15e6, 35e6}, worked{0.5, 15.0 / 40, 35.0 / 60}},
		"disk_bytes_per_day":       {exact(0), exact(0)},
	}
	if len(p.Savings) != len(saved) {
		t.Errorf("%d savings, want the %d that were worked out", len(p.Savings), len(saved))
	}
	for key, want := range saved {
		s := saving(t, p, "text", key)
		want.amount.check(t, "saved "+key, s.Amount)
		want.share.check(t, "saved share of "+key, s.Share)
	}
}

func saving(t *testing.T, p *plan.Plan, mode, key string) plan.Saving {
	t.Helper()
	i := slices.IndexFunc(p.Savings, func(s plan.Saving) bool { return s.Mode == mode && s.Resource == key })
	if i < 0 {
		t.Fatalf("no saving of %s against %s", key, mode)
	}
	return p.Savings[i]
}
