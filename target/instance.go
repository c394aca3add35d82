package target

import (
	"crypto/rand"
	"encoding/hex"
)

// newInstance returns a name that no other server has, nor this one once it is
// started anew. A process id is none: in a container it is 1 each time.
func newInstance() string {
	var id [8]byte
	rand.Read(id[:]) // never fails
	return hex.EncodeToString(id[:])
}
