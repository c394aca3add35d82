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

func TestHosts(t *testing.T) {
	local := Access{Hosts: []string{"localhost", "desk.example"}, Origins: []string{"https://proxy.example"}}
	for _, tc := range []struct {
		name, host string
		access     Access
		status     int
	}{
		{"IPv4 loopback", "127.0.0.1:9000", local, 0},
		{"another of its addresses", "127.1.2.3", local, 0},
		{"IPv6 loopback", "[::1]:9000", local, 0},
		{"IPv6 loopback without a port", "[::1]", local, 0},
		{"localhost", "LocalHost:9000", local, 0},
		{"localhost with its dot", "localhost.", local, 0},
		{"the host it listens on", "desk.example:9000", local, 0},
		{"the host of an origin that is allowed", "proxy.example", local, 0},
		{"none", "", local, 0},
		{"a name made to resolve here", "evil.example:9000", local, 403},
		{"a name that ends like one", "evil-localhost", local, 403},
		{"a name below localhost", "evil.localhost", local, 403},
		{"another address", "192.168.1.2:9000", local, 403},
		{"no host at all", "::::", local, 403},
		{"any host where any origin is allowed", "evil.example", Access{Hosts: local.Hosts, Origins: []string{"*"}}, 0},
		{"any host of a target that is open to others", "evil.example", Access{}, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := request("")
			r.Host = tc.host
			for what, refused := range map[string]*Refusal{"session": tc.access.Check(r), "statistics": tc.access.Authorized(r)} {
				if got := status(refused); got != tc.status {
					t.Errorf("%s: got HTTP %d, want %d (0: let in)", what, got, tc.status)
				}
			}
		})
	}
	r := request("", "Authorization: Bearer secret")
	r.Host = "evil.example"
	if refused := (Access{Token: "secret", Hosts: local.Hosts}).Check(r); refused != nil {
		t.Errorf("with the token: got HTTP %d, want to be let in", refused.Status)
	}
	if refused := local.Check(func() *http.Request { r := request(""); r.Host = "evil.example"; return r }()); !strings.Contains(refused.Reason, "--allow-origin") || !strings.Contains(refused.Reason, "--token") {
		t.Errorf("got %q, want a reason that tells a proxy's owner what to do", refused.Reason)
	}
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
