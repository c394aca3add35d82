//go:build slow

package siege

import (
	"testing"

	"github.com/wsimg/wsimg/loadgen/record"
)

// join adds the phases of connections to those of others.
func join(t *testing.T, all *record.Connections, more record.Connections) {
	t.Helper()
	for _, h := range []struct {
		to  *record.Histogram
		add record.Histogram
	}{
		{&all.TCP, more.TCP}, {&all.TLS, more.TLS}, {&all.Upgrade, more.Upgrade}, {&all.Connect, more.Connect}, {&all.Reconnect, more.Reconnect},
	} {
		sum, err := h.to.Plus(h.add)
		if err != nil {
			t.Fatal(err)
		}
		*h.to = sum
	}
}

// unaccounted is how many images were due and are neither verified nor counted
// as anything else.
func unaccounted(s record.Sample) int64 {
	counted := s.Images + s.Censored // unanswered, late and unsent are lower bounds of response time
	if s.Connections != nil {
		counted += s.Connections.LostImages
	}
	return int64(s.Scheduled) - int64(counted)
}
