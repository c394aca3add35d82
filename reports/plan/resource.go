package plan

// Resource is one thing that a fleet takes.
type Resource struct {
	Key  string // as in a Fleet's JSON
	Name string
	Of   func(*Fleet) *Figure
	// Saved is set for what a mode may save: what the whole fleet takes, and not a
	// part of it, which is fuller where there are fewer.
	Saved bool
}

// ServerResources are what was found of one server and of one image, in the
// order of a plan.
func ServerResources() []Resource {
	return []Resource{
		{"capacity_images_per_s", "capacity of a server", func(f *Fleet) *Figure { return &f.Capacity }, false},
		{"target_cpu_us_per_image", "target CPU an image", func(f *Fleet) *Figure { return &f.CPUPerImage }, false},
		{"bytes_per_connection", "memory a connection", func(f *Fleet) *Figure { return &f.BytesPerConnection }, false},
		{"network_in_bytes_per_image", "network in an image", func(f *Fleet) *Figure { return &f.InPerImage }, false},
		{"network_out_bytes_per_image", "network out an image", func(f *Fleet) *Figure { return &f.OutPerImage }, false},
	}
}

// FleetResources are what the whole fleet takes, in the order of a plan. A
// price is among them only where one was given.
func (p *Plan) FleetResources() []Resource {
	all := []Resource{
		{"images_per_s", "images at peak", func(f *Fleet) *Figure { return &f.Images }, false},
		{"connections", "connections", func(f *Fleet) *Figure { return &f.Connections }, false},
		{"servers", "servers", func(f *Fleet) *Figure { return &f.Servers }, true},
		{"target_cores", "target CPU", func(f *Fleet) *Figure { return &f.Cores }, true},
		{"memory_connections_bytes", "memory, connections", func(f *Fleet) *Figure { return &f.MemoryConnections }, true},
		{"memory_in_flight_bytes", "memory, in flight", func(f *Fleet) *Figure { return &f.MemoryInFlight }, true},
		{"memory_bytes", "memory, all servers", func(f *Fleet) *Figure { return &f.Memory }, true},
		{"memory_per_server_bytes", "memory, a server", func(f *Fleet) *Figure { return &f.MemoryPerServer }, false},
		{"network_in_mbit_per_s", "network in", func(f *Fleet) *Figure { return &f.In }, true},
		{"network_out_mbit_per_s", "network out", func(f *Fleet) *Figure { return &f.Out }, true},
		{"nic_in_share", "network card, in", func(f *Fleet) *Figure { return &f.NICIn }, false},
		{"nic_out_share", "network card, out", func(f *Fleet) *Figure { return &f.NICOut }, false},
		{"disk_bytes_per_day", "disk, a day", func(f *Fleet) *Figure { return &f.DiskPerDay }, true},
		{"disk_bytes", "disk, all kept", func(f *Fleet) *Figure { return &f.Disk }, true},
		{"egress_bytes_per_month", "egress, a month", func(f *Fleet) *Figure { return &f.Egress }, true},
	}
	if p.Input.Price != nil {
		all = append(all, Resource{"egress_price_per_month", "egress price, a month", func(f *Fleet) *Figure { return &f.EgressPrice }, true})
	}
	return all
}
