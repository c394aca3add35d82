package reports

import (
	"testing"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/verdict"
)

func at(x float64) *float64 { return &x }

func n(n uint64) *uint64 { return &n }

func TestConcludeRun(t *testing.T) {
	steady := Cell{
		Load: record.Open, RequestedPerS: at(200), ScheduledPerS: at(199.6), AchievedPerS: at(199.1),
		Response: Latency{P50: at(2000), P90: at(5000), P99: at(12_345)},
		Service:  Latency{P50: at(1900), P90: at(3000), P99: at(9000)},
		Wait:     Latency{P50: at(3), P90: at(20), P99: at(3300)},
	}
	with := func(change func(*Cell)) []Cell {
		c := steady
		change(&c)
		return []Cell{c}
	}
	for _, c := range []struct {
		name string
		r    Report
		want string
	}{
		{"the server kept up", Report{Cells: []Cell{steady}},
			"200/s requested, 200/s scheduled, 199/s achieved: the server kept up. Response time has 12.3 ms at p99, service time 9.00 ms and wait 3.30 ms."},
		{"just so", Report{Cells: with(func(c *Cell) { c.ScheduledPerS, c.AchievedPerS = at(100), at(98) })},
			"200/s requested, 100/s scheduled, 98/s achieved: the server kept up. Response time has 12.3 ms at p99, service time 9.00 ms and wait 3.30 ms."},
		{"the server fell behind", Report{Cells: with(func(c *Cell) {
			c.AchievedPerS, c.Response.LowerBoundFrom = at(150), at(10_000)
		})}, "200/s requested, 200/s scheduled, 150/s achieved: the server did not keep up. " +
			"Response time has at least 12.3 ms at p99, service time 9.00 ms and wait 3.30 ms."},
		{"unsent images say so too", Report{Cells: with(func(c *Cell) {
			c.Errors, c.FailedImages = map[string]uint64{"unsent": 1200}, 1200
		})}, "200/s requested, 200/s scheduled, 199/s achieved: the server did not keep up, and 1,200 images were never sent. " +
			"Response time has 12.3 ms at p99, service time 9.00 ms and wait 3.30 ms. 1,200 images failed: see errors."},
		{"images that failed are none that were achieved", Report{Cells: with(func(c *Cell) {
			c.Seconds, c.AchievedPerS, c.FailedImages = 3, at(177), 68
		})}, "200/s requested, 200/s scheduled, 177/s achieved: the server did not keep up. " +
			"Response time has 12.3 ms at p99, service time 9.00 ms and wait 3.30 ms. 68 images failed: see errors."},
		{"what was cut in flight is no fault of the server's", Report{Cells: with(func(c *Cell) {
			c.Seconds, c.AchievedPerS, c.Connections = 3, at(177), &Connections{Cut: 200, LostImages: 68}
		})}, "200/s requested, 200/s scheduled, 177/s achieved: the server kept up. Response time has 12.3 ms at p99, service time 9.00 ms and wait 3.30 ms. " +
			"200 connections were cut. 68 images were in flight and lost."},
		{"the server was gone, and caught up", Report{Cells: with(func(c *Cell) {
			c.Gaps = []Gap{{AtSeconds: 20, Seconds: 5, MostSeconds: at(7), Clients: n(200), Fewest: n(0)}}
		})}, "200/s requested, 200/s scheduled, 199/s achieved: the server was gone, as its clients saw it, for 5 to 7 s, and caught up. " +
			"Response time has 12.3 ms at p99, service time 9.00 ms and wait 3.30 ms. Not all of 200 clients came back after a gap of 5 to 7 s that began at about 20 s."},
		{"the server was silent, and did not catch up", Report{Cells: with(func(c *Cell) {
			c.AchievedPerS, c.Gaps = at(100), []Gap{{AtSeconds: 20, Seconds: 5, MostSeconds: at(7)}, {AtSeconds: 30, Seconds: 2}}
		})}, "200/s requested, 200/s scheduled, 100/s achieved: the server answered nothing for 7 s or more, and did not keep up. " +
			"Response time has 12.3 ms at p99, service time 9.00 ms and wait 3.30 ms. There was a gap of 5 to 7 s that began at about 20 s. There was 1 gap more, shorter."},
		{"clients stayed away, and that is not the server's doing", Report{Settings: record.Settings{Churn: &record.Churn{NoReconnect: true}}, Cells: with(func(c *Cell) {
			c.Clients, c.AchievedPerS, c.Connections = 200, at(100), &Connections{Lost: 200, Vacant: 200}
			c.Gaps = []Gap{{AtSeconds: 5, Seconds: 15, Clients: n(200), Fewest: n(0)}}
			c.Errors, c.FailedImages = map[string]uint64{"unsent": 3000}, 3000
		})}, "200/s requested, 200/s scheduled, 100/s achieved: clients that lost their connection stayed away, as asked, and nothing was verified for 15 s or more, " +
			"and 3,000 images were never sent. Response time has 12.3 ms at p99, service time 9.00 ms and wait 3.30 ms. " +
			"There was a gap of 15 s or more that began at about 5 s. 200 connections were lost or given up, and 200 of 200 clients had none at the end. 3,000 images failed: see errors."},
		{"some stayed away, and the others went on", Report{Settings: record.Settings{Churn: &record.Churn{NoReconnect: true}}, Cells: with(func(c *Cell) {
			c.Clients, c.AchievedPerS, c.Connections = 200, at(150), &Connections{Lost: 50, Vacant: 50}
		})}, "200/s requested, 200/s scheduled, 150/s achieved: clients that lost their connection stayed away, as asked. Response time has 12.3 ms at p99, service time 9.00 ms and wait 3.30 ms. " +
			"50 connections were lost or given up, and 50 of 200 clients had none at the end."},
		{"clients that were to stay away, and a server that froze", Report{Settings: record.Settings{Churn: &record.Churn{NoReconnect: true}}, Cells: with(func(c *Cell) {
			c.Connections, c.Gaps = &Connections{}, []Gap{{AtSeconds: 20, Seconds: 5, MostSeconds: at(7), Clients: n(200), Fewest: n(200)}}
		})}, "200/s requested, 200/s scheduled, 199/s achieved: the server answered nothing for 5 to 7 s, and caught up. Response time has 12.3 ms at p99, service time 9.00 ms and wait 3.30 ms. " +
			"There was a gap of 5 to 7 s that began at about 20 s, and every client kept its connection."},
		{"stages", Report{Cells: []Cell{steady}, Settings: record.Settings{Stages: make([]record.Ramp, 3)}},
			"200/s requested on average over 3 stages, 200/s scheduled, 199/s achieved: the server kept up. " +
				"Response time has 12.3 ms at p99, service time 9.00 ms and wait 3.30 ms."},
		{"too few samples for p99", Report{Cells: with(func(c *Cell) { c.Response.P99 = nil })},
			"200/s requested, 200/s scheduled, 199/s achieved: the server kept up. Response time has 5.00 ms at p90, service time 3.00 ms and wait 20.0 µs."},
		{"no image was answered", Report{Cells: []Cell{{Load: record.Open, RequestedPerS: at(5), ScheduledPerS: at(5), AchievedPerS: at(0)}}},
			"5/s requested, 5/s scheduled, 0/s achieved: the server did not keep up. No image was answered."},
		{"closed, incomplete and shared", Report{
			Cells: []Cell{{Load: record.Closed, Clients: 20, ImagesPerS: at(1230), GoodputBytesPerS: at(246e6),
				Response: Latency{P99: at(20_000)}, Service: Latency{P99: at(19_000)}, Wait: Latency{P99: at(1)}}},
			Settings: record.Settings{ThinkSeconds: 0.2}, Incomplete: "interrupted", Verdict: verdict.Verdict{Kind: verdict.Shared},
		}, "1,230/s, 246 MB/s of images, over 20 clients back to back with 200ms to think. Response time has 20.0 ms at p99 and " +
			"service time 19.0 ms. The run is incomplete. Both ends shared one machine: size nothing by this."},
		{"void", Report{Cells: []Cell{steady}, Verdict: verdict.Verdict{Kind: verdict.Void,
			Evidence: []verdict.Evidence{{Text: "the generator sent images late"}}}},
			"No conclusion, the run is void: the generator sent images late."},
		{"void, and memory is told all the same", Report{Cells: []Cell{steady}, Idle: &Idle{Clients: 1000, GeneratorBytes: at(6900)},
			Verdict: verdict.Verdict{Kind: verdict.Void, Evidence: []verdict.Evidence{{Text: "the generator sent images late"}}}},
			"No conclusion, the run is void: the generator sent images late. That bears on times and CPU, and not on memory: 1,000 idle clients took 6.9 KB each here."},
		{"void, and memory is not known", Report{Cells: []Cell{steady}, Idle: &Idle{Clients: 1000},
			Verdict: verdict.Verdict{Kind: verdict.Void, Evidence: []verdict.Evidence{{Text: "the generator sent images late"}}}},
			"No conclusion, the run is void: the generator sent images late."},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := concludeRun(&c.r); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}
