// Package steady puts one mode under one load, steady or in stages, for as
// long as asked, and returns the run that a report is made of.
//
//	run, err := steady.Run(ctx, steady.Settings{
//		URL:    "ws://127.0.0.1:9000/",
//		Source: images,
//		Mode:   payload.Mode{Kind: payload.Text},
//		Load:   loadgen.Load{Plan: schedule.Steady(500, 10*time.Minute)},
//	})
//
// A run is one cell and one sample: the whole load is a single block, after a
// short warm-up that is no part of it. Clients whose connection fails come
// back while it lasts, and what was due meanwhile waits for them. Without a
// plan the load is a closed loop for Settings.Duration.
//
// An audited run counts every image, the warm-up's included, and ends by comparing
// the books (package audit).
//
// What is kept does not grow with time: one set of histograms and counters for
// the block, and a series of at most record.MaxPoints steps, which begin as
// seconds and are merged two by two when there would be more.
package steady
