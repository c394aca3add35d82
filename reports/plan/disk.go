package plan

import "math"

// blockBytes is what a file system gives out: a file takes whole blocks.
const blockBytes = 4096

// onDisk returns what an image of that size takes as a file.
func onDisk(size float64) float64 { return blockBytes * math.Ceil(size/blockBytes) }
