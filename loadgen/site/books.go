package site

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
)

// storeOff is a target's word for saving nothing.
const storeOff = "off"

// ErrAudit is what Audit wraps when the target keeps no book to read.
var ErrAudit = errors.New("the target can't be audited")

// Books is what a target has in its book: the images it saved for clients that
// asked to be audited, since it started. The zero value is of an empty book.
type Books struct {
	// PID and Instance are the process's: another one has another book. In
	// containers all have the same PID; Instance is drawn anew at each start, and
	// empty of targets that are too old to have one.
	PID      int
	Instance string
	Open     int64 // sessions that are open, audited or not
	// Connections is how many audited sessions have begun.
	Connections uint64
	// Parts holds the images by the low 8 bits of their hashes, XXH3-128 of the
	// raw bytes with seed 0. What is missing is empty.
	Parts map[uint8]Part
}

// Part is one part of a book.
type Part struct {
	Count uint64 `json:"count"` // of images
	Sum   Sum    `json:"sum"`   // of their hashes, modulo 2^128
}

// Sum is an unsigned number of 128 bits, big endian; as text 32 hexadecimal
// digits.
type Sum [16]byte

// UnmarshalText reads 32 hexadecimal digits.
func (s *Sum) UnmarshalText(text []byte) error {
	if len(text) != hex.EncodedLen(len(s)) {
		return fmt.Errorf("sum of %d characters: %d hexadecimal digits were expected", len(text), hex.EncodedLen(len(s)))
	}
	_, err := hex.Decode(s[:], text)
	return err
}

// Audit reads the target's book, even when ctx is done: an interrupted run is
// audited as well. The error wraps ErrAudit where nobody keeps one, and says
// what to do.
func (s *Site) Audit(ctx context.Context) (Books, error) {
	if s.channel == nil {
		return Books{}, unaudited(s.silence)
	}
	var told struct {
		Stats
		Audit *struct {
			Instance    string         `json:"instance"`
			Connections uint64         `json:"connections"`
			Parts       map[uint8]Part `json:"parts"`
		} `json:"audit"`
	}
	if err := s.channel.get(context.WithoutCancel(ctx), "?audit=1", &told); err != nil {
		return Books{}, err
	}
	switch {
	case told.Schema != statsSchema:
		return Books{}, notStats()
	case told.Store == storeOff:
		return Books{}, fmt.Errorf("%w: with --store off it saves nothing; choose another store, or leave --audit out", ErrAudit)
	case told.Audit == nil:
		return Books{}, fmt.Errorf("%w: wsimg %s keeps no book there; start a newer one, or leave --audit out", ErrAudit, told.Wsimg)
	}
	return Books{
		PID: told.PID, Instance: told.Audit.Instance, Open: told.Connections.Open,
		Connections: told.Audit.Connections, Parts: told.Audit.Parts,
	}, nil
}

// unaudited returns what to do about a target without a side channel, by why it
// has none.
func unaudited(silence error) error {
	const give = "give the one it was started with, by --token or WSIMG_TOKEN"
	denied, _ := errors.AsType[*deniedError](silence)
	switch {
	case denied == nil:
		return fmt.Errorf("%w: no wsimg target tells there what it saved (%w); start one with wsimg target, or leave --audit out", ErrAudit, silence)
	case denied.shown:
		return fmt.Errorf("%w: it does not take the token that it was shown (%w); %s", ErrAudit, silence, give)
	default:
		return fmt.Errorf("%w: it wants a token and was shown none (%w); %s", ErrAudit, silence, give)
	}
}
