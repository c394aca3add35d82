package connect

import (
	"sync"
	"testing"
	"time"

	"github.com/wsimg/wsimg/loadgen/record"
)

// told is what the four histograms hold: how many, and the longest.
type told struct {
	n   int64
	max time.Duration
}

func tell(t *testing.T, h record.Histogram) told {
	t.Helper()
	d, err := h.Decode()
	if err != nil {
		t.Fatal(err)
	}
	return told{d.TotalCount(), time.Duration(d.Max()).Round(time.Millisecond)}
}

func TestRecorderTellsPhasesApart(t *testing.T) {
	const ms = time.Millisecond
	var r Recorder
	for name, tt := range map[string]struct {
		phases                     []Phases
		tcp, tls, upgrade, connect told
	}{
		"nothing":                 {nil, told{}, told{}, told{}, told{}},
		"without TLS":             {[]Phases{{TCP: ms, Upgrade: 2 * ms}, {TCP: 5 * ms, Upgrade: ms}}, told{2, 5 * ms}, told{}, told{2, 2 * ms}, told{2, 6 * ms}},
		"with TLS":                {[]Phases{{TCP: ms, TLS: 30 * ms, Upgrade: 2 * ms}}, told{1, ms}, told{1, 30 * ms}, told{1, 2 * ms}, told{1, 33 * ms}},
		"longer than can be told": {[]Phases{{TCP: time.Hour, Upgrade: ms}}, told{1, record.Highest.Round(ms)}, told{}, told{1, ms}, told{1, record.Highest}},
	} {
		var all sync.WaitGroup
		for _, p := range tt.phases {
			all.Go(func() { r.Add(p) })
		}
		all.Wait()
		c := record.Connections{Dialed: 7}
		if err := r.Take(&c); err != nil {
			t.Fatal(err)
		}
		for _, h := range []struct {
			phase string
			got   record.Histogram
			want  told
		}{{"TCP", c.TCP, tt.tcp}, {"TLS", c.TLS, tt.tls}, {"upgrade", c.Upgrade, tt.upgrade}, {"connect", c.Connect, tt.connect}} {
			got := tell(t, h.got)
			if got.n != h.want.n || (got.max-h.want.max).Abs() > h.want.max/100 {
				t.Errorf("%s, %s: got %+v, want %+v", name, h.phase, got, h.want)
			}
		}
		if c.Dialed != 7 {
			t.Errorf("%s: what is not the recorder's was changed: %d dialed", name, c.Dialed)
		}
	}
}
