package loadgen

import (
	"fmt"
	"io"
	"slices"

	"github.com/wsimg/wsimg/loadgen/frame"
)

// mismatch is what was wrong with a reply.
type mismatch struct {
	kind   string
	detail string
}

// slack is how far a reply is read beyond what it may be, to tell its length. A
// few bytes that came may inflate to a thousand times as many.
const slack = 1 << 20

// echoed reads one message and compares it, frame type included, with the
// message of image i: piece by piece where the pieces arrived, copying
// nothing. It returns nil when they are equal.
func (c *client) echoed(typ int, r io.Reader, t *Traffic, i int) (*mismatch, error) {
	want := len(t.messages[i])
	off := 0
	for {
		p := c.intake.space()
		n, err := r.Read(p)
		if n > 0 {
			if off+n > want || !t.messages.equal(i, off, p[:n]) {
				return c.diagnose(typ, r, t, i, off, p[:n], err)
			}
			off += n
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
	}
	c.intake.release()
	if off == want && frame.Opcode(typ) == t.opcode {
		return nil, nil
	}
	return t.curtailed(typ, i, off), nil
}

// curtailed is a reply to image i whose first bytes are right: it ended there, or
// came in the other frame type. It is apart from echoed to keep that one's frame
// small (see wire).
func (t *Traffic) curtailed(typ, i, length int) *mismatch {
	want := len(t.messages[i])
	switch {
	case frame.Opcode(typ) == t.opcode:
		return &mismatch{Short, fmt.Sprintf("the reply to image %d ended after %d of %d bytes", i, length, want)}
	case length < want:
		return t.retyped(typ, i, fmt.Sprintf(", which ended after %d of %d bytes", length, want))
	}
	return t.retyped(typ, i, "")
}

// diagnose reads the rest of a reply that went wrong within piece, at offset
// off, and finds out what it is. It is off the path of a right reply.
func (c *client) diagnose(typ int, r io.Reader, t *Traffic, i, off int, piece []byte, err error) (*mismatch, error) {
	var (
		want       = len(t.messages[i])
		length     = off
		differs    = t.difference(i, off, piece)
		candidates = c.sharing(t, i, off)
	)
	limit := want
	for _, o := range candidates {
		limit = max(limit, o.len())
	}
	limit += slack
	for {
		candidates = slices.DeleteFunc(candidates, func(o served) bool {
			return length+len(piece) > o.len() || !o.traffic.messages.equal(o.image, length, piece)
		})
		length += len(piece)
		if err == io.EOF || length >= limit {
			break // what is not read is skipped, and not inflated
		}
		if err != nil {
			return nil, err
		}
		var n int
		p := c.intake.space()
		n, err = r.Read(p)
		piece = p[:n]
	}
	c.intake.release()
	candidates = slices.DeleteFunc(candidates, func(o served) bool { return o.len() != length })
	if len(candidates) > 0 {
		return c.attribute(t, i, candidates[0]), nil
	}
	switch {
	case frame.Opcode(typ) != t.opcode:
		return t.retyped(typ, i, fmt.Sprintf(", with other bytes: %s instead of %d", bounded(int64(length), int64(limit)), want)), nil
	case length > want:
		return &mismatch{Long, fmt.Sprintf("the reply to image %d has %s instead of %d", i, bounded(int64(length), int64(limit)), want)}, nil
	case length < want:
		return &mismatch{Short, fmt.Sprintf("the reply to image %d has %d bytes instead of %d, and differs from byte %d on", i, length, want, differs)}, nil
	}
	return &mismatch{Flipped, fmt.Sprintf("the reply to image %d differs at byte %d of %d", i, differs, want)}, nil
}

// retyped is a reply to image i in the other frame type, whatever is in it:
// nobody who answers so sends the image back.
func (t *Traffic) retyped(typ, i int, more string) *mismatch {
	return &mismatch{Retyped, fmt.Sprintf("image %d was sent as %s and came back as %s%s", i, typeName(t.opcode), typeName(frame.Opcode(typ)), more)}
}

// bounded words a length that was counted no further than limit.
func bounded(n, limit int64) string {
	if n >= limit {
		return fmt.Sprintf("%d bytes or more", n)
	}
	return fmt.Sprintf("%d bytes", n)
}

// attribute says whose the image o is, which came in place of image i of t.
func (c *client) attribute(t *Traffic, i int, o served) *mismatch {
	c.mu.Lock()
	mine := c.served
	c.mu.Unlock()
	if mine.image == o.image && mine.traffic.sameImages(o.traffic) {
		return &mismatch{Doubled, fmt.Sprintf("the reply to image %d came again in place of that to image %d", o.image, i)}
	}
	for k := range c.roster {
		p := c.roster[k].Load()
		if p == nil || p == c {
			continue
		}
		p.mu.Lock()
		theirs := p.block != nil && p.block.traffic == t && p.debts.sends(o.image) || p.served == o
		p.mu.Unlock()
		if theirs {
			return &mismatch{Foreign, fmt.Sprintf("client %d got image %d of client %d in place of its own image %d", c.id, o.image, p.id, i)}
		}
	}
	return &mismatch{Misplaced, fmt.Sprintf("image %d came in place of image %d", o.image, i)}
}

// sharing returns the images, i apart, whose messages begin with the same n
// bytes as image i's of t: all of t's, and the one served last.
func (c *client) sharing(t *Traffic, i, n int) []served {
	var all []served
	c.mu.Lock()
	if last := c.served; last.traffic != nil && last.traffic != t {
		all = append(all, last)
	}
	c.mu.Unlock()
	for j := range t.images {
		if j != i {
			all = append(all, served{t, j})
		}
	}
	prefix := t.messages[i][:n]
	return slices.DeleteFunc(all, func(o served) bool {
		return o.len() < n || !o.traffic.messages.equal(o.image, 0, prefix)
	})
}

// difference returns the offset of the first byte of piece, which came at
// offset off, that is not image i's.
func (t *Traffic) difference(i, off int, piece []byte) int {
	want := t.messages[i]
	for k, b := range piece {
		if off+k >= len(want) || want[off+k] != b {
			return off + k
		}
	}
	return off + len(piece)
}

// sameImages reports whether t and o send the same images in the same way.
func (t *Traffic) sameImages(o *Traffic) bool {
	return t != nil && t.opcode == o.opcode && &t.images[0] == &o.images[0]
}

func typeName(op frame.Opcode) string {
	if op == frame.Text {
		return "text"
	}
	return "binary"
}
