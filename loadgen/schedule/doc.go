// Package schedule says when images are due in an open loop, whatever a server
// does. It is pure: no clock, no goroutine, and the same numbers give the same
// instants.
//
//	plan := schedule.Steady(200, time.Minute)
//	a := schedule.NewArrivals(schedule.Poisson, plan, client, clients, seed)
//	for due, ok := a.Next(); ok; due, ok = a.Next() { … }
//
// A Plan is a rate over time. Its integral Λ(t) is the number of images that
// should be due until t, and Λ⁻¹ turns a number into an instant: a process of
// unit rate, stretched by Λ⁻¹, is one of the plan's rate (time change of a
// point process; Çinlar, Introduction to Stochastic Processes, 1975, section
// 4.7). Instants follow from the arrivals' numbers and never from one another's
// rounding, so nothing drifts in an hour.
package schedule
