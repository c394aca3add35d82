package site

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestAccessToTheSideChannel(t *testing.T) {
	const token = "hush hush"
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer "+token {
			http.Error(w, "who is there", http.StatusUnauthorized)
			return
		}
		saying(`{"schema":"wsimg.stats/1"}`)(w, r)
	}))
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.StartTLS()
	defer srv.Close()
	known := x509.NewCertPool()
	known.AddCert(srv.Certificate())
	trusting := &tls.Config{RootCAs: known, NextProtos: []string{"ours"}}
	for name, c := range map[string]struct {
		access Access
		says   string // the error; empty: there is none
	}{
		"a token and a certificate that is known": {Access{Token: token, TLS: trusting}, ""},
		"a certificate that is not checked":       {Access{Token: token, TLS: &tls.Config{InsecureSkipVerify: true}}, ""},
		"a certificate of nobody's":               {Access{Token: token}, "certificate"},
		"no token":                                {Access{TLS: trusting}, "HTTP 401"},
		"another token":                           {Access{Token: "hush", TLS: trusting}, "HTTP 401"},
	} {
		s := Survey(t.Context(), strings.Replace(srv.URL, "https", "wss", 1)+"/images", "v1", c.access)
		defer s.Close()
		switch told := s.Environment.Target != nil; {
		case told != (c.says == ""):
			t.Errorf("%s: got a target that tells of itself: %v (%v)", name, told, s.silence)
		case !told && (!strings.Contains(s.silence.Error(), c.says) || strings.Contains(s.silence.Error(), "hush")):
			t.Errorf("%s: got error %v, want %s and no token", name, s.silence, c.says)
		}
	}
	if len(trusting.NextProtos) != 1 || trusting.ServerName != "" {
		t.Errorf("the TLS settings were changed: %+v", trusting)
	}
}

// TestTokenInTheAddress: who may open a session by its URL may read the side
// channel, too, and the token goes where no log of requests has it.
func TestTokenInTheAddress(t *testing.T) {
	const token = "tokenHush3f9a8b7c6d5"
	for name, c := range map[string]struct {
		query string
		given string // by the caller
		told  bool
	}{
		"the right one":                   {"?token=" + token, "", true},
		"one that is escaped":             {"?a=b&token=%74" + token[1:], "", true},
		"a wrong one":                     {"?token=wrongHush1", "", false},
		"one that no header can carry":    {"?token=%0aHush2", "", false},
		"the caller's goes before":        {"?token=wrongHush1", token, true},
		"the caller's, though it's wrong": {"?token=" + token, "wrongHush1", false},
		"another parameter":               {"?tokens=" + token, "", false},
	} {
		address := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if strings.Contains(r.URL.String(), "Hush") {
				t.Errorf("%s: a token is in the request's line: %s", name, r.URL)
			}
			if r.Header.Get("Authorization") != "Bearer "+token {
				http.Error(w, "who is there", http.StatusUnauthorized)
				return
			}
			booked("", `"audit":{"connections":0,"parts":{}},`)(w, r)
		})
		s := Survey(t.Context(), address+"/images"+c.query, "v1", Access{Token: c.given})
		_, err := s.Audit(t.Context())
		s.Close()
		if told := s.Environment.Target != nil; told != c.told || told != (err == nil) {
			t.Errorf("%s: the side channel was read: %v, and audited: %v; want %v", name, told, err, c.told)
		}
		if err != nil && strings.Contains(err.Error(), "Hush") {
			t.Errorf("%s: a token is in the error: %v", name, err)
		}
	}
}
