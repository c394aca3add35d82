package record

// Calibration is what one machine can do at most, each ceiling by itself: what
// a generator on it can and can't show.
type Calibration struct {
	Ceilings []Ceiling `json:"ceilings"`
	Seconds  float64   `json:"seconds"` // it took to measure
}

// Ceiling is one thing a round trip needs, measured alone.
type Ceiling struct {
	Name string `json:"name"` // such as "websocket echo, text live"
	// Allows is the images a second it would allow, by image size.
	Allows []Allowance `json:"allows,omitempty"`
	// Value is the figure of a ceiling that no image size belongs to, such as
	// the timer's lateness, in Unit.
	Value *float64 `json:"value,omitempty"`
	Unit  string   `json:"unit,omitempty"`
	// Note says how it was measured, in a few words.
	Note string `json:"note,omitempty"`
}

// Allowance is what a ceiling allows at one image size.
type Allowance struct {
	SizeBytes   int64   `json:"size_bytes"`
	ImagesPerS  float64 `json:"images_per_s"`
	BytesPerS   float64 `json:"bytes_per_s"` // raw image bytes
	Repetitions int     `json:"repetitions"` // measurements behind it
	Low         float64 `json:"low"`         // least and most of them, in images a second
	High        float64 `json:"high"`
}
