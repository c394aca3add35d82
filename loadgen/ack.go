package loadgen

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/wsimg/wsimg/loadgen/frame"
)

// maxAck is the longest acknowledgement that is looked at.
const maxAck = 4 << 10

// ack is what a server answers that does not echo. Other members are ignored.
type ack struct {
	OK    *bool  `json:"ok"`
	Bytes *int64 `json:"bytes"` // of the raw image; may be left out
}

// acknowledged reads one message, which should acknowledge image i. The
// number of bytes is all there is to tell images apart by.
func (c *client) acknowledged(typ int, r io.Reader, t *Traffic, i int) (*mismatch, error) {
	defer c.intake.release()
	body, err := io.ReadAll(io.LimitReader(r, maxAck)) // the rest is skipped
	if err != nil {
		return nil, err
	}
	var got ack
	want := int64(len(t.images[i]))
	switch bad := json.Unmarshal(body, &got); {
	case frame.Opcode(typ) != frame.Text:
		return &mismatch{Retyped, fmt.Sprintf("image %d was answered with a binary message and not with an acknowledgement; --reply echo expects the image back", i)}, nil
	case bad != nil || got.OK == nil:
		return &mismatch{Rejected, fmt.Sprintf(`image %d was answered with %.80q and not with {"ok":true}; --reply echo expects the image back`, i, c.fleet.dialer.Conceal(string(body)))}, nil
	case !*got.OK:
		return &mismatch{Rejected, fmt.Sprintf("image %d was rejected: %.80q", i, c.fleet.dialer.Conceal(string(body)))}, nil
	case got.Bytes != nil && *got.Bytes < want:
		return &mismatch{Short, fmt.Sprintf("image %d has %d bytes and %d were acknowledged", i, want, *got.Bytes)}, nil
	case got.Bytes != nil && *got.Bytes > want:
		return &mismatch{Long, fmt.Sprintf("image %d has %d bytes and %d were acknowledged", i, want, *got.Bytes)}, nil
	}
	return nil, nil
}
