package reports

// Capacity is what a search for the highest load that meets objectives found.
type Capacity struct {
	Find          string           `json:"find"`                       // "rate" or "clients"
	PerClientPerS float64          `json:"per_client_per_s,omitempty"` // the pace of a client, where clients are found in an open load
	Objectives    []string         `json:"objectives"`
	Answers       []CapacityAnswer `json:"answers"` // by mode, the baseline's first
	Ratios        []CapacityRatio  `json:"ratios"`  // the baseline to each other mode
	Probes        []Probe          `json:"probes"`  // in the order they were made

	// What connections cost the target, in bytes; nil: not known.
	BaseBytes          *float64 `json:"target_base_bytes"`           // without any
	BytesPerConnection *float64 `json:"target_bytes_per_connection"` // idle
	MemoryConnections  int      `json:"memory_connections"`          // that were opened to tell
}

// CapacityAnswer is the highest load of one mode that meets all objectives.
type CapacityAnswer struct {
	Mode string `json:"mode"`
	// Load is in images/s or clients, by Capacity.Find; nil: not known. Low and
	// High are its 95 % interval; nil: too few confirmations.
	Load          *float64 `json:"load"`
	Low           *float64 `json:"low"`
	High          *float64 `json:"high"`
	Confirmations int      `json:"confirmations"`
	Passed        *float64 `json:"highest_passed"` // the bracket
	Failed        *float64 `json:"lowest_failed"`
	Unmet         bool     `json:"unmet,omitempty"`     // the least load that was to be tried failed
	Unbounded     bool     `json:"unbounded,omitempty"` // the highest that was to be tried passed
	Decided       string   `json:"decided,omitempty"`   // what fails first above it: an objective's metric, or "backlog"
	Probes        int      `json:"probes"`

	// At the loads that were confirmed and passed: totals, and histograms merged.
	ImagesPerS          *float64 `json:"images_per_s"` // for Load, in images: itself, or by clients
	Samples             uint64   `json:"samples"`
	Response            Latency  `json:"response_us"`
	InFlight            *float64 `json:"in_flight"` // images under way at a time, mean: rate × mean response time
	TargetCPUUsPerImage *float64 `json:"target_cpu_us_per_image"`
	GeneratorUsPerImage *float64 `json:"generator_cpu_us_per_image"`
	WireBytesSent       *float64 `json:"wire_bytes_sent_per_image"` // WebSocket bytes, client to target
	WireBytesReceived   *float64 `json:"wire_bytes_received_per_image"`
	TargetResidentBytes *float64 `json:"target_resident_bytes"` // most, at the end of a probe
	TargetBytesBeyond   *float64 `json:"target_bytes_beyond"`   // of it: beyond base and idle connections, at least 0
	ClientsAtConfirmed  int      `json:"clients_at_confirmed"`  // connections while that was read
}

// CapacityRatio is how many times the load of a mode the baseline carries.
type CapacityRatio struct {
	Mode     string   `json:"mode"`
	Baseline string   `json:"baseline"`
	Ratio    *float64 `json:"ratio"` // baseline ÷ mode
	Low      *float64 `json:"low"`   // its 95 % interval; nil: too few confirmations
	High     *float64 `json:"high"`
}

// Probe is one probe of the search.
type Probe struct {
	Round        int      `json:"round"`
	Mode         string   `json:"mode"`
	Phase        string   `json:"phase"`
	Load         float64  `json:"load"`
	Seconds      float64  `json:"seconds"`
	Images       uint64   `json:"images"`
	AchievedPerS *float64 `json:"achieved_per_s"`
	Response     Latency  `json:"response_us"`
	Errors       uint64   `json:"errors"`
	Verdict      string   `json:"verdict"`
	Decided      string   `json:"decided,omitempty"`
	Stopped      bool     `json:"stopped,omitempty"`
	Disturbed    bool     `json:"disturbed,omitempty"`
}
