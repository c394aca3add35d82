package steady

import "github.com/wsimg/wsimg/loadgen/record"

// The phases of a run, one after the other. Without idle clients nobody is
// measured alone; with them there is Connecting twice, at first and after
// AloneBefore, unless they come by a ramp.
const (
	Connecting  = "connecting"
	WarmingUp   = "warming up"
	AloneBefore = "active alone"
	Measuring   = "measuring"
	AloneAfter  = "active alone again"
)

// Progress is how far a run is.
type Progress struct {
	Phase string // Connecting and so on
	// Point is the step that has just ended of what is measured; nil when a
	// phase begins, and while it connects. It is read-only, and safe to keep.
	Point *record.Point
	// Connected of so many Clients have a connection: those the phase is about,
	// which is fewer than all while the active are alone.
	Connected, Clients int
}

// begin tells that a phase has begun, which is about so many clients.
func (s *steady) begin(phase string, clients int) {
	s.wanted = clients
	s.report(phase, nil)
}

// report tells the progress.
func (s *steady) report(phase string, point *record.Point) {
	if s.settings.Progress == nil {
		return
	}
	p := Progress{Phase: phase, Point: point, Clients: s.wanted}
	if s.fleet != nil {
		p.Connected = s.fleet.Connected()
	}
	s.settings.Progress(p)
}
