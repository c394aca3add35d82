package plan

// memory is what a fleet's servers have resident, in bytes; nil: not known.
type memory struct {
	inFlight *float64 // of the whole fleet: what images under way take at peak
	fleet    *float64 // all of it, with what servers take without any connection
	server   *float64 // of the fullest one: spares are down
}

// memoryOf returns what servers take of which each has a capacity, in images/s,
// and so many work; they carry connections and images among them. What images
// take beyond idle connections was measured at capacity, and is taken to grow
// with the load.
func (m *maker) memoryOf(p point, capacity, working float64) memory {
	connections := times(p.connection, m.connections.value)
	inFlight := times(p.beyond, m.peakRate.value/capacity)
	return memory{
		inFlight: inFlight,
		fleet:    sum(times(p.base, working+m.spare.value), connections, inFlight),
		server:   sum(p.base, times(connections, 1/working), times(inFlight, 1/working)),
	}
}
