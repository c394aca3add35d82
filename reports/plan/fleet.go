package plan

import (
	"fmt"
	"math"
)

// What may decide the number of servers.
const (
	ByImages = "images"      // the capacity in images/s
	ByOut    = "network out" // the network card, sending
	ByIn     = "network in"  // the network card, receiving

	ByConnections = "connections" // the most that one may hold
)

// Fleet is what one mode takes.
type Fleet struct {
	Mode  string `json:"mode"`
	Fault string `json:"fault,omitempty"` // why it can't be planned; no figure but those of bytes is known then
	Unmet bool   `json:"unmet,omitempty"` // the Fault is that its objectives were missed at the least load
	Bound string `json:"bound,omitempty"` // what decides the number of servers: ByImages, ByOut, ByIn or ByConnections

	// Of one server, and of one image.
	Capacity           Figure `json:"capacity_images_per_s"`
	CPUPerImage        Figure `json:"target_cpu_us_per_image"`
	BytesPerConnection Figure `json:"bytes_per_connection"`
	InPerImage         Figure `json:"network_in_bytes_per_image"`
	OutPerImage        Figure `json:"network_out_bytes_per_image"`

	// Of the fleet, at peak.
	Images            Figure `json:"images_per_s"`
	Connections       Figure `json:"connections"`
	Servers           Figure `json:"servers"`
	Cores             Figure `json:"target_cores"`
	MemoryConnections Figure `json:"memory_connections_bytes"`
	MemoryInFlight    Figure `json:"memory_in_flight_bytes"`
	Memory            Figure `json:"memory_bytes"`
	MemoryPerServer   Figure `json:"memory_per_server_bytes"`
	In                Figure `json:"network_in_mbit_per_s"`
	Out               Figure `json:"network_out_mbit_per_s"`
	NICIn             Figure `json:"nic_in_share"` // of a working server's network card
	NICOut            Figure `json:"nic_out_share"`

	// Of the fleet, at the mean rate.
	DiskPerDay  Figure `json:"disk_bytes_per_day"`
	Disk        Figure `json:"disk_bytes"` // for the time that images are kept
	Egress      Figure `json:"egress_bytes_per_month"`
	EgressPrice Figure `json:"egress_price_per_month"`
}

// quantity is a number of the input, and what it rests on.
type quantity struct {
	value float64
	basis
}

// need is how many servers a fleet takes, and why.
type need struct {
	working float64 // spares apart
	bound   string
}

// needs returns the servers that work, at a capacity of one in images/s. An
// image's bits are those on the link.
func (m *maker) needs(perS, capacity float64, w Wire, wired bool) need {
	usable := 1 - m.headroom.value
	n := need{max(serversFor(perS, capacity*usable), 1), ByImages}
	if m.perServer > 0 {
		if more := serversFor(m.connections.value, m.perServer); more > n.working {
			n = need{more, ByConnections}
		}
	}
	if !wired {
		return n
	}
	for _, link := range []struct {
		bound string
		bits  float64
	}{{ByOut, w.OutBits()}, {ByIn, w.InBits()}} {
		if more := serversFor(perS*link.bits, m.nic.value*usable); more > n.working {
			n = need{more, link.bound}
		}
	}
	return n
}

// serversFor returns how many servers carry a load of which each carries a
// part. A hair's breadth of rounding takes no server.
func serversFor(load, each float64) float64 { return math.Ceil(load / each * (1 - 1e-12)) }

// fleet returns what a mode takes, at the size that is planned for.
func (m *maker) fleet(e evidence) (Fleet, point) {
	p, ok := at(e.points, m.size)
	if !ok {
		p = point{size: m.size, fault: "it was not measured at this size"} // Make has refused such a size
	}
	f := Fleet{Mode: e.mode, Fault: p.fault, Unmet: p.unmet}
	m.common(&f)
	w, wireBasis, wired := m.network(e.mode, p)
	m.traffic(&f, w, wireBasis, wired)

	found := on(measured, m.interpolated)
	f.CPUPerImage = found.figure(Microsecs, p.cpu)
	f.BytesPerConnection = found.figure(Bytes, p.connection)
	f.Cores = on(found, m.peakRate.basis, m.even, m.oneServer).figure(Cores, times(p.cpu, m.peakRate.value/1e6))
	f.Capacity = found.figure(ImagesPerS, p.capacity).within(p.low, p.high)
	switch {
	case p.atLeast:
		f.Capacity.Bound = AtLeast
	case p.bracket:
		f.Capacity = on(found, m.bracketed()).figure(ImagesPerS, p.capacity).within(p.low, p.high)
		f.Capacity.Bound = Perhaps
	}
	m.staff(&f, p, w, on(found, wireBasis), wired)
	return f, p
}

// common fills in what no mode changes.
func (m *maker) common(f *Fleet) {
	f.Images = m.peakRate.figure(ImagesPerS, &m.peakRate.value)
	f.Connections = m.connections.figure(Connections, &m.connections.value)
	daily := m.meanRate.value * secondsPerDay * onDisk(m.size)
	kept := on(m.meanRate.basis, m.stored)
	f.DiskPerDay = kept.figure(Bytes, &daily)
	f.Disk = on(kept, m.retention.basis).figure(Bytes, number(daily*m.retention.value))
}

// traffic fills in what the network carries.
func (m *maker) traffic(f *Fleet, w Wire, rests basis, known bool) {
	if !known {
		w = Wire{math.NaN(), math.NaN(), math.NaN(), math.NaN()} // figures of it are nil
	}
	f.InPerImage = rests.figure(Bytes, &w.InBytes)
	f.OutPerImage = rests.figure(Bytes, &w.OutBytes)
	atPeak := on(rests, m.peakRate.basis)
	f.In = atPeak.figure(MbitPerS, number(m.peakRate.value*8*w.InBytes/1e6))
	f.Out = atPeak.figure(MbitPerS, number(m.peakRate.value*8*w.OutBytes/1e6))
	month := on(rests, m.meanRate.basis, m.month)
	egress := m.meanRate.value * secondsPerDay * DaysPerMonth * w.OutBytes
	f.Egress = month.figure(Bytes, &egress)
	f.EgressPrice = month.figure(Money, nil)
	if m.input.PricePerGB.Given {
		f.EgressPrice = month.figure(Money, number(egress/1e9*m.input.PricePerGB.Value))
	}
}

// staff fills in how many servers there are, and what each has of what. Where
// the capacity has an interval or a bracket, so has all that follows from it;
// where it is a lower bound, servers are an upper one.
func (m *maker) staff(f *Fleet, p point, w Wire, rests basis, wired bool) {
	perS, spare := m.peakRate.value, m.spare.value
	inFlight := on(measured, m.interpolated, m.peakRate.basis, m.oneServer, m.remembered)
	rests = on(rests, m.peakRate.basis, m.headroom.basis, m.spare.basis, m.nic.basis, m.link, m.even, m.oneServer)
	f.MemoryConnections = on(measured, m.interpolated, m.connections.basis, m.perConnection).figure(Bytes, times(p.connection, m.connections.value))
	if p.capacity == nil {
		f.Servers = rests.figure(Servers, nil)
		f.NICIn, f.NICOut = rests.figure(Share, nil), rests.figure(Share, nil)
		for _, figure := range []*Figure{&f.MemoryInFlight, &f.Memory, &f.MemoryPerServer} {
			*figure = inFlight.figure(Bytes, nil)
		}
		return
	}
	if p.bracket {
		rests, inFlight = on(rests, m.bracketed()), on(inFlight, m.bracketed())
	}
	n := m.needs(perS, *p.capacity, w, wired)
	f.Bound = n.bound
	rests = on(rests, m.crowded(n.working))
	if m.perServer > 0 {
		rests = on(rests, m.connections.basis)
	}
	remembered := on(rests, inFlight, m.connections.basis, m.perConnection)

	f.Servers = rests.figure(Servers, number(n.working+spare))
	share := func(bits float64) Figure {
		return on(rests, m.link).figure(Share, number(perS*bits/n.working/m.nic.value))
	}
	f.NICIn, f.NICOut = share(w.InBits()), share(w.OutBits())
	if !wired {
		f.NICIn.Value, f.NICOut.Value = nil, nil
	}
	with := m.memoryOf(p, *p.capacity, n.working)
	f.MemoryInFlight = inFlight.figure(Bytes, with.inFlight)
	f.Memory = remembered.figure(Bytes, with.fleet)
	f.MemoryPerServer = remembered.figure(Bytes, with.server)
	if p.low != nil && p.high != nil {
		few, many := m.needs(perS, *p.high, w, wired).working, m.needs(perS, *p.low, w, wired).working
		light, heavy := m.memoryOf(p, *p.high, few), m.memoryOf(p, *p.low, many)
		f.Servers = f.Servers.within(number(few+spare), number(many+spare))
		f.MemoryInFlight = f.MemoryInFlight.within(light.inFlight, heavy.inFlight)
		f.Memory = f.Memory.within(light.fleet, heavy.fleet)
		f.MemoryPerServer = f.MemoryPerServer.within(ordered(heavy.server, light.server))
	}
	m.doubt(f, p, n.working == m.needs(perS, math.Inf(1), w, wired).working)
}

// doubt marks the figures that are no better known than a capacity which is a
// lower bound or a bracket. Servers are exact where they are as many whatever
// the capacity: the network card or the connections take them.
func (m *maker) doubt(f *Fleet, p point, exact bool) {
	switch {
	case p.bracket:
		f.MemoryInFlight.Bound, f.Memory.Bound, f.MemoryPerServer.Bound = Perhaps, Perhaps, Perhaps
		if !exact {
			f.Servers.Bound, f.NICIn.Bound, f.NICOut.Bound = Perhaps, Perhaps, Perhaps
		}
	case p.atLeast:
		f.MemoryInFlight.Bound, f.Memory.Bound, f.MemoryPerServer.Bound = AtMost, AtMost, AtMost
		if !exact {
			f.Servers.Bound, f.NICIn.Bound, f.NICOut.Bound = AtMost, AtLeast, AtLeast
			f.MemoryPerServer.Bound = Perhaps // fewer servers have more of the connections, and of images less
		}
	}
}

// bracketed is that a server carries the highest load that passed.
func (m *maker) bracketed() basis {
	return m.ledger.assume("bracketed",
		"A server carries the highest load that passed, where too few confirmations tell of no interval: it may carry more, up to the lowest load that failed, and what passed once need not pass again.")
}

// crowded returns the assumption that a server holds its share of connections,
// where that is more than were ever open to one.
func (m *maker) crowded(servers float64) basis {
	each := math.Ceil(m.connections.value / servers)
	if each <= float64(m.held) {
		return measured
	}
	return m.ledger.assumeMost("crowded", each, fmt.Sprintf(
		"One server holds its share of the connections, as many as %s: the runs had at most %s open to one, and do not tell where its limit is.",
		grouped(each), grouped(float64(m.held))))
}
