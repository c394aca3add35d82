package specimen

import (
	"math"
	"math/rand/v2"

	"github.com/wsimg/wsimg/loadgen/record"
)

// Restarted is `wsimg run` of 200 clients that come over ten seconds and live
// for 50 images, against a target that is killed after half a minute and comes
// back five seconds later.
func Restarted() *record.Run {
	const ramp, killed, back = 10, 30, 35 // seconds
	r := oneLoad([]record.Ramp{{FromPerS: 200, ToPerS: 200, Seconds: 60}}, math.Inf(1))
	r.Settings.RampSeconds = ramp
	r.Settings.Churn = &record.Churn{LifetimeImages: 50, BackoffSeconds: 0.1, MaxBackoffSeconds: 5}
	draw := rand.New(rand.NewPCG(7, 7))
	c := &r.Cells[0]
	c.Connecting = &record.Connections{Dialed: 1, Connected: 1, Seconds: 0.0007, TCP: histogram(draw, 1, 90e3),
		Upgrade: histogram(draw, 1, 400e3), Connect: histogram(draw, 1, 500e3)}
	b := &c.Samples[0]
	calm := b.Series[0]
	b.Series = nil
	for second := range 71 {
		at := float64(second + 1)
		connected := uint64(200)
		p := calm
		p.AtSeconds = at
		switch {
		case second < ramp:
			connected = uint64(20 * (second + 1))
			p.Scheduled = connected
			p.Images = connected
		case second == killed:
			connected, p.Images = 0, 120
			p.Lost, p.Dialed = 200, 210
			p.Errors = map[string]uint64{"reset": 16 + 183, "closed-1013": 1, "lost": 17, "refused": 210}
		case second > killed && second < back:
			connected, p.Images = 0, 0
			p.Dialed = 120
			p.Errors = map[string]uint64{"refused": 120}
		case second == back:
			connected, p.Images, p.Dialed = 154, 730, 180
			p.Errors = map[string]uint64{"refused": 26}
		case second > back && second < back+3:
			connected = 197 + uint64(second-back)
			p.Images = 360
		case second == 70: // the drain
			p.Seconds, p.AtSeconds, p.Scheduled, p.Images = 0.3, 70.3, 0, 1
		}
		if second > ramp && second != killed && second < 70 {
			p.Dialed += 4
		}
		if p.Images == 0 {
			p.Response, p.Lateness = record.Histogram{}, record.Histogram{}
		}
		p.Connected = &connected
		b.Series = append(b.Series, p)
	}
	b.Errors = map[string]uint64{"reset": 16 + 183, "closed-1013": 1, "lost": 17, "refused": 716}
	b.ConnectionErrors = map[string]uint64{"reset": 183, "refused": 716}
	c.Examples = map[string]record.Example{
		"reset": {Client: 17, AtSeconds: 30.41, Local: "127.0.0.1:41022", Remote: "127.0.0.1:41877",
			Detail: "the server reset the connection", Remedy: "it may have died: see whether it still runs"},
		"closed-1013": {Client: 4, AtSeconds: 30.4, Local: "127.0.0.1:41044", Remote: "127.0.0.1:41877",
			Detail: `the server closed the connection with code 1013 "restarting"`, Remedy: "see its log"},
		"lost":    {Client: 17, AtSeconds: 30.41, Detail: "in flight when its connection failed"},
		"refused": {Client: 3, AtSeconds: 30.47, Remote: "127.0.0.1:41877", Detail: "connect: connection refused", Remedy: "see whether the server runs"},
	}
	const connected = 452
	b.Images -= 34
	b.Credit, b.CreditBytes = b.Credit-34, b.CreditBytes-34*200_000
	b.Response = mixed(draw, part{float64(b.Images) - 1012, 350e3}, part{1012, 3.1e9})
	b.Wait = mixed(draw, part{float64(b.Images) - 1012, 24e3}, part{1012, 3e9})
	b.Connections = &record.Connections{
		Dialed: connected + 716, Connected: connected, Lost: 200, Retired: 53,
		TCP: histogram(draw, connected, 90e3), Upgrade: histogram(draw, connected, 450e3), Connect: histogram(draw, connected, 540e3),
		Reconnect:  mixed(draw, part{53, 52e6}, part{200, 6.3e9}),
		LostImages: 34, DelayedImages: 1012,
	}
	b.Ramp = &record.Stretch{Seconds: ramp, Scheduled: 1100, Images: 1100, Bytes: 1100 * 200_000, Response: histogram(draw, 1100, 350e3)}
	b.Drain = &record.Stretch{Seconds: 0.3, Images: 1, Bytes: 200_000, Response: histogram(draw, 1, 350e3)}
	r.Seconds = 73.4
	return r
}

// Crowded is `wsimg run` of 200 clients that send and 14,800 that do not.
func Crowded() *record.Run {
	r := oneLoad([]record.Ramp{{FromPerS: 200, ToPerS: 200, Seconds: 30}}, math.Inf(1))
	r.Settings.Clients, r.Settings.Active = 15_000, 200
	r.Settings.LocalAddrs = []string{"127.0.0.2", "127.0.0.3"}
	r.Settings.Churn = &record.Churn{BackoffSeconds: 0.1, MaxBackoffSeconds: 5}
	draw := rand.New(rand.NewPCG(8, 8))
	c := &r.Cells[0]
	c.Clients = 15_000
	c.Connecting = &record.Connections{Dialed: 15_003, Connected: 15_000, Seconds: 6.2,
		TCP: histogram(draw, 15_000, 120e3), Upgrade: histogram(draw, 15_000, 4.3e6), Connect: histogram(draw, 15_000, 4.5e6)}
	c.WarmupErrors = map[string]uint64{"handshake-503": 3}
	c.Examples = map[string]record.Example{"handshake-503": {Client: 9120, Round: -1, AtSeconds: 4.01, Remote: "127.0.0.1:41877",
		Detail: "the server answered 503 Service Unavailable", Remedy: "raise its limit of connections"}}
	b := &c.Samples[0]
	b.Connections = new(record.Connections)
	b.Drain = &record.Stretch{Seconds: 0.1}
	all, active := uint64(15_000), uint64(200)
	live := func(s *record.Sample, seconds int, median float64, connected *uint64) {
		point := s.Series[0]
		s.Series = nil
		target := *point.TargetCPUNs
		for second := range seconds {
			p := point
			p.AtSeconds = float64(second + 1)
			slow := math.Exp(0.05 * draw.NormFloat64())
			p.Response = histogram(draw, float64(p.Images), slow*median)
			cpu := int64(slow * float64(target) * median / 350e3)
			p.GeneratorCPUNs, p.TargetCPUNs, p.Connected = cpu, &cpu, connected
			s.Series = append(s.Series, p)
		}
	}
	alone := [2]record.Sample{*b, *b}
	for i := range alone {
		alone[i].Seconds, alone[i].Connections, alone[i].Drain = 10, nil, nil
		live(&alone[i], 10, []float64{340e3, 344e3}[i], &active)
	}
	live(b, 30, 372e3, &all)
	before, with := [2]uint64{41_000_000, 52_000_000}, [2]uint64{143_100_000, 182_200_000}
	r.Idle = &record.Idle{
		Clients: 14_800, Alone: alone[:],
		Before: record.Memory{Generator: &before[0], Target: &before[1]},
		With:   record.Memory{Generator: &with[0], Target: &with[1]},
	}
	r.Seconds = 66.1
	return r
}
