// Package search finds the highest load that a target carries, from verdicts on
// probes. It is pure: no clock, no sockets.
package search

import "github.com/wsimg/wsimg/loadgen/stats"

// Settings say where to search.
type Settings struct {
	Start       float64 // the first load
	Least, Most float64 // bounds of what is tried
	Whole       bool    // loads are whole numbers, such as of clients
}

// Step is a probe to make.
type Step struct {
	Load  float64
	Phase string // record.Grow, Bisect or Confirm
}

// Search is the state of one search.
type Search struct{}

// New begins a search.
func New(s Settings) *Search { panic("stub") }

// Next returns the probe to make; false when nothing more is to be told. It
// returns the same until Observe is called.
func (s *Search) Next() (Step, bool) { panic("stub") }

// Observe takes the verdict on the probe that Next returned: record.Pass, Fail
// or Inconclusive.
func (s *Search) Observe(verdict string) { panic("stub") }

// Bracket returns the highest load known to pass and the lowest known to fail; 0
// where there is none.
func (s *Search) Bracket() (low, high float64) { panic("stub") }

// Probe is a probe that was made.
type Probe struct {
	Step
	Verdict string
}

// Answer is the highest load that meets the objectives.
type Answer struct {
	Load          float64         // 0: not known
	Interval      *stats.Interval // nil: too few confirmations for one
	Confirmations int             // probes that the interval is of
	Low, High     float64         // bracket: highest that passed, lowest that failed; 0: none
	Unmet         bool            // the least load failed
	Unbounded     bool            // the most load passed
}

// Answered returns what the probes of one mode come to, in their order.
func Answered(probes []Probe) Answer { panic("stub") }

// Ratio compares what two searches come to that took turns.
func Ratio(mode, baseline []Probe) (stats.Estimate, bool) { panic("stub") }

// Validate reports everything that is wrong with s.
func (s Settings) Validate() error { panic("stub") }
