package record

// CalibrationSchema names the version of a calibration that is saved by itself.
const CalibrationSchema = "wsimg.calibration/1"

// Calibration is what one machine can do at most, each ceiling by itself: what
// a generator on it can and can't show.
type Calibration struct {
	Seconds    float64 `json:"seconds"` // it took to measure
	Cores      int     `json:"cores"`   // that were there to measure with
	Clients    int     `json:"clients"` // of the echoes
	Folder     string  `json:"folder"`  // in which the stores were measured
	FileSystem string  `json:"file_system,omitempty"`
	// Incomplete says why it ended before its plan did; empty when it did not.
	Incomplete string    `json:"incomplete,omitempty"`
	Ceilings   []Ceiling `json:"ceilings"`
}

// The kinds of ceiling: what it is that a round trip needs.
const (
	YardstickCeiling = "yardstick" // moving the bytes at all: a raw TCP echo
	EchoCeiling      = "echo"      // wsimg's clients and target, nothing stored
	CodecCeiling     = "codec"     // encoding, decoding, masking, checking
	StoreCeiling     = "store"     // saving an image
	TimerCeiling     = "timer"     // waking when an image is due
	ConnectCeiling   = "connect"   // opening connections
)

// Ceiling is one thing a round trip needs, measured alone. It has Allows when
// it is a matter of the image's size, else Figures.
type Ceiling struct {
	Name  string `json:"name"` // such as "WebSocket echo, text, live"
	Kind  string `json:"kind"`
	Cores int    `json:"cores"` // it could use while it was measured
	// Allows is the images a second it would allow, by image size.
	Allows  []Allowance `json:"allows,omitempty"`
	Figures []Figure    `json:"figures,omitempty"`
	// Note says how it was measured, in a few words.
	Note string `json:"note,omitempty"`
}

// Allowance is what a ceiling allows at one image size.
type Allowance struct {
	SizeBytes   int64   `json:"size_bytes"`
	ImagesPerS  float64 `json:"images_per_s"` // median of the repetitions
	BytesPerS   float64 `json:"bytes_per_s"`  // raw image bytes
	Repetitions int     `json:"repetitions"`  // measurements behind it
	Low         float64 `json:"low"`          // least and most of them, in images a second
	High        float64 `json:"high"`
}

// Figure is what a ceiling has to say that no image size belongs to, such as
// how late a timer wakes.
type Figure struct {
	Name string `json:"name"` // such as "p50"
	Unit string `json:"unit"`
	// Value is nil where the sample cannot support it.
	Value       *float64 `json:"value"`
	Repetitions int      `json:"repetitions"`
	Low         float64  `json:"low"` // least and most of the repetitions
	High        float64  `json:"high"`
}
