package plan

// memory is what a fleet's servers have resident, in bytes; nil: not known.
type memory struct {
	connections *float64 // of the whole fleet, idle
	inFlight    *float64 // of the whole fleet: what images under way take at peak
	fleet       *float64 // all of it, with what servers take without any connection
	server      *float64 // of the fullest one: spares are down
}

// memoryOf returns what that many servers take, which carry connections and
// images among them. What images take beyond idle connections was measured at
// capacity, and is taken to grow with the load.
func memoryOf(p point, servers, spare, connections, perS float64) memory {
	var m memory
	m.connections = times(p.connection, connections)
	if p.capacity != nil {
		m.inFlight = times(p.beyond, perS / *p.capacity)
	}
	m.fleet = sum(times(p.base, servers), m.connections, m.inFlight)
	working := servers - spare
	m.server = sum(p.base, times(m.connections, 1/working), times(m.inFlight, 1/working))
	return m
}
