package store

import (
	"crypto/rand"
	"encoding/hex"
	"strconv"
	"strings"
	"time"
)

// Unfinished files are called partPrefix + a unique name + partSuffix.
const (
	partPrefix = ".wsimg-"
	partSuffix = ".part"
)

// A start is the part of all names that tells one opening of a store from all
// others: when, in UTC, and at random.
const (
	startTime   = "20060102-150405-"
	startRandom = 4 // bytes
	startLength = len(startTime) + 2*startRandom
)

// startName makes a start.
func startName(now time.Time) string {
	var random [startRandom]byte
	rand.Read(random[:])
	return now.UTC().Format(startTime) + hex.EncodeToString(random[:])
}

// sessionName returns what the names of one connection's files begin with.
func sessionName(start string, id uint64) string {
	return start + "-c" + strconv.FormatUint(id, 10)
}

// partName returns the name of an unfinished file.
func partName(name string) string { return partPrefix + name + partSuffix }

// isPart tells whether a store makes exactly this name for an unfinished file.
func isPart(name string) bool {
	name, prefixed := strings.CutPrefix(name, partPrefix)
	name, suffixed := strings.CutSuffix(name, partSuffix)
	start, rest, ok := cutStart(name)
	if !prefixed || !suffixed || !ok {
		return false
	}
	if rest == "" {
		return true // of a trial
	}
	id, err := strconv.ParseUint(strings.TrimPrefix(rest, "-c"), 10, 64)
	return err == nil && name == sessionName(start, id)
}

// cutStart splits a name behind the start it begins with.
func cutStart(name string) (start, rest string, ok bool) {
	if len(name) < startLength {
		return "", "", false
	}
	start, rest = name[:startLength], name[startLength:]
	if _, err := time.Parse(startTime, start[:len(startTime)]); err != nil {
		return "", "", false
	}
	if _, err := hex.DecodeString(start[len(startTime):]); err != nil {
		return "", "", false
	}
	return start, rest, start == strings.ToLower(start)
}

// recordBytes is the memory that one saved takes.
const recordBytes = 32

// saved is one finished file: what it takes on the disk, and what its name is
// made of.
type saved struct {
	session   uint64
	sequence  uint64 // 0: the one file of its connection, as kind Latest makes it
	size      int64  // as onDisk counts it
	start     uint32 // index of the start in a list of them
	extension extension
}

// name returns the file's name, given its start.
func (s saved) name(start string) string {
	return string(s.appendTo([]byte(sessionName(start, s.session))))
}

// appendTo completes a name that begins with its sessionName.
func (s saved) appendTo(name []byte) []byte {
	if s.sequence > 0 {
		name = append(name, '-')
		name = strconv.AppendUint(name, s.sequence, 10)
	}
	name = append(name, '.')
	return append(name, s.extension.String()...)
}

// parseName tells what a file's name is made of. It is not ok unless a store
// makes exactly this name: anything else is somebody else's file.
func parseName(name string) (start string, s saved, ok bool) {
	start, rest, ok := cutStart(name)
	if !ok {
		return "", s, false
	}
	if rest, ok = strings.CutPrefix(rest, "-c"); !ok {
		return "", s, false
	}
	stem, suffix, _ := strings.Cut(rest, ".")
	if s.extension, ok = parseExtension(suffix); !ok {
		return "", s, false
	}
	session, sequence, numbered := strings.Cut(stem, "-")
	var err error
	if s.session, err = strconv.ParseUint(session, 10, 64); err != nil {
		return "", s, false
	}
	if numbered {
		if s.sequence, err = strconv.ParseUint(sequence, 10, 64); err != nil {
			return "", s, false
		}
	}
	// Leading zeros and the like.
	return start, s, s.name(start) == name
}
