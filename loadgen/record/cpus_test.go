package record_test

import (
	"testing"

	"github.com/wsimg/wsimg/loadgen/record"
)

func TestCPUsAreWritten(t *testing.T) {
	for _, c := range []struct {
		name        string
		cpus        record.CPUs
		list, words string
	}{
		{"none is all", nil, "", "all CPUs"},
		{"the first", record.CPUs{0}, "0", "CPU 0"},
		{"two in a row", record.CPUs{2, 3}, "2-3", "CPUs 2-3"},
		{"a range", record.CPUs{0, 1, 2, 3}, "0-3", "CPUs 0-3"},
		{"every other", record.CPUs{0, 2, 4}, "0,2,4", "CPUs 0,2,4"},
		{"ranges and numbers", record.CPUs{0, 2, 4, 5, 6, 7, 9}, "0,2,4-7,9", "CPUs 0,2,4-7,9"},
	} {
		if got := c.cpus.String(); got != c.list {
			t.Errorf("%s: got list %q, want %q", c.name, got, c.list)
		}
		if got := c.cpus.Words(); got != c.words {
			t.Errorf("%s: got words %q, want %q", c.name, got, c.words)
		}
	}
}

func TestCPUsApart(t *testing.T) {
	for _, c := range []struct {
		name string
		a, b record.CPUs
		want bool
	}{
		{"one each", record.CPUs{0}, record.CPUs{1}, true},
		{"interleaved", record.CPUs{0, 2}, record.CPUs{1, 3}, true},
		{"one in common", record.CPUs{0, 1}, record.CPUs{1, 2}, false},
		{"the same", record.CPUs{1}, record.CPUs{1}, false},
		{"all and some", nil, record.CPUs{1}, false},
		{"some and all", record.CPUs{1}, nil, false},
		{"all and all", nil, nil, false},
	} {
		if got := c.a.Apart(c.b); got != c.want {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}
