package site

import (
	"strings"
	"testing"
)

func TestRedacted(t *testing.T) {
	for name, c := range map[string]struct{ raw, want string }{
		"nothing secret":            {"ws://host:8080/v2/images", "ws://host:8080/v2/images"},
		"no path":                   {"wss://host", "wss://host"},
		"an address of version 6":   {"ws://[fe80::1%25eth0]:80/", "ws://[fe80::1%25eth0]:80/"},
		"a user":                    {"ws://anna:hush@host/a", "ws://host/a"},
		"a query":                   {"ws://host/a?token=hush", "ws://host/a?redacted"},
		"a fragment":                {"ws://host/a#hush", "ws://host/a"},
		"hexadecimal in the path":   {"ws://host/3f9a8b7c6d5e4f32/images", "ws://host/redacted/images"},
		"a UUID in the path":        {"ws://host/a/0b8e9a52-5c0e-4b0f-9d6a-2f4de1c7a9b3", "ws://host/a/redacted"},
		"a JSON Web Token":          {"ws://host/eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.a_b-c", "ws://host/redacted"},
		"a token in disguise":       {"ws://host/3f9a8%627c6d%35e4f32", "ws://host/redacted"},
		"a token behind a slash":    {"ws://host/a%2F3f9a8b7c6d5e4f32/b", "ws://host/redacted/b"},
		"a parameter of a segment":  {"ws://host/socket;key=hush/b", "ws://host/redacted/b"},
		"an assignment":             {"ws://host/key=hush", "ws://host/redacted"},
		"a long name":               {"ws://host/image-upload-service-v2/thumbnailsOfEverybody", "ws://host/image-upload-service-v2/thumbnailsOfEverybody"},
		"a digit in another run":    {"ws://host/v2-thumbnailsOfEverybody", "ws://host/v2-thumbnailsOfEverybody"},
		"a date":                    {"ws://host/2024-01-31/images", "ws://host/2024-01-31/images"},
		"an escaped name stays so":  {"ws://host/a%20b%2Fc", "ws://host/a%20b%2Fc"},
		"the scheme forgotten":      {"anna:hush@host:80/a", "redacted"},
		"its slashes forgotten":     {"ws:anna:hush@host/a", "redacted"},
		"only a host and a port":    {"host:8080/a?token=hush", "host:8080/a?redacted"},
		"not readable":              {"ws://anna:hu/sh@host/a", "redacted"},
		"an escape that is cut off": {"ws://host/hush%2", "redacted"},
		"nothing":                   {"", ""},
	} {
		if got := Redacted(c.raw); got != c.want {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
}

// FuzzRedacted holds that a secret never shows, whatever stands around it: as
// a user, a password, a segment of the path, in the query or the fragment.
func FuzzRedacted(f *testing.F) {
	f.Add("host/path", "")
	f.Add("host:80", "&b=c#d")
	f.Add("a%2F;b@c", "/d?e")
	f.Fuzz(func(t *testing.T, around, end string) {
		const secret = "x9Kq2mVtHush77aa"
		for _, raw := range []string{
			"ws://" + secret + "@" + around + end,
			"ws://user:" + secret + "@" + around + end,
			"ws:" + secret + "@" + around + end,
			"ws://host/" + around + "/" + secret + "/" + end,
			"ws://host/" + around + "?" + secret + end,
			"ws://host/" + around + "#" + secret + end,
		} {
			if got := Redacted(raw); strings.Contains(got, secret) {
				t.Errorf("%q: got %q", raw, got)
			}
		}
	})
}
