package machine

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/wsimg/wsimg/loadgen/record"
)

func TestParseCPUs(t *testing.T) {
	for _, c := range []struct {
		name, list string
		want       record.CPUs
		fault      string
	}{
		{"one", "0", record.CPUs{0}, ""},
		{"a range", "0-3", record.CPUs{0, 1, 2, 3}, ""},
		{"a range of one", "5-5", record.CPUs{5}, ""},
		{"numbers and a range", "0,2,4-7", record.CPUs{0, 2, 4, 5, 6, 7}, ""},
		{"in another order", "4-5,1", record.CPUs{1, 4, 5}, ""},
		{"the highest", "1023", record.CPUs{1023}, ""},
		{"nothing", "", nil, `"" is no list of CPUs: give their numbers such as 0, 0-3 or 0,2,4-7`},
		{"an empty part", "0,,2", nil, `"0,,2" is no list of CPUs`},
		{"a word", "all", nil, `"all" is no list`},
		{"a negative one", "-1", nil, `"-1" is no list`},
		{"a range without end", "0-", nil, `"0-" is no list`},
		{"a range of three", "0-1-2", nil, `"0-1-2" is no list`},
		{"a sign", "+1", nil, `"+1" is no list`},
		{"a blank", "0, 1", nil, `"0, 1" is no list`},
		{"a mask", "0x3", nil, `"0x3" is no list`},
		{"a range that goes down", "0,3-1", nil, `the range 3-1 of "0,3-1" goes down`},
		{"one too high", "1024", nil, "CPU 1024 of \"1024\" is beyond 1023"},
		{"a range that is too long", "0-2147483647", nil, "CPU 2147483647 of \"0-2147483647\" is beyond 1023"},
		{"beyond any number", "0-99999999999999999999", nil, "is no list"},
		{"one named twice", "0,0", nil, `CPU 0 is in "0,0" twice`},
		{"one in a range, too", "2,0-3", nil, `CPU 2 is in "2,0-3" twice`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := ParseCPUs(c.list)
			if !slices.Equal(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
			if (err == nil) != (c.fault == "") || err != nil && !strings.Contains(err.Error(), c.fault) {
				t.Errorf("got error %v, want one that says %q", err, c.fault)
			}
		})
	}
}

// FuzzParseCPUs: what is taken is ascending, bounded, and means the same when
// it is written again.
func FuzzParseCPUs(f *testing.F) {
	for _, list := range []string{"0", "0-3", "0,2,4-7", "7,0", "", "0,0", "3-1", "-", "1023,0-1", "0-1023", "00"} {
		f.Add(list)
	}
	f.Fuzz(func(t *testing.T, list string) {
		cpus, err := ParseCPUs(list)
		if err != nil {
			if cpus != nil {
				t.Fatalf("%q: got %v with error %v", list, cpus, err)
			}
			return
		}
		if len(cpus) == 0 || cpus[0] < 0 || cpus[len(cpus)-1] > maxCPU {
			t.Fatalf("%q: got %v, want some from 0 to %d", list, cpus, maxCPU)
		}
		for i := range cpus[1:] {
			if cpus[i] >= cpus[i+1] {
				t.Fatalf("%q: got %v, want them ascending, each once", list, cpus)
			}
		}
		again, err := ParseCPUs(cpus.String())
		if err != nil || !slices.Equal(again, cpus) {
			t.Fatalf("%q: got %v, and of %q %v, %v", list, cpus, cpus.String(), again, err)
		}
	})
}

func TestThreadsOfOneCore(t *testing.T) {
	siblings := func(list string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(list + "\n")} }
	cpus := fstest.MapFS{
		"cpu0/topology/thread_siblings_list": siblings("0,2"),
		"cpu2/topology/thread_siblings_list": siblings("0,2"),
		"cpu1/topology/thread_siblings_list": siblings("1"),
		"cpu3/topology/thread_siblings_list": siblings("garbage"),
	}
	for _, c := range []struct {
		name     string
		a, b     record.CPUs
		ofA, ofB int
		ok       bool
	}{
		{"threads of one", record.CPUs{1, 2}, record.CPUs{0, 3}, 2, 0, true},
		{"of different cores", record.CPUs{0, 2}, record.CPUs{1, 3}, 0, 0, false},
		{"the same CPU", record.CPUs{0}, record.CPUs{0}, 0, 0, false},
		{"not told", record.CPUs{7}, record.CPUs{0}, 0, 0, false},
	} {
		ofA, ofB, ok := threadsOfOneCore(cpus, c.a, c.b)
		if ofA != c.ofA || ofB != c.ofB || ok != c.ok {
			t.Errorf("%s: got %d, %d, %v, want %d, %d, %v", c.name, ofA, ofB, ok, c.ofA, c.ofB, c.ok)
		}
	}
}
