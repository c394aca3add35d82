package render_test

import (
	"encoding/csv"
	"strings"
	"testing"

	"github.com/wsimg/wsimg/reports"
	"github.com/wsimg/wsimg/reports/render"
)

// tidy reads what is written as CSV, by size, mode, load and metric, of which
// there is one row each.
func tidy(t *testing.T, r *reports.Report) map[string][]string {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(output(t, render.CSV, r))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if got, want := strings.Join(rows[0], ","), "size_bytes,mode,load,metric,unit,value,low,high,rounds"; got != want {
		t.Errorf("header %s, want %s", got, want)
	}
	seen := map[string][]string{}
	for _, row := range rows[1:] {
		key := strings.Join(row[:4], "/")
		if seen[key] != nil {
			t.Errorf("%s is there twice", key)
		}
		seen[key] = row
	}
	return seen
}

func TestCSVIsTidy(t *testing.T) {
	seen := tidy(t, elsewhere(t))
	if row := seen["100000/text/closed/target_cpu_us_per_image"]; row == nil || row[5] != "" {
		t.Errorf("row %v, want an empty value without a side channel", row)
	}
	if row := seen["100000/text/closed/overhead_images_per_s"]; row == nil || row[4] != "ratio" || row[6] == "" || row[8] != "12" {
		t.Errorf("row %v, want a ratio with its interval over 12 rounds", row)
	}
}

func TestCSVHasWhatBecameOfConnections(t *testing.T) {
	run, idle := tidy(t, restarted(t)), tidy(t, crowded(t))
	for key, want := range map[string]string{
		"200000/text/open/connections_lost":             "200",
		"200000/text/open/connections_in_load_dialed":   "1168",
		"200000/text/open/connections_before_connected": "1",
		"200000/text/open/images_delayed":               "1012",
		"200000/text/open/failed_images":                "34",
		"200000/text/open/failed_attempts":              "716",
		"200000/text/open/failed_connections":           "183",
		"200000/text/open/ramp_images":                  "1100",
		"200000/text/open/drain_seconds":                "0.3",
		"200000/text/open/gap_1_seconds":                "4",
	} {
		if row := run[key]; row == nil || row[5] != want {
			t.Errorf("%s: got %v, want %s", key, row, want)
		}
	}
	for metric, unit := range map[string]string{"failed_images": "images", "failed_attempts": "attempts", "failed_connections": "connections", "error_count": "failures", "errors_reset": "failures"} {
		if row := run["200000/text/open/"+metric]; row == nil || row[4] != unit {
			t.Errorf("%s: got %v, want it in %s", metric, row, unit)
		}
	}
	if row := idle["///idle_clients"]; row == nil || row[5] != "14800" {
		t.Errorf("idle clients: got %v, want 14800", row)
	}
	if row := idle["///idle_overhead_response_p50_us"]; row == nil || row[4] != "ratio" || row[6] == "" {
		t.Errorf("what they make of p50: got %v, want a ratio with its interval", row)
	}
}
