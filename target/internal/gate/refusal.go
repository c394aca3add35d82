package gate

import (
	"math"
	"net/http"
	"strconv"
	"time"
)

// later is when to try again where nobody can know.
const later = 5 * time.Second

// Refusal is why a request doesn't become a session, in HTTP's terms.
type Refusal struct {
	// Status is the HTTP status: 401, 403, 429 or 503.
	Status int
	// Reason is a sentence that says what to do.
	Reason string
	// RetryAfter is when trying again may help; 0: not by itself.
	RetryAfter time.Duration
}

// Write answers a request with the refusal and has its connection closed.
func (r *Refusal) Write(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Connection", "close")
	h.Set("Cache-Control", "no-store")
	if r.Status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", "Bearer")
	}
	if r.RetryAfter > 0 {
		// Whole seconds (RFC 9110 section 10.2.3), and none too few.
		h.Set("Retry-After", strconv.FormatFloat(math.Ceil(r.RetryAfter.Seconds()), 'f', 0, 64))
	}
	http.Error(w, r.Reason, r.Status)
}

func full() *Refusal {
	return &Refusal{
		Status:     http.StatusServiceUnavailable,
		Reason:     "the target has as many connections as it takes: close some or try again later, or raise its --max-connections",
		RetryAfter: later,
	}
}

func tooMany() *Refusal {
	return &Refusal{
		Status:     http.StatusTooManyRequests,
		Reason:     "this address has as many connections as one address may have: close some, or raise the target's --max-per-address",
		RetryAfter: later,
	}
}

func tooFast(wait time.Duration) *Refusal {
	return &Refusal{
		Status:     http.StatusTooManyRequests,
		Reason:     "this address connects too fast: connect more slowly, or raise the target's --max-new-per-address",
		RetryAfter: wait,
	}
}

func noToken() *Refusal {
	return &Refusal{
		Status: http.StatusUnauthorized,
		Reason: `the target asks for its token: send it as the header "Authorization: Bearer TOKEN", or as ?token=TOKEN`,
	}
}

func wrongToken() *Refusal {
	return &Refusal{
		Status: http.StatusUnauthorized,
		Reason: "this is not the token of the target: give the one it was started with, by --token or WSIMG_TOKEN",
	}
}

func foreignOrigin() *Refusal {
	return &Refusal{
		Status: http.StatusForbidden,
		Reason: "pages of this origin may not connect: start the target with --allow-origin and the origin, as in --allow-origin https://example.com",
	}
}

func foreignHost() *Refusal {
	return &Refusal{
		Status: http.StatusForbidden,
		Reason: "the target is for this machine and has no such name: connect to 127.0.0.1 or localhost; where a proxy is in front, start the target with --allow-origin and the proxy's origin, as in --allow-origin https://example.com, or with --token",
	}
}

func manyOrigins() *Refusal {
	return &Refusal{
		Status: http.StatusForbidden,
		Reason: "the request has several Origin headers: send one, or none",
	}
}
