package objective

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestParse(t *testing.T) {
	for _, tt := range []struct {
		text string
		want Objective
		as   string // how String writes it; empty: likewise
	}{
		{"response_p99<150ms", Objective{"response_p99", false, 0.15}, ""},
		{"service_p999<1.5s", Objective{"service_p999", false, 1.5}, ""},
		{"wait_p99.9<2ms", Objective{"wait_p999", false, 0.002}, "wait_p999<2ms"},
		{"lateness_p50<200us", Objective{"lateness_p50", false, 0.0002}, "lateness_p50<200µs"},
		{"lateness_p50<200µs", Objective{"lateness_p50", false, 0.0002}, ""},
		{"connect_max<60s", Objective{"connect_max", false, 60}, ""},
		{"response_p90<.5s", Objective{"response_p90", false, 0.5}, "response_p90<500ms"},
		{" response_p99  <= 150 ms\t", Objective{"response_p99", false, 0.15}, "response_p99<150ms"},
		{"errors<0.1%", Objective{"errors", false, 0.001}, ""},
		{"errors<7%", Objective{"errors", false, 0.07}, ""},
		{"errors < 100.0 %", Objective{"errors", false, 1}, "errors<100%"},
		{"achieved>99.5%", Objective{"achieved", true, 0.995}, ""},
		{"achieved>=99%", Objective{"achieved", true, 0.99}, "achieved>99%"},
		{"target_cpu<150%", Objective{"target_cpu", false, 1.5}, ""},
		{"generator_cpu<80%", Objective{"generator_cpu", false, 0.8}, ""},
	} {
		got, err := Parse(tt.text)
		if err != nil || got != tt.want {
			t.Errorf("%q: got %+v and error %v, want %+v", tt.text, got, err, tt.want)
			continue
		}
		as := tt.as
		if as == "" {
			as = tt.text
		}
		if got := got.String(); got != as {
			t.Errorf("%q is written %q, want %q", tt.text, got, as)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"", "write one such as response_p99<150ms"},
		{"response_p99=150ms", "neither < nor >"},
		{"latency<150ms", "take one of {response,service,wait,lateness,connect}_{p50,p90,p99,p999,max}, errors, achieved, target_cpu, generator_cpu"},
		{"response_p95<150ms", `no metric "response_p95"`},
		{"Errors<1%", `no metric "Errors"`},
		{"response_p99>150ms", "better the lower: write response_p99<150ms"},
		{"achieved<99%", "better the higher: write achieved>99%"},
		{"response_p99<150", "without its unit: write one such as response_p99<150ms"},
		{"response_p99<15%", "is no time"},
		{"response_p99<1 5ms", "is no number and unit"},
		{"response_p99<1m30s", "is no number and unit"},
		{"response_p99<0ms", "want more than 0 and at most 60s"},
		{"response_p99<61s", "at most 60s"},
		{"response_p99<-5ms", "is no number and unit"},
		{"response_p99<<5ms", "is no number and unit"},
		{"response_p99<5ms<6ms", "is no number and unit"},
		{"response_p99<", "is no number and unit"},
		{"errors<0.001", "without its %: write one such as errors<0.1%"},
		{"errors<1ms", "is no share"},
		{"errors<1%%", "is no share"},
		{"errors<1e-3%", "is no number and unit"},
		{"errors<0%", "want more than 0 and at most 100%"},
		{"errors<101%", "at most 100%"},
		{"target_cpu<1.2.3%", "is no share"},
		{"target_cpu<NaN%", "is no number and unit"},
		{"target_cpu<100001%", "at most 100000%"},
	} {
		if got, err := Parse(tt.text); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%q: got %+v and error %v, want %q in it", tt.text, got, err, tt.want)
		}
	}
}

// TestEveryMetricHasAnExample: what Metrics and the messages offer, Parse takes.
func TestEveryMetricHasAnExample(t *testing.T) {
	var seen []string
	for _, m := range vocabulary() {
		o, err := Parse(m.example())
		if err != nil || o.Metric != m.Name || o.String() != m.example() {
			t.Errorf("%s: got %v and error %v", m.example(), o, err)
		}
		seen = append(seen, m.Name)
	}
	slices.Sort(seen)
	if n := len(slices.Compact(seen)); n != 29 || len(Metrics()) != n {
		t.Errorf("%d metrics with names of their own, %d listed, want 29", n, len(Metrics()))
	}
}

// FuzzParse: what is taken is written so that it comes back as the same, and
// written so again.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"response_p99<150ms", "errors<0.1%", "achieved >= 99.95 %", "wait_p99.9<1.0000001s", "target_cpu<00150.70%", "errors<0.00000000000000000001%", "connect_max<.3us"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		o, err := Parse(text)
		if err != nil {
			if o != (Objective{}) {
				t.Errorf("%q: got %+v beside error %v", text, o, err)
			}
			return
		}
		again, err := Parse(o.String())
		if err != nil || again != o {
			t.Errorf("%q is %+v, and %q is %+v with error %v", text, o, o, again, err)
		}
	})
}

func TestEveryShareComesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := Objective{Metric: "errors", Limit: rapid.Float64Range(1e-300, 1).Draw(t, "limit")}
		if got, err := Parse(o.String()); err != nil || got != o {
			t.Errorf("%v is written %q, and that is %+v with error %v", o.Limit, o, got, err)
		}
	})
}

func TestFormat(t *testing.T) {
	for _, tt := range []struct {
		metric string
		value  float64
		want   string
	}{
		{"response_p99", 0.123456, "123ms"}, {"response_p99", 12.3456, "12.3s"}, {"wait_p50", 0.000012349, "12.3µs"}, {"wait_p50", 0, "0s"},
		{"errors", 0.00123456, "0.123%"}, {"achieved", 1, "100%"}, {"achieved", 0.99951, "100%"}, {"target_cpu", 1.4567, "146%"}, {"errors", 0, "0%"},
	} {
		if got := (Objective{Metric: tt.metric}).Format(tt.value); got != tt.want {
			t.Errorf("%s of %v: got %s, want %s", tt.metric, tt.value, got, tt.want)
		}
	}
}

func TestCheck(t *testing.T) {
	all := Setting{Open: true, SideChannel: true, Connects: true}
	for _, tt := range []struct {
		text string
		in   Setting
		want string // empty: it can be judged
	}{
		{"response_p99<150ms", Setting{}, ""},
		{"achieved>99%", all, ""},
		{"achieved>99%", Setting{SideChannel: true, Connects: true}, "closed loop"},
		{"target_cpu<80%", all, ""},
		{"target_cpu<80%", Setting{Open: true, Connects: true}, "does not tell its CPU time"},
		{"generator_cpu<80%", Setting{}, ""},
		{"connect_p99<1s", all, ""},
		{"connect_p99<1s", Setting{Open: true, SideChannel: true}, "no connections are opened"},
	} {
		o, err := Parse(tt.text)
		if err != nil {
			t.Fatal(err)
		}
		if err := o.Check(tt.in); (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s in %+v: got %v, want %q", tt.text, tt.in, err, tt.want)
		}
	}
	if err := (Objective{Metric: "speed"}).Check(all); err == nil {
		t.Error("speed can be judged")
	}
}

func TestNeeds(t *testing.T) {
	for text, want := range map[string]int64{
		"response_p99<1s": 299, "wait_p999<1s": 2995, "service_max<1s": 0, "connect_p99<1s": 0,
		"errors<0.1%": 2995, "errors<100%": 1, "target_cpu<50%": 0, "achieved>99%": 0,
	} {
		o, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := o.Needs(); got != want {
			t.Errorf("%s: needs %d images, want %d", text, got, want)
		}
	}
}
