package plan

// Row is the fleet with one number of the input changed.
type Row struct {
	Name   string  `json:"name"` // of Variables
	Value  float64 `json:"value"`
	Fleets []Fleet `json:"fleets"` // by mode, as in Plan
}
