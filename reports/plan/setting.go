package plan

// What is taken for granted unless it is given.
const (
	DefaultConnected     = 1.0   // share of the users who are connected at peak
	DefaultPeak          = 3.0   // peak ÷ mean rate
	DefaultHeadroom      = 0.30  // share of capacity that is kept free at peak
	DefaultSpare         = 1     // servers beyond those that are needed
	DefaultNICBitPerS    = 10e9  // of a server's network card, each way
	DefaultMTU           = 1500  // bytes of an IP packet
	DefaultRetentionDays = 30.0  // how long images are kept
	DaysPerMonth         = 30.0  // of egress
	secondsPerDay        = 86400 // of mean rate
)

// Setting is a number that has a default. The zero value asks for that.
type Setting struct {
	Value float64
	Given bool
}

// Set returns x as a setting that was given.
func Set(x float64) Setting { return Setting{x, true} }

// or returns the number itself, or else the default.
func (s Setting) or(standard float64) float64 {
	if s.Given {
		return s.Value
	}
	return standard
}
