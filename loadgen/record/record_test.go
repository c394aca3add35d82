package record_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"github.com/google/go-cmp/cmp"

	"github.com/wsimg/wsimg/loadgen/record"
)

func TestHistogramOpensInOtherTools(t *testing.T) {
	h := record.NewHistogram()
	for _, d := range []time.Duration{record.Lowest, 61 * time.Microsecond, 3 * time.Millisecond, record.Highest} {
		if err := h.RecordValue(int64(d)); err != nil {
			t.Fatalf("%v does not fit: %v", d, err)
		}
	}
	frozen, err := record.Encode(h)
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(frozen)
	if err != nil {
		t.Fatal(err)
	}
	var encoded string
	if err := json.Unmarshal(data, &encoded); err != nil {
		t.Fatal(err)
	}
	got, err := hdrhistogram.Decode([]byte(encoded)) // the library alone
	if err != nil {
		t.Fatal(err)
	}
	if !got.Equals(h) {
		t.Error("what the library decodes is not what was recorded")
	}
	if d := time.Duration(got.ValueAtQuantile(50)); d < 60_900*time.Nanosecond || d > 61_100*time.Nanosecond {
		t.Errorf("61 µs reads as %v: three digits are lost", d)
	}
}

func TestHistogramRefusesWhatDoesNotDecode(t *testing.T) {
	for _, s := range []string{`"nonsense"`, `"HISTFAAAAA=="`, `7`} {
		var h record.Histogram
		if err := json.Unmarshal([]byte(s), &h); err == nil {
			t.Errorf("%s: got no error", s)
		}
	}
}

func TestHistogramRefusesOtherRanges(t *testing.T) {
	for _, tt := range []struct {
		name string
		of   *hdrhistogram.Histogram
		want string
	}{
		{"microseconds to an hour", hdrhistogram.New(1, 3_600_000_000, 3), "its range is 1 to 3600000000 with 3 digits"},
		{"two digits", hdrhistogram.New(1, int64(record.Highest), 2), "with 2 digits"},
		{"more than can be counted", hdrhistogram.New(1, int64(record.Highest), 3), "it counts 1099511627777"},
	} {
		if err := tt.of.RecordValues(1000, 1<<40+1); err != nil {
			t.Fatal(err)
		}
		encoded, err := tt.of.Encode(hdrhistogram.V2CompressedEncodingCookieBase)
		if err != nil {
			t.Fatal(err)
		}
		var h record.Histogram
		if err := json.Unmarshal([]byte(`"`+string(encoded)+`"`), &h); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want that %s", tt.name, err, tt.want)
		}
	}
}

func TestEmptyHistogramIsTheZeroValue(t *testing.T) {
	frozen, err := record.Encode(record.NewHistogram())
	if err != nil || !frozen.Empty() || frozen != (record.Histogram{}) {
		t.Errorf("got %v, %v; want the zero value", frozen, err)
	}
	h, err := frozen.Decode()
	if err != nil || h.TotalCount() != 0 {
		t.Errorf("decoded: got %d counts and %v, want none", h.TotalCount(), err)
	}
}

func TestRunSurvivesJSON(t *testing.T) {
	h := record.NewHistogram()
	_ = h.RecordValue(int64(time.Millisecond))
	frozen, err := record.Encode(h)
	if err != nil {
		t.Fatal(err)
	}
	cpu := int64(12345)
	run := record.Run{
		Schema:      record.Schema,
		Started:     time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC),
		Environment: record.Environment{CPU: "a CPU", Cores: 2, Target: &record.Target{Store: "latest"}},
		Settings:    record.Settings{Command: "bench", Modes: []string{"text", "binary"}, Seed: 1<<63 + 1},
		Cells: []record.Cell{{Mode: "text", Load: record.Closed, Samples: []record.Sample{{
			Round: 3, Seconds: 0.1, Images: 7, Credit: 7.25, Errors: map[string]uint64{"flipped": 1},
			TargetCPUNs: &cpu, Response: frozen,
		}}}},
	}
	data, err := json.Marshal(run)
	if err != nil {
		t.Fatal(err)
	}
	var got record.Run
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(run, got); diff != "" {
		t.Errorf("the run changes on its way (-want +got):\n%s", diff)
	}
}
