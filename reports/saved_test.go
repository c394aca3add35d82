package reports_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/reports"
	"github.com/wsimg/wsimg/reports/internal/specimen"
)

// TestOldRunsAreAnalyzed: the files of all versions make a report.
func TestOldRunsAreAnalyzed(t *testing.T) {
	files, err := filepath.Glob("../loadgen/record/testdata/run-*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("got %d files and %v, want one of each version", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			f, err := os.Open(file)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			saved, err := record.Read(f)
			if err != nil {
				t.Fatal(err)
			}
			r := analyze(t, saved)
			compares := saved.Settings.Command == "bench"
			if len(r.Cells) != len(saved.Cells) || (len(r.Overhead) > 0) != compares || r.Conclusion == "" {
				t.Fatalf("%d cells of %d, %d rows of overhead, conclusion %q", len(r.Cells), len(saved.Cells), len(r.Overhead), r.Conclusion)
			}
			for _, c := range r.Cells {
				if c.Images == 0 || c.ImagesPerS == nil || c.Response.P50 == nil || c.TargetCPUUsPerImage == nil {
					t.Errorf("%s, %s lacks a figure: %d images, %v/s, p50 %v, target CPU %v",
						c.Mode, c.Load, c.Images, show(c.ImagesPerS), show(c.Response.P50), show(c.TargetCPUUsPerImage))
				}
			}
			if !compares {
				return
			}
			if len(r.Settings.Modes) != 2 {
				t.Fatalf("modes %v, want 2", r.Settings.Modes)
			}
			if bytes := find(t, r, "text", reports.WireBytes); bytes.Ratio == nil || *bytes.Ratio < 1.3 || *bytes.Ratio > 1.4 {
				t.Errorf("wire bytes of text: got a ratio of %v, want about 4/3", show(bytes.Ratio))
			}
		})
	}
}

// TestMergedRunsAreEstimatedAlike in whatever order they are merged, and from
// all their rounds.
func TestMergedRunsAreEstimatedAlike(t *testing.T) {
	var runs []*record.Run
	for seed := range uint64(3) {
		p := specimen.Default()
		p.Sizes, p.Rounds, p.OpenRounds, p.Seed = p.Sizes[1:2], 3, 0, seed
		run := p.Run()
		run.Settings.Seed = 1
		runs = append(runs, run)
	}
	merge := func(runs ...*record.Run) *record.Run {
		t.Helper()
		m, err := record.Merge(runs...)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	a, b, c := runs[0], runs[1], runs[2]
	want := analyze(t, merge(a, b, c))
	for _, tt := range []struct {
		name string
		run  *record.Run
	}{
		{"the other way round", merge(c, b, a)},
		{"the last two to the first", merge(a, merge(c, b))},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := analyze(t, tt.run)
			// Bootstrapped intervals depend on which round is drawn.
			same := cmp.Options{
				cmpopts.IgnoreFields(reports.Cell{}, "Samples"),
				cmpopts.IgnoreFields(reports.Overhead{}, "TotalsLow", "TotalsHigh"),
				cmpopts.EquateApprox(1e-9, 0),
			}
			if diff := cmp.Diff(want.Cells, got.Cells, same); diff != "" {
				t.Errorf("the cells differ (-at once +%s):\n%s", tt.name, diff)
			}
			for i := range want.Overhead {
				w, g := want.Overhead[i], got.Overhead[i]
				if w.Metric == reports.ResponseP50 || w.Metric == reports.ResponseP99 {
					w.Low, w.High, w.Detectable = g.Low, g.High, g.Detectable
				}
				if diff := cmp.Diff(w, g, same); diff != "" {
					t.Errorf("%s differs (-at once +%s):\n%s", w.Name(), tt.name, diff)
				}
			}
		})
	}
	for _, cell := range want.Cells {
		var images uint64
		for _, r := range runs {
			for _, s := range specimen.Cell(r, cell.SizeBytes, cell.Mode, cell.Load).Samples {
				images += s.Images
			}
		}
		if cell.Images != images || cell.Rounds != 9 {
			t.Errorf("%s, %s: %d images in %d rounds, want %d in 9", cell.Mode, cell.Load, cell.Images, cell.Rounds, images)
		}
	}
	if low := find(t, want, "text", reports.TargetCPU).Low; low == nil {
		t.Error("9 rounds of three runs of 3 make no interval")
	}
}
