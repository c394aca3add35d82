package gate

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// request returns a request for http://target.example:9000 with headers as
// "Name: value".
func request(query string, headers ...string) *http.Request {
	r := httptest.NewRequest("GET", "http://target.example:9000/images"+query, nil)
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Add(name, value)
	}
	return r
}

// status returns the HTTP status of a refusal, 0 if there is none.
func status(r *Refusal) int {
	if r == nil {
		return 0
	}
	return r.Status
}

func TestToken(t *testing.T) {
	const token = "s3cret+/="
	for _, c := range []struct {
		name    string
		request *http.Request
		status  int
	}{
		{"none", request(""), 401},
		{"in the header", request("", "Authorization: Bearer "+token), 0},
		{"in the header, scheme in lower case", request("", "Authorization: bearer "+token), 0},
		{"in the header, scheme in capitals", request("", "Authorization: BEARER   "+token), 0},
		{"in the URL", request("?token=s3cret%2B%2F%3D"), 0},
		{"in the URL, not escaped", request("?token=" + token), 401},
		{"in both", request("?token=s3cret%2B%2F%3D", "Authorization: Bearer "+token), 0},
		{"wrong in the header", request("", "Authorization: Bearer s3cret"), 401},
		{"wrong in the URL", request("?token=no"), 401},
		{"right in the header, wrong in the URL", request("?token=no", "Authorization: Bearer "+token), 401},
		{"right in the URL, wrong in the header", request("?token=s3cret%2B%2F%3D", "Authorization: Bearer no"), 401},
		{"right and wrong in the URL", request("?token=s3cret%2B%2F%3D&token=no"), 401},
		{"right and wrong in the header", request("", "Authorization: Bearer "+token, "Authorization: Bearer no"), 401},
		{"empty in the header", request("", "Authorization: Bearer "), 401},
		{"empty in the URL", request("?token="), 401},
		{"without a scheme", request("", "Authorization: "+token), 401},
		{"as another scheme", request("", "Authorization: Basic "+token), 401},
		{"longer by a byte", request("", "Authorization: Bearer "+token+"x"), 401},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := Access{Token: token}
			if got := status(a.Authorized(c.request)); got != c.status {
				t.Errorf("authorized: HTTP %d, want %d (0: let in)", got, c.status)
			}
			if got := status(a.Check(c.request)); got != c.status {
				t.Errorf("check: HTTP %d, want %d (0: let in)", got, c.status)
			}
			if got := (Access{}).Check(c.request); got != nil {
				t.Errorf("without a token to show: HTTP %d", got.Status)
			}
		})
	}
}

func TestOrigin(t *testing.T) {
	for _, c := range []struct {
		name    string
		allowed string // separated by spaces
		origin  string
		status  int
	}{
		{"the target's own", "", "http://target.example:9000", 0},
		{"the target's own, in capitals", "", "HTTP://TARGET.Example:9000", 0},
		{"the target's own behind TLS of a proxy", "", "https://target.example:9000", 0},
		{"the target's own on another port", "", "http://target.example:9001", 403},
		{"the target's own without its port", "", "http://target.example", 403},
		{"a foreign one", "", "https://example.com", 403},
		{"an allowed one", "https://example.com", "https://example.com", 0},
		{"the second that is allowed", "https://a.example https://b.example", "https://b.example", 0},
		{"an allowed one, with capitals", "https://EXAMPLE.com", "HTTPS://example.COM", 0},
		{"an allowed one, with the default port", "https://example.com", "https://example.com:443", 0},
		{"an allowed one, without the default port", "http://example.com:80", "http://example.com", 0},
		{"an allowed one on another port", "https://example.com", "https://example.com:444", 403},
		{"an allowed one by another scheme", "https://example.com", "http://example.com:443", 403},
		{"a subdomain of an allowed one", "https://example.com", "https://a.example.com", 403},
		{"an allowed one as a prefix", "https://example.com", "https://example.com.evil.example", 403},
		{"an allowed one as user", "https://example.com", "https://example.com@evil.example", 403},
		{"an allowed one with a path", "https://example.com", "https://example.com/", 403},
		{"an allowed one with a query", "https://example.com", "https://example.com?", 403},
		{"an IPv6 address in another spelling", "http://[2001:db8::1]:80", "http://[2001:DB8:0::1]", 0},
		{"an extension of a browser", "chrome-extension://abcdef", "chrome-extension://abcdef", 0},
		{"null", "https://example.com", "null", 403},
		{"null by name", "null", "null", 403},
		{"null, all allowed", "*", "null", 0},
		{"any, all allowed", "*", "https://example.com", 0},
		{"any, all allowed among others", "https://example.com *", "http://else.example", 0},
		{"a star among origins", "https://example.com", "*", 403},
		{"empty", "", "", 403},
		{"no host", "", "http://", 403},
		{"no origin at all", "", "://%zz", 403},
		{"two in one", "https://example.com", "https://example.com https://example.com", 403},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := Access{Origins: strings.Fields(c.allowed)}
			if got := status(a.Check(request("", "Origin: "+c.origin))); got != c.status {
				t.Errorf("HTTP %d, want %d (0: let in)", got, c.status)
			}
			if got := a.Check(request("")); got != nil {
				t.Errorf("without an Origin: HTTP %d", got.Status)
			}
		})
	}
	t.Run("the target's own with a default port", func(t *testing.T) {
		for host, origin := range map[string]string{
			"target.example":     "https://target.example",
			"target.example:443": "https://target.example",
			"target.example:80":  "http://target.example",
			"[::1]":              "http://[::1]",
		} {
			r := request("", "Origin: "+origin)
			r.Host = host
			if got := (Access{}).Check(r); got != nil {
				t.Errorf("Host %s, Origin %s: HTTP %d", host, origin, got.Status)
			}
		}
	})
	t.Run("several headers", func(t *testing.T) {
		r := request("", "Origin: https://example.com", "Origin: https://example.com")
		if got := status((Access{Origins: []string{"*"}}).Check(r)); got != http.StatusForbidden {
			t.Errorf("HTTP %d, want 403", got)
		}
	})
	t.Run("the token comes first", func(t *testing.T) {
		r := request("", "Origin: https://example.com")
		if got := status((Access{Token: "x"}).Check(r)); got != http.StatusUnauthorized {
			t.Errorf("HTTP %d, want 401", got)
		}
		r.Header.Set("Authorization", "Bearer x")
		if got := status((Access{Token: "x"}).Check(r)); got != http.StatusForbidden {
			t.Errorf("HTTP %d, want 403", got)
		}
		if got := (Access{Token: "x"}).Authorized(r); got != nil {
			t.Errorf("the token alone: HTTP %d", got.Status)
		}
	})
}

// What a client sends must not come back to it.
func TestReasonsDoNotEcho(t *testing.T) {
	const mark = "<script>mark"
	a := Access{Token: "s3cret"}
	for _, r := range []*http.Request{
		request("?token="+mark, "Authorization: Bearer "+mark),
		request("?token=s3cret", "Origin: http://"+mark),
		request("?token=s3cret", "Origin: "+mark, "Origin: "+mark),
	} {
		w := httptest.NewRecorder()
		refused := a.Check(r)
		if refused == nil {
			t.Fatal("let in")
		}
		refused.Write(w)
		answer := w.Body.String()
		for _, values := range w.Header() {
			answer += strings.Join(values, "\n")
		}
		if strings.Contains(answer, "mark") || strings.Contains(answer, "s3cret") {
			t.Errorf("the answer repeats what was sent, or tells the token: %q", answer)
		}
	}
}

func TestAccessValidate(t *testing.T) {
	good := Access{Origins: []string{"*", "https://example.com", "http://localhost:8080", "http://[::1]:8080", "app://x"}}
	if err := good.Validate(); err != nil {
		t.Errorf("good origins: %v", err)
	}
	faults := []string{"", "null", "example.com", "localhost:8080", "https://example.com/", "https://", "https://a:b", "https://a:65536", "https://u@a", "*.example.com", "https://*.example.com"}
	err := Access{Origins: faults}.Validate()
	if err == nil {
		t.Fatal("bad origins have no fault")
	}
	if got := strings.Count(err.Error(), "as in https://example.com"); got != len(faults) {
		t.Errorf("%d faults told, want %d:\n%v", got, len(faults), err)
	}
}

func TestRemote(t *testing.T) {
	for sent, want := range map[string]string{
		"192.0.2.1:80": "192.0.2.1", "[2001:db8::1]:80": "2001:db8::1", "pipe": "", "": "", "@": "",
	} {
		if got := Remote(&http.Request{RemoteAddr: sent}); got != addr(want) {
			t.Errorf("the remote of %q is %v, want %q", sent, got, want)
		}
	}
}
