package interop

import (
	"slices"
	"strings"
	"testing"
)

// cases are those of the suite that need no compression.
func cases() []suiteCase {
	return slices.Concat(
		framingCases(), pingCases(), reservedBitCases(), opcodeCases(), fragmentCases(),
		utf8Cases(), earlyUTF8Cases(), closeCases(), closeCodeCases(), sizeCases(), roundTripCases(),
	)
}

// agreement is what the target agrees on, but for a window that a client asks for.
const agreement = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"

// TestConformance holds each case twice: with a target that knows of no
// compression, and with one that has agreed on it, though no message of these
// is compressed.
func TestConformance(t *testing.T) {
	servers := []echoServer{
		{name: "without deflate", addr: startEcho(t, false)},
		{name: "with deflate", addr: startEcho(t, true), offer: "permessage-deflate", agreed: agreement},
	}
	for _, c := range cases() {
		t.Run(c.number, func(t *testing.T) {
			for _, server := range servers {
				t.Run(server.name, func(t *testing.T) {
					t.Log(c.about)
					if c.bare {
						server.offer, server.agreed = "", ""
					}
					p := dial(t, server.addr, server.offer)
					if p.extensions != server.agreed {
						t.Fatalf("agreed on %q, want %q", p.extensions, server.agreed)
					}
					for _, step := range c.steps {
						step(p)
					}
				})
			}
		})
	}
	compressed(t, servers[1].addr)
}

// TestCasesAreThoseOfTheSuite keeps one from being lost or numbered twice.
func TestCasesAreThoseOfTheSuite(t *testing.T) {
	got := map[string]int{}
	seen := map[string]bool{}
	for _, c := range cases() {
		if seen[c.number] {
			t.Errorf("%s is there twice", c.number)
		}
		seen[c.number] = true
		group, _, _ := strings.Cut(c.number, ".")
		got[group]++
		if c.about == "" || len(c.steps) == 0 {
			t.Errorf("%s says nothing", c.number)
		}
	}
	for group, want := range map[string]int{"1": 16, "2": 11, "3": 7, "4": 10, "5": 20, "6": 145, "7": 37, "9": 54, "10": 1} {
		if !thorough && group == "9" {
			want -= 6 // of 4 MB and more
		}
		if got[group] != want {
			t.Errorf("group %s: got %d cases, want %d", group, got[group], want)
		}
	}
}
