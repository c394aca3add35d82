package site

import (
	"net/url"
	"strings"
)

// redacted stands for what was taken out.
const redacted = "redacted"

// Redacted returns a URL without what may be secret in it: its user, query,
// fragment, and those segments of its path that look like a token. Those are
// the ones that assign something ("key=…", "socket;token=…"), and the ones in
// which 12 letters and digits or more stand in a row, with a digit among them:
// hexadecimal and Base64 keys, UUIDs, JSON Web Tokens. An ordinary name of
// that shape falls victim too, and a token that is short or all letters
// does not. What can't be read as a URL is taken out whole.
func Redacted(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return redacted
	}
	query := ""
	if u.RawQuery != "" {
		query = redacted
	}
	if u.Host == "" && strings.Contains(raw, "@") {
		// A scheme or its slashes were forgotten, and the user is anywhere.
		return redacted
	}
	u.User, u.RawQuery, u.Fragment, u.RawFragment = nil, query, "", ""
	u.Opaque = redactedPath(u.Opaque)
	u.RawPath = redactedPath(u.EscapedPath())
	if u.Path, err = url.PathUnescape(u.RawPath); err != nil {
		return redacted
	}
	return u.String()
}

// redactedPath replaces the segments of an escaped path that look like a token.
func redactedPath(escaped string) string {
	segments := strings.Split(escaped, "/")
	for i, s := range segments {
		if plain, err := url.PathUnescape(s); err != nil || likeToken(plain) {
			segments[i] = redacted
		}
	}
	return strings.Join(segments, "/")
}

// likeToken reports whether a segment of a path may be a secret.
func likeToken(segment string) bool {
	if strings.Contains(segment, "=") {
		return true
	}
	const long = 12
	run, digits := 0, 0
	for _, c := range []byte(segment) {
		digit := '0' <= c && c <= '9'
		letter := 'a' <= c|0x20 && c|0x20 <= 'z'
		switch {
		case digit:
			run, digits = run+1, digits+1
		case letter:
			run++
		default:
			run, digits = 0, 0
		}
		if run >= long && digits > 0 {
			return true
		}
	}
	return false
}
