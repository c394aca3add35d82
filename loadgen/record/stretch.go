package record

// Stretch is what happened in a part of a block that is not its window. Images
// count when they were due before the window, or verified behind it.
type Stretch struct {
	Seconds   float64           `json:"seconds"`
	Scheduled uint64            `json:"scheduled,omitempty"` // ramp of an open load: due in it
	Images    uint64            `json:"images"`              // verified
	Bytes     uint64            `json:"bytes"`               // their raw image bytes
	Within    *Verified         `json:"within,omitempty"`    // what rates are made of; nil: not known, a file older than the field
	Errors    map[string]uint64 `json:"errors,omitempty"`    // found in it; also in the sample's
	Response  Histogram         `json:"response"`            // of Images
}

// Verified is the images that were verified while a stretch lasted, whenever
// they were due: what was due in a ramp and had to wait may have been verified
// in the window.
type Verified struct {
	Images uint64 `json:"images"`
	Bytes  uint64 `json:"bytes"` // raw image bytes
}
