package connect

import (
	"net/url"
	"slices"
	"strings"
)

// telling is from how many bytes on a value in a URL may be a secret. Shorter
// ones are settings, and parts of ordinary words.
const telling = 6

// secrets is what must not be shown though the server may hand it back: the
// token, and the path and the query of the URL. The longest come first: one may
// be a part of another.
type secrets []string

func newSecrets(s Settings) secrets {
	var all secrets
	add := func(shortest int, values ...string) {
		for _, value := range values {
			if len(value) >= shortest {
				all = append(all, value)
			}
		}
	}
	add(1, s.Token)
	if u, err := url.Parse(s.URL); err == nil {
		add(telling, u.Path, u.EscapedPath(), u.RawQuery)
		for _, values := range u.Query() {
			for _, value := range values {
				add(telling, value, url.QueryEscape(value))
			}
		}
	}
	slices.SortFunc(all, func(a, b string) int { return len(b) - len(a) })
	return all
}

// Conceal takes out of what a server said what must not be shown: the token,
// and the path and the query of the URL.
func (d *Dialer) Conceal(said string) string { return d.secrets.conceal(said) }

// conceal takes the secrets out of what a server says. One that is cut off at
// the end goes too.
func (s secrets) conceal(said string) string {
	const instead = "redacted"
	for _, secret := range s {
		said = strings.ReplaceAll(said, secret, instead)
		for n := min(len(secret), len(said)); n >= telling; n-- {
			if rest, ok := strings.CutSuffix(said, secret[:n]); ok {
				said = rest + instead
				break
			}
		}
	}
	return said
}
