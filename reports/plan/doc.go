// Package plan turns saved searches for capacity into a fleet: how many
// servers, cores, bytes and what money a number of users takes, with every mode
// beside the others.
//
// [Make] is pure. It is given the reports of one or more runs of wsimg
// capacity, of the same server at different image sizes, and an [Input].
//
// # Arithmetic
//
//	mean rate       users × images per user                           images/s
//	peak rate       mean rate × peak                                  images/s
//	connections     users × connected
//	servers         ⌈peak rate ÷ (capacity × (1 − headroom))⌉ + spare
//	                or as many as the network cards or the connections that one
//	                may hold need, if that is more
//	cores           peak rate × the target's CPU time per image
//	memory          servers × base + connections × bytes per connection
//	                + bytes beyond × peak rate ÷ capacity
//	network         peak rate × bytes per image, see [Wire]
//	disk a day      mean rate × 86,400 s × the image's size in whole blocks
//	egress a month  mean rate × 86,400 s × 30 × bytes out per image
//
// Capacity is in images/s of one server, whatever was searched for. Where
// clients were, it is the images/s at the answer: what limits a server is the
// images it works on, and a client that sends fewer of them takes less. So
// connections bound the number of servers only where it is given how many one
// may hold; else, where a server of the plan holds more of them than were ever
// connected in the runs, that it can is an assumption, listed and concluded with.
//
// # Intervals
//
// A capacity without an interval, confirmed too few times, is the highest load
// that passed. All that follows from it is [Perhaps], from that load to the
// lowest that failed; where no load failed, the capacity is [AtLeast] that.
//
// A capacity's 95 % interval is carried through to servers and memory. What a
// mode saves in servers has the interval of the paired ratio of capacities:
// both modes met the same minutes of the machine, so it is narrower, and more
// honest, than a quotient of two intervals. What is arithmetic has none.
//
// # Origins
//
// A figure is [Assumed] as soon as one assumption enters it, and says which;
// else [Measured] if anything measured does; else [Given]. All assumptions are
// in [Plan.Assumptions].
//
// # Sizes
//
// Runs of several sizes make a line: capacity and CPU time are interpolated
// linearly between the logarithms of both, bytes linearly. Nothing is planned
// beyond the sizes that were measured.
package plan
