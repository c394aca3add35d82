package site

import (
	"fmt"
	"net/url"

	"github.com/wsimg/wsimg/loadgen/payload"
)

// Address returns where clients connect: a target is asked for the codec of
// their mode unless it is the usual one.
func Address(target string, codec payload.CodecKind) string {
	u, err := url.Parse(target)
	if err != nil || codec == payload.SIMD {
		return target
	}
	q := u.Query()
	q.Set("codec", codec.String())
	u.RawQuery = q.Encode()
	return u.String()
}

// Check returns an error unless target is a WebSocket URL without a user.
func Check(target string) error {
	u, err := url.Parse(target)
	if err != nil || (u.Scheme != "ws" && u.Scheme != "wss") || u.Host == "" || u.User != nil {
		return fmt.Errorf("url %q: ask for ws://host:port/path or wss://host:port/path, without a user", target)
	}
	return nil
}

// Redacted returns a URL without what may be secret in it.
func Redacted(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return ""
	}
	u.User = nil
	if u.RawQuery != "" {
		u.RawQuery = "redacted"
	}
	return u.String()
}
