package reports

import "testing"

func TestObjectivesInWords(t *testing.T) {
	for _, c := range []struct {
		objectives []string
		want       string
	}{
		{[]string{"response_p99<150ms"}, "p99 < 150 ms"},
		{[]string{"response_p999<1.5s", "errors<0.1%"}, "p99.9 < 1.5 s and errors < 0.1 %"},
		{[]string{"response_max<1s", "service_p999<800µs", "achieved>99%"}, "response max < 1 s, service p99.9 < 800 µs and achieved > 99 %"},
		{[]string{"target_cpu<80%", "backlog"}, "target CPU < 80 % and backlog"},
		{[]string{"something of a newer wsimg"}, "something of a newer wsimg"},
	} {
		if got := (&Capacity{Objectives: c.objectives}).InWords(); got != c.want {
			t.Errorf("%q: got %q, want %q", c.objectives, got, c.want)
		}
	}
}

func TestResponseLimitIsThatOfTheFirstObjectiveOnIt(t *testing.T) {
	for _, c := range []struct {
		objectives []string
		metric     string
		us         float64
	}{
		{[]string{"errors<0.1%", "response_p90<20ms", "response_p99<150ms"}, "response_p90", 20_000},
		{[]string{"errors<0.1%"}, "", 0},
		{[]string{"response_p99>1ms"}, "", 0},
		{[]string{"response_p99<soon"}, "", 0},
	} {
		metric, us, ok := (&Capacity{Objectives: c.objectives}).ResponseLimit()
		if metric != c.metric || us != c.us || ok != (c.metric != "") {
			t.Errorf("%q: got %q, %v, %v, want %q, %v", c.objectives, metric, us, ok, c.metric, c.us)
		}
	}
}
