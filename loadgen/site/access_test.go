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
