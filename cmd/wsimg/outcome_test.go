package main

import (
	"strings"
	"testing"

	"github.com/wsimg/wsimg/reports"
)

// TestOutcomeTellsImagesFromConnections: that a client could not connect costs
// no image, which waits for it or is another client's.
func TestOutcomeTellsImagesFromConnections(t *testing.T) {
	for _, tt := range []struct {
		name  string
		cells []reports.Cell
		want  string // empty: all is well
	}{
		{"nothing", []reports.Cell{{}}, ""},
		{"an image", []reports.Cell{{ErrorCount: 1}}, "1 image failed: "},
		{"attempts to connect alone", []reports.Cell{{ErrorCount: 2, FailedAttempts: 2}}, "2 connections failed: "},
		{"images, attempts and connections", []reports.Cell{
			{ErrorCount: 15_037, FailedAttempts: 33, FailedConnections: 500},
			{ErrorCount: 1},
		}, "14,505 images and 533 connections failed: "},
		{"attempts before the load", []reports.Cell{{
			ErrorCount: 4, WarmupErrors: map[string]uint64{"refused": 4},
			Connections: &reports.Connections{Before: &reports.Dialing{Dialed: 7, Connected: 4}},
		}}, "1 image and 3 connections failed: "},
	} {
		err := outcome(&reports.Report{Cells: tt.cells}, nil)
		if (err != nil) != (tt.want != "") || err != nil && !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %q", tt.name, err, tt.want)
		}
	}
}
