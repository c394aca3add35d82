package render_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/verdict"
	"github.com/wsimg/wsimg/reports"
	"github.com/wsimg/wsimg/reports/plan"
	"github.com/wsimg/wsimg/reports/render"
)

func amount(x float64) *float64 { return &x }

// search is the report of a search for the capacity of modes, each a quarter
// slower than the one before.
func search(modes ...string) *reports.Report {
	r := &reports.Report{
		Started:     time.Date(2026, 3, 14, 9, 26, 53, 0, time.UTC),
		Verdict:     verdict.Verdict{Kind: verdict.Valid},
		Environment: record.Environment{Cores: 8, Target: &record.Target{CPU: "Testium 3000", Cores: 4}},
		Settings: record.Settings{Command: "capacity", URL: "ws://192.0.2.7:9000/", Modes: modes, Baseline: modes[0],
			SizesBytes: []int64{100_000}, Reply: record.Echo, Sender: "live"},
		Capacity: &reports.Capacity{Find: record.FindRate, Objectives: []string{"response_p99<150ms", "errors<0.1%"},
			BaseBytes: amount(21.3e6), BytesPerConnection: amount(7_100), MemoryConnections: 20_000},
	}
	slower := 1.0
	for i, mode := range modes {
		r.Capacity.Answers = append(r.Capacity.Answers, reports.CapacityAnswer{
			Mode: mode, Load: amount(241 / slower), Low: amount(224 / slower), High: amount(255 / slower), ImagesPerS: amount(241 / slower),
			Confirmations: 6, TargetCPUUsPerImage: amount(2_130 * slower), TargetBytesBeyond: amount(12e6 * slower), ClientsAtConfirmed: 64,
			WireBytesSent: amount(101_000), WireBytesReceived: amount(101_000),
		})
		if i > 0 {
			r.Capacity.Ratios = append(r.Capacity.Ratios, reports.CapacityRatio{Mode: mode, Baseline: modes[0], Ratio: &slower, Low: amount(slower * 0.9), High: amount(slower * 1.1)})
		}
		slower *= 1.5
	}
	return r
}

// fleet is a plan from one run.
func fleet(t *testing.T, r *reports.Report, in plan.Input) *plan.Plan {
	t.Helper()
	p, err := plan.Make([]*reports.Report{r}, in)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func everything() plan.Input {
	return plan.Input{
		Users: 50_000, ImagesPerUser: 12.0 / 3600, Peak: plan.Set(3), Headroom: plan.Set(0.30), PricePerGB: plan.Set(0.08),
		WhatIf: []plan.Variation{{Name: "users", Values: []float64{10_000, 50_000, 250_000}}, {Name: "images-per-user", Values: []float64{1.0 / 60}}},
	}
}

// worstCase is a void run of one mode that passed all that was tried, of a
// server that tells nothing, with another that can't be planned.
func worstCase(t *testing.T) *plan.Plan {
	r := search("binary", "text")
	r.Verdict = verdict.Verdict{Kind: verdict.Void, Evidence: []verdict.Evidence{{Text: "the generator sent images late"}}}
	r.Environment.Target = nil
	c := r.Capacity
	c.Find, c.BaseBytes, c.BytesPerConnection, c.Ratios = record.FindClients, nil, nil, nil
	c.Answers[0] = reports.CapacityAnswer{Mode: "binary", Unbounded: true, Load: amount(500), ImagesPerS: amount(100)}
	c.Answers[1] = reports.CapacityAnswer{Mode: "text", Unmet: true}
	in := plan.Input{Users: 100, ImagesPerUser: 1, Reply: record.Ack, AcceptShared: true}
	return fleet(t, r, in)
}

func writePlan(t *testing.T, write render.PlanWriter, p *plan.Plan) string {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b, p); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestPlanGolden(t *testing.T) {
	for _, tt := range []struct {
		name    string
		p       *plan.Plan
		formats []string
	}{
		{"plan", fleet(t, search("binary", "text"), everything()), []string{"table", "markdown", "csv", "json"}},
		{"plan-worst", worstCase(t), []string{"table", "csv"}},
		{"plan-bracket", bracketed(t), []string{"table", "csv"}},
		{"plan-modes", fleet(t, search("binary", "text", "text+deflate", "text+codec=std"), plan.Input{Users: 1e6, ImagesPerUser: 1.0 / 86400}), []string{"table"}},
		{"plan-alone", fleet(t, search("text"), plan.Input{Users: 1000, ImagesPerUser: 0.5}), []string{"table"}},
	} {
		for _, format := range tt.formats {
			ext := map[string]string{"table": "txt", "markdown": "md", "csv": "csv", "json": "json"}[format]
			t.Run(tt.name+"."+ext, func(t *testing.T) {
				write, err := render.PlanByName(format, render.Options{})
				if err != nil {
					t.Fatal(err)
				}
				got := writePlan(t, write, tt.p)
				if format == "table" {
					fits(t, got)
					fits(t, writePlan(t, render.Options{Colour: true}.PlanText, tt.p))
				}
				file := filepath.Join("testdata", tt.name+"."+ext)
				if *update {
					if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
						t.Fatal(err)
					}
				}
				want, err := os.ReadFile(file)
				if err != nil {
					t.Fatalf("%v; make it with go test ./reports/render -update", err)
				}
				if diff := cmp.Diff(strings.ReplaceAll(string(want), "\r\n", "\n"), got); diff != "" {
					t.Errorf("%s differs (-want +got); if it should, run go test ./reports/render -update:\n%s", file, diff)
				}
			})
		}
	}
}

// bracketed is a plan from a run with too few confirmations for intervals, and
// one mode of which the search did not come to an end.
func bracketed(t *testing.T) *plan.Plan {
	r := search("binary", "text", "text+deflate")
	r.Capacity.Ratios = nil
	for i := range r.Capacity.Answers {
		a := &r.Capacity.Answers[i]
		a.Confirmations, a.Low, a.High, a.Passed, a.Failed = 0, nil, nil, amount(*a.Load*0.9), amount(*a.Load*1.1)
	}
	r.Capacity.Answers[2] = reports.CapacityAnswer{Mode: "text+deflate", Failed: amount(50)}
	return fleet(t, r, plan.Input{Users: 1, ImagesPerUser: 500, ConnectionsPerServer: plan.Set(1000)})
}

// TestPlanBetweenSizes does not call interpolated figures measured.
func TestPlanBetweenSizes(t *testing.T) {
	large := search("binary", "text")
	large.Settings.SizesBytes = []int64{1_000_000}
	p, err := plan.Make([]*reports.Report{search("binary", "text"), large}, plan.Input{Users: 1000, ImagesPerUser: 1, SizeBytes: 200_000})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := writePlan(t, render.Options{}.PlanText, p), "One server between measured sizes, and one image of 200 KB"; !strings.Contains(got, want) {
		t.Errorf("got %s\nwant %q in it", got, want)
	}
}

// TestPlanCSVIsTidy has a row a figure, with all that bears on it.
func TestPlanCSVIsTidy(t *testing.T) {
	p := fleet(t, search("binary", "text"), everything())
	rows, err := csv.NewReader(strings.NewReader(writePlan(t, render.PlanCSV, p))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	find := func(cells ...string) []string {
		t.Helper()
		i := slices.IndexFunc(rows, func(row []string) bool { return slices.Equal(row[:len(cells)], cells) })
		if i < 0 {
			t.Fatalf("no row begins with %q", cells)
		}
		return rows[i]
	}
	// 241 × 0.7 = 168.7: 500/s take 2.96 → 3 + 1, 2,500/s 14.8 → 15 + 1.
	if row := find("", "", "binary", "servers"); row[5] != "4" || row[4] != "servers" || row[9] != "assumed" || row[10] == "" {
		t.Errorf("servers: %q", row)
	}
	if row := find("users", "250000", "binary", "servers"); row[5] != "16" {
		t.Errorf("servers for 250,000 users: %q", row)
	}
	if row := find("", "", "text", "saved_servers"); row[5] != "2" || row[6] == "" || row[7] == "" {
		t.Errorf("saved servers: %q", row)
	}
	for i, row := range rows[1:] {
		if row[11] != "valid" {
			t.Errorf("row %d has verdict %q, want valid", i+1, row[11])
		}
	}
	if row := find("", "", "text", "egress_price_per_month"); row[4] != "money" {
		t.Errorf("price: %q", row)
	}
	if last := rows[len(rows)-1]; last[3] != "assumption" || last[5] != p.Assumed[len(p.Assumed)-1].Text {
		t.Errorf("the last row is %q, want the last assumption", last)
	}
}

func TestPlanJSONReadsBack(t *testing.T) {
	p := fleet(t, search("binary", "text"), everything())
	got := new(plan.Plan)
	if err := json.Unmarshal([]byte(writePlan(t, render.PlanJSON, p)), got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(p, got); diff != "" {
		t.Errorf("read back it differs (-want +got):\n%s", diff)
	}
	if got.Schema != "wsimg.plan/1" {
		t.Errorf("schema %q", got.Schema)
	}
}

// TestPlanOfLongNamesAndLargeNumbersFits.
func TestPlanOfLongNamesAndLargeNumbersFits(t *testing.T) {
	r := search("binary#2", "text+codec=std+deflate=6#2", "text+codec=std+deflate=6#3")
	r.Settings.URL = "ws://" + strings.Repeat("long.", 40) + "example.com/\x1b[31m"
	p := fleet(t, r, plan.Input{Users: 1e9, ImagesPerUser: 100, PricePerGB: plan.Set(1e6), WhatIf: []plan.Variation{{Name: "users", Values: []float64{1, 1e10}}}})
	fits(t, writePlan(t, render.Options{}.PlanText, p))
	fits(t, writePlan(t, render.Options{Colour: true}.PlanText, p))
}

func TestPlanWritersReportWriteErrors(t *testing.T) {
	p := worstCase(t)
	for _, format := range render.PlanFormats() {
		write, err := render.PlanByName(format, render.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := write(failing{}, p); !errors.Is(err, errFull) {
			t.Errorf("%s: error %v, want %v", format, err, errFull)
		}
	}
	if _, err := render.PlanByName("hgrm", render.Options{}); err == nil || !strings.Contains(err.Error(), "use table, markdown, csv or json") {
		t.Errorf("error %v, want one that names the formats", err)
	}
}
