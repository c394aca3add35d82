package site

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wsimg/wsimg/loadgen/payload"
	"github.com/wsimg/wsimg/loadgen/record"
)

func TestSince(t *testing.T) {
	text := payload.Mode{Kind: payload.Text}
	stats := func(cpu int64, stages map[string]record.Stage) Stats {
		return Stats{Schema: statsSchema, PID: 7, CPUNs: &cpu, Stages: map[string]map[string]record.Stage{
			"text":   stages,
			"binary": {"save": {Count: 900, TotalNs: 900}},
		}}
	}
	first := stats(100, map[string]record.Stage{"decode": {Count: 10, TotalNs: 1000}, "save": {Count: 10, TotalNs: 50}})
	then := stats(350, map[string]record.Stage{"decode": {Count: 14, TotalNs: 1600}, "save": {Count: 10, TotalNs: 50}})
	silent := then
	silent.CPUNs = nil
	restarted := then
	restarted.PID = 8
	contained := then
	contained.Instance = "another"
	for name, c := range map[string]struct {
		before, after Stats
		cpu           int64 // -1: not told
		stages        map[string]record.Stage
	}{
		"the difference, of this mode alone": {first, then, 250, map[string]record.Stage{"decode": {Count: 4, TotalNs: 600}, "save": {}}},
		"nothing happened":                   {then, then, 0, map[string]record.Stage{"decode": {}, "save": {}}},
		"a stage that is new":                {stats(1, nil), stats(2, map[string]record.Stage{"echo": {Count: 3, TotalNs: 9}}), 1, map[string]record.Stage{"echo": {Count: 3, TotalNs: 9}}},
		"CPU time that is not told":          {first, silent, -1, map[string]record.Stage{"decode": {Count: 4, TotalNs: 600}, "save": {}}},
		"no first reading":                   {Stats{}, then, -1, nil},
		"no second reading":                  {first, Stats{}, -1, nil},
		"another process":                    {first, restarted, -1, nil},
		"another process of the same PID":    {first, contained, -1, nil},
		"less CPU time than before":          {stats(900, nil), then, -1, nil},
		"fewer images than before":           {stats(1, map[string]record.Stage{"decode": {Count: 15}}), then, -1, nil},
		"less time than before":              {stats(1, map[string]record.Stage{"decode": {TotalNs: 1601}}), then, -1, nil},
	} {
		var got record.Sample
		c.after.Since(c.before, text, &got)
		cpu := int64(-1)
		if got.TargetCPUNs != nil {
			cpu = *got.TargetCPUNs
		}
		if cpu != c.cpu {
			t.Errorf("%s: got %d ns of CPU, want %d", name, cpu, c.cpu)
		}
		if diff := cmp.Diff(c.stages, got.Stages); diff != "" {
			t.Errorf("%s: stages (-want +got):\n%s", name, diff)
		}
	}
}

func TestStatsTellMemoryAndLimits(t *testing.T) {
	s := &Site{channel: open(t, serve(t, saying(`{"schema":"wsimg.stats/1","memory":{"resident_bytes":7},`+
		`"limits":{"connections":1,"per_address":2,"new_per_address":3.5,"max_image_bytes":4},"connections":{"open":5}}`)), Access{})}
	got := s.Stats(t.Context())
	if got.Resident == nil || *got.Resident != 7 {
		t.Errorf("got %v bytes of memory, want 7", got.Resident)
	}
	if want := (Limits{1, 2, 3.5, 4}); got.Limits != want || got.Connections.Open != 5 {
		t.Errorf("got limits %+v and %d connections, want %+v and 5", got.Limits, got.Connections.Open, want)
	}
}
