package site

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"

	"github.com/wsimg/wsimg/loadgen/payload"
)

// Address returns where clients connect: a target is asked for the codec and
// the level of compression of their mode unless they are the usual ones, and
// to keep the book of what it saves for clients that are audited.
func Address(target string, mode payload.Mode, audited bool) string {
	usual := !audited && mode.Codec == payload.SIMD && (!mode.Deflate.On || mode.Deflate.Level == payload.DefaultLevel)
	u, err := url.Parse(target)
	if err != nil || usual {
		return target
	}
	q := u.Query()
	if mode.Codec != payload.SIMD {
		q.Set("codec", mode.Codec.String())
	}
	if mode.Deflate.On && mode.Deflate.Level != payload.DefaultLevel {
		q.Set("deflate", strconv.Itoa(mode.Deflate.Level))
	}
	if audited {
		q.Set("audit", "1")
	}
	u.RawQuery = q.Encode()
	return u.String()
}

// Check returns an error unless target is a WebSocket URL without a user. The
// error shows of it what a record would.
func Check(target string) error {
	const ask = "ask for ws://host:port/path or wss://host:port/path, without a user"
	switch u, err := url.Parse(target); {
	case err != nil: // whatever may be in it
		return errors.New("the url can't be read: " + ask)
	case u.Scheme != "ws" && u.Scheme != "wss", u.Host == "", u.User != nil:
		return fmt.Errorf("url %q: %s", Redacted(target), ask)
	default:
		return nil
	}
}
