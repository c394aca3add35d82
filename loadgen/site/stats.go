package site

import (
	"github.com/wsimg/wsimg/loadgen/payload"
	"github.com/wsimg/wsimg/loadgen/record"
)

// Stats is what a target tells of itself; counters only grow, memory and
// connections are those of the moment. The zero value is of a server without a
// side channel.
type Stats struct {
	Schema string `json:"schema"`
	Wsimg  string `json:"wsimg"`
	Go     string `json:"go"`
	Store  string `json:"store"`
	Codec  string `json:"codec"`
	Reply  string `json:"reply"`
	PID    int    `json:"pid"`
	// Instance is drawn anew at each start, for in containers all have the same
	// PID. Empty of targets that are too old to have one.
	Instance string `json:"instance"`
	CPUNs    *int64 `json:"cpu_ns"`
	Memory   `json:"memory"`
	// Connections are those that are open, Limits what the target keeps to.
	Connections Connections                        `json:"connections"`
	Limits      Limits                             `json:"limits"`
	Stages      map[string]map[string]record.Stage `json:"stages"` // by mode, by stage
	// Environment is what the target runs on, where it tells. What Target has
	// beside that is above.
	Environment record.Target `json:"environment"`
}

// Memory is what a target's process takes at the moment.
type Memory struct {
	// Resident is its resident set in bytes; nil where it does not tell. What the
	// kernel holds for its sockets is not in it.
	Resident *uint64 `json:"resident_bytes"`
}

// Connections counts a target's sessions.
type Connections struct {
	Open int64 `json:"open"`
}

// Limits are what a target keeps to; what it does not tell is 0.
type Limits struct {
	Connections   int     `json:"connections"`
	PerAddress    int     `json:"per_address"`     // not of loopback
	NewPerAddress float64 `json:"new_per_address"` // a second, and as many at once; not of loopback
	MaxImageBytes int64   `json:"max_image_bytes"`
}

// follows reports whether two readings are of the same process, as far as can be
// told: it has not started anew, and there are not several behind the URL.
func (after Stats) follows(before Stats) bool {
	switch {
	case before.Schema == "" || after.Schema == "":
		return false
	case before.PID != after.PID || before.Instance != after.Instance:
		return false
	default:
		return before.CPUNs == nil || after.CPUNs == nil || *after.CPUNs >= *before.CPUNs
	}
}

// cpuSince returns the CPU time between two readings, in ns; nil if it is not
// known.
func (after Stats) cpuSince(before Stats) *int64 {
	if !after.follows(before) || before.CPUNs == nil || after.CPUNs == nil {
		return nil
	}
	ns := *after.CPUNs - *before.CPUNs
	return &ns
}

// Since puts what the target spent between two readings, on images of a mode,
// into a sample; nothing if one of the two is missing, or if they are not of
// the same process.
func (after Stats) Since(before Stats, mode payload.Mode, into *record.Sample) {
	if !after.follows(before) {
		return
	}
	cpu := after.cpuSince(before)
	kind := mode.Kind.String()
	stages := make(map[string]record.Stage)
	for name, a := range after.Stages[kind] {
		b := before.Stages[kind][name]
		if a.Count < b.Count || a.TotalNs < b.TotalNs {
			return
		}
		stages[name] = record.Stage{Count: a.Count - b.Count, TotalNs: a.TotalNs - b.TotalNs}
	}
	into.TargetCPUNs, into.Stages = cpu, stages
}
