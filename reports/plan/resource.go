package plan

// Resource is one thing that a fleet takes.
type Resource struct {
	Key  string // as in a Fleet's JSON
	Name string
	Of   func(*Fleet) *Figure
}

// ServerResources are what was found of one server and of one image, in the
// order of a plan.
func ServerResources() []Resource {
	return []Resource{
		{"capacity_images_per_s", "capacity of a server", func(f *Fleet) *Figure { return &f.Capacity }},
		{"target_cpu_us_per_image", "target CPU an image", func(f *Fleet) *Figure { return &f.CPUPerImage }},
		{"bytes_per_connection", "memory a connection", func(f *Fleet) *Figure { return &f.BytesPerConnection }},
		{"network_in_bytes_per_image", "network in an image", func(f *Fleet) *Figure { return &f.InPerImage }},
		{"network_out_bytes_per_image", "network out an image", func(f *Fleet) *Figure { return &f.OutPerImage }},
	}
}

// FleetResources are what the whole fleet takes, in the order of a plan. A
// price is among them only where one was given.
func (p *Plan) FleetResources() []Resource {
	all := []Resource{
		{"images_per_s", "images at peak", func(f *Fleet) *Figure { return &f.Images }},
		{"connections", "connections", func(f *Fleet) *Figure { return &f.Connections }},
		{"servers", "servers", func(f *Fleet) *Figure { return &f.Servers }},
		{"target_cores", "target CPU", func(f *Fleet) *Figure { return &f.Cores }},
		{"memory_connections_bytes", "memory, connections", func(f *Fleet) *Figure { return &f.MemoryConnections }},
		{"memory_in_flight_bytes", "memory, in flight", func(f *Fleet) *Figure { return &f.MemoryInFlight }},
		{"memory_bytes", "memory, all servers", func(f *Fleet) *Figure { return &f.Memory }},
		{"memory_per_server_bytes", "memory, a server", func(f *Fleet) *Figure { return &f.MemoryPerServer }},
		{"network_in_mbit_per_s", "network in", func(f *Fleet) *Figure { return &f.In }},
		{"network_out_mbit_per_s", "network out", func(f *Fleet) *Figure { return &f.Out }},
		{"nic_in_share", "network card, in", func(f *Fleet) *Figure { return &f.NICIn }},
		{"nic_out_share", "network card, out", func(f *Fleet) *Figure { return &f.NICOut }},
		{"disk_bytes_per_day", "disk, a day", func(f *Fleet) *Figure { return &f.DiskPerDay }},
		{"disk_bytes", "disk, all kept", func(f *Fleet) *Figure { return &f.Disk }},
		{"egress_bytes_per_month", "egress, a month", func(f *Fleet) *Figure { return &f.Egress }},
	}
	if p.Input.Price != nil {
		all = append(all, Resource{"egress_price_per_month", "egress price, a month", func(f *Fleet) *Figure { return &f.EgressPrice }})
	}
	return all
}
