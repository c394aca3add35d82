package gate

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// anyOrigin allows the pages of all origins.
const anyOrigin = "*"

// Access says who may connect. The zero value is everybody but the pages of
// foreign origins. It is safe for concurrent use while nobody changes it.
type Access struct {
	// Token is what a request must show, as "Authorization: Bearer TOKEN" (RFC
	// 6750 section 2.1) or as ?token=; empty: none is asked for.
	Token string
	// Origins are those whose pages may connect, beside the target's own, as
	// https://example.com; "*" is all of them.
	Origins []string
	// Hosts are the names that a request without a Token may be addressed to, in
	// its Host header, beside loopback addresses and the hosts of Origins; empty:
	// any. They are for a target that listens on loopback. A page whose own name
	// was made to resolve to 127.0.0.1 (DNS rebinding) is of the target's own
	// origin, as far as Origin tells; its Host is still its own.
	Hosts []string
}

// Validate returns every fault it finds, joined into one error.
func (a Access) Validate() error {
	var faults []error
	for _, allowed := range a.Origins {
		if allowed == anyOrigin {
			continue
		}
		if _, err := parseOrigin(allowed); err != nil {
			faults = append(faults, fmt.Errorf("origin %q: %w", allowed, err))
		}
	}
	return errors.Join(faults...)
}

// Check tells why a request may not become a session, nil if it may: its token
// and its Origin.
func (a Access) Check(r *http.Request) *Refusal {
	if refused := a.Authorized(r); refused != nil {
		return refused
	}
	return a.checkOrigin(r)
}

// Authorized tells what is wrong with the token of a request, nil if nothing is.
// Every token that it shows must be right, and it must show one. Where none is
// asked for it is the Host that must be right.
func (a Access) Authorized(r *http.Request) *Refusal {
	if a.Token == "" {
		return a.checkHost(r.Host)
	}
	shown := append(bearers(r), r.URL.Query()["token"]...)
	if len(shown) == 0 {
		return noToken()
	}
	for _, token := range shown {
		if !same(token, a.Token) {
			return wrongToken()
		}
	}
	return nil
}

// bearers returns the tokens in the headers of a request; credentials of another
// scheme are an empty token, which is never right.
func bearers(r *http.Request) []string {
	var tokens []string
	for _, credentials := range r.Header["Authorization"] {
		scheme, token, _ := strings.Cut(credentials, " ")
		if !strings.EqualFold(scheme, "Bearer") {
			token = ""
		}
		tokens = append(tokens, strings.TrimLeft(token, " "))
	}
	return tokens
}

// same compares two tokens in a time that tells nothing of either: hashed, they
// are of one length.
func same(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}

// checkOrigin refuses the pages of foreign origins (RFC 6455 section 10.2).
// Browsers always send an Origin; who sends none isn't a page.
//
// The target's own origin is one of the host in the Host header. A page whose
// name was made to resolve to the target passes as that: the token is what keeps
// such pages out, or Hosts.
func (a Access) checkOrigin(r *http.Request) *Refusal {
	sent := r.Header["Origin"]
	switch {
	case len(sent) == 0:
		return nil
	case len(sent) > 1:
		return manyOrigins()
	case slices.Contains(a.Origins, anyOrigin):
		return nil
	}
	from, err := parseOrigin(sent[0])
	if err != nil { // "null" is none that could be allowed by name
		return foreignOrigin()
	}
	if own, err := parseOrigin(from.scheme + "://" + r.Host); err == nil && from == own {
		return nil
	}
	for _, allowed := range a.Origins {
		if o, err := parseOrigin(allowed); err == nil && from == o {
			return nil
		}
	}
	return foreignOrigin()
}
