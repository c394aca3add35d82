package site

import (
	"strings"
	"testing"

	"github.com/wsimg/wsimg/loadgen/payload"
)

func TestAddress(t *testing.T) {
	const plain, asking = "ws://host:8080/path", "ws://host:8080/path?reply=ack&z=1"
	for name, c := range map[string]struct {
		target, mode, want string
		audited            bool
	}{
		"binary":                               {plain, "binary", plain, false},
		"the usual codec":                      {plain, "text+codec=simd", plain, false},
		"another codec":                        {plain, "text+codec=std", plain + "?codec=std", false},
		"the usual level":                      {plain, "binary+deflate", plain, false},
		"another level":                        {plain, "binary+deflate=6", plain + "?deflate=6", false},
		"Huffman coding only":                  {plain, "text+deflate=-2", plain + "?deflate=-2", false},
		"both":                                 {plain, "text+codec=std+deflate=9", plain + "?codec=std&deflate=9", false},
		"the usual level and another codec":    {plain, "text+codec=std+deflate", plain + "?codec=std", false},
		"a query of the user's stays":          {asking, "text+codec=std", "ws://host:8080/path?codec=std&reply=ack&z=1", false},
		"the mode has the last word":           {plain + "?codec=simd", "text+codec=std", plain + "?codec=std", false},
		"nothing to ask for leaves all as is":  {"ws://h/?b&a", "text", "ws://h/?b&a", false},
		"a copy goes where the mode does":      {plain, "text+codec=std#2", plain + "?codec=std", false},
		"a client that is audited":             {plain, "binary", plain + "?audit=1", true},
		"audited beside all the rest":          {asking, "text+codec=std", "ws://host:8080/path?audit=1&codec=std&reply=ack&z=1", true},
		"what is no URL is left to the dialer": {"ws://h:port/", "text+codec=std", "ws://h:port/", false},
	} {
		mode, err := payload.ParseMode(c.mode)
		if err != nil {
			t.Fatal(err)
		}
		if got := Address(c.target, mode, c.audited); got != c.want {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
}

func TestCheck(t *testing.T) {
	for name, c := range map[string]struct {
		target string
		want   string // the error begins with it; empty: there is none
	}{
		"plain":              {"ws://host:8080/path?reply=ack", ""},
		"TLS":                {"wss://host", ""},
		"version 6":          {"ws://[::1]:80/", ""},
		"another scheme":     {"http://host/path", `url "http://host/path": ask for ws://`},
		"no scheme":          {"host:8080/path", `url "host:8080/path": ask for ws://`},
		"no host":            {"ws:///path", `url "ws:///path": ask for ws://`},
		"nothing":            {"", `url "": ask for ws://`},
		"a user":             {"ws://anna:hush@host/path", `url "ws://host/path": ask for ws://`},
		"not readable":       {"ws://anna:hu/sh@host/path", "the url can't be read: ask for ws://"},
		"a forgotten scheme": {"anna:hush@host/path", `url "redacted": ask for ws://`},
	} {
		err := Check(c.target)
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: got %v, want no error", name, err)
		case c.want != "" && (err == nil || !strings.HasPrefix(err.Error(), c.want)):
			t.Errorf("%s: got %v, want %s…", name, err, c.want)
		}
	}
}
