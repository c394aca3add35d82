// Package capacity finds the highest load that a target carries while it keeps
// to objectives, for several modes side by side, and returns the run that a
// report is made of.
//
//	run, err := capacity.Run(ctx, capacity.Settings{
//		URL:        "ws://127.0.0.1:9000/",
//		Source:     images,
//		Modes:      []payload.Mode{{Kind: payload.Text}, {Kind: payload.Binary}},
//		Baseline:   payload.Mode{Kind: payload.Binary},
//		Objectives: []objective.Objective{{Metric: "response_p99", Limit: 0.150}},
//	})
//
// What to try next is decided by package search, whether a probe met the
// objectives by package objective; this one puts the loads on the target.
//
// # A probe
//
// Every probe has connections of its own, for what is peculiar to a set of them
// lasts as long as they do. Its clients connect, send one image each (at most
// 256 of them: a load nobody asked for may break what is to be measured), and
// then carry the load for at least ten sub-windows, the points of the sample's
// series. A probe ends early when what is left undone grows without end. In any
// case everything that was due is answered or given up before the next begins.
//
// Modes take turns, and change who is first. A probe that failed while something
// else kept the machine busy is made once more.
//
// # The loads
//
// Rates are open loads over a fixed number of clients. Clients at a pace are
// open loads too, of that many clients times their pace; clients that think are
// closed loops, and come one by one over their time to think, or they would all
// send at the same instants. The first load is half of what the slowest
// mode reaches back to back.
//
// # Time
//
// A probe lasts for 1.2 s while the edge is looked for, and 2 to 4 s to confirm it,
// or as long as the images take that the objectives' percentiles need. Probes go
// on until the ratio of every mode to the baseline is known to the precision, or
// the time is used up.
package capacity
