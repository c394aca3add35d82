package record_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wsimg/wsimg/loadgen/record"
)

// histogramOf holds these times.
func histogramOf(t *testing.T, of ...time.Duration) record.Histogram {
	t.Helper()
	h := record.NewHistogram()
	for _, d := range of {
		if err := h.RecordValue(int64(d)); err != nil {
			t.Fatal(err)
		}
	}
	frozen, err := record.Encode(h)
	if err != nil {
		t.Fatal(err)
	}
	return frozen
}

func TestConnectionsAddUp(t *testing.T) {
	const ms = time.Millisecond
	c := record.Connections{
		Dialed: 5, Connected: 3, Seconds: 1, Vacant: 2, Lost: 1,
		TCP: histogramOf(t, ms), Connect: histogramOf(t, ms),
	}
	err := c.Add(record.Connections{
		Dialed: 4, Connected: 4, Seconds: 0.5, Vacant: 1, Lost: 2, Retired: 3, Cut: 4, LostImages: 5, DelayedImages: 6,
		TCP: histogramOf(t, 2*ms), TLS: histogramOf(t, 3*ms), Upgrade: histogramOf(t, 4*ms), Connect: histogramOf(t, 9*ms), Reconnect: histogramOf(t, 20*ms),
	})
	if err != nil {
		t.Fatal(err)
	}
	want := record.Connections{
		Dialed: 9, Connected: 7, Seconds: 1.5, Vacant: 1, Lost: 3, Retired: 3, Cut: 4, LostImages: 5, DelayedImages: 6,
		TCP: histogramOf(t, ms, 2*ms), TLS: histogramOf(t, 3*ms), Upgrade: histogramOf(t, 4*ms), Connect: histogramOf(t, ms, 9*ms), Reconnect: histogramOf(t, 20*ms),
	}
	if diff := cmp.Diff(want, c); diff != "" {
		t.Errorf("the sum (-want +got):\n%s", diff)
	}
}

// TestConnectingMerges in whatever order the runs come.
func TestConnectingMerges(t *testing.T) {
	connecting := func(hour int, c *record.Connections) *record.Run {
		r := bench(hour, 2)
		r.Cells[0].Connecting = c
		return r
	}
	few := connecting(1, &record.Connections{Dialed: 16, Connected: 16, Seconds: 0.5, Vacant: 2})
	more := connecting(2, &record.Connections{Dialed: 20, Connected: 14, Seconds: 1, Vacant: 1})
	want := &record.Connections{Dialed: 36, Connected: 30, Seconds: 1.5, Vacant: 2}
	for name, m := range map[string]*record.Run{
		"one way": merge(t, few, more), "the other way round": merge(t, more, few),
		"with one that did not tell": merge(t, merge(t, few, bench(3, 2)), more),
	} {
		if diff := cmp.Diff(want, m.Cells[0].Connecting); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if few.Cells[0].Connecting.Dialed != 16 {
		t.Errorf("a run that was merged has changed: %+v", *few.Cells[0].Connecting)
	}
}

func TestHistogramCounts(t *testing.T) {
	for want, h := range []record.Histogram{{}, histogramOf(t, time.Second), histogramOf(t, time.Second, time.Second)} {
		if got, err := h.Count(); got != int64(want) || err != nil {
			t.Errorf("got %d, %v, want %d", got, err, want)
		}
	}
}
