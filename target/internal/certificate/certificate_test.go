package certificate

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"os"
	"strings"
	"testing"
	"time"
)

var now = time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)

// handshake connects a client to a server with a certificate, and returns what
// the client saw. It is not over a net.Pipe: there a client that refuses while
// the server still writes waits for it forever.
func handshake(t *testing.T, cert tls.Certificate, client *tls.Config) (tls.ConnectionState, error) {
	t.Helper()
	listener, err := tls.Listen("tcp", "127.0.0.1:0", Config(cert))
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	done := make(chan struct{})
	go func() {
		defer close(done)
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		conn.SetDeadline(time.Now().Add(10 * time.Second))
		conn.(*tls.Conn).HandshakeContext(t.Context()) // that a client refuses is for the test to judge
	}()
	near, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { near.Close(); <-done }()
	near.SetDeadline(time.Now().Add(10 * time.Second))
	client.Time = func() time.Time { return now }
	conn := tls.Client(near, client)
	err = conn.HandshakeContext(t.Context())
	return conn.ConnectionState(), err
}

func TestHandshakeWithSelfSigned(t *testing.T) {
	cert, err := SelfSigned([]string{"192.0.2.7", "images.example", "", "0.0.0.0", "::", "localhost", "fe80::7%eth0"}, now)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(cert.Leaf)
	hostname, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name  string
		valid bool
	}{
		{"localhost", true}, {"127.0.0.1", true}, {"::1", true}, {"192.0.2.7", true}, {"fe80::7", true}, {"images.example", true}, {hostname, true},
		{"0.0.0.0", false}, {"192.0.2.8", false}, {"other.example", false},
	} {
		state, err := handshake(t, cert, &tls.Config{RootCAs: roots, ServerName: tc.name, NextProtos: []string{"h2", "http/1.1"}})
		if (err == nil) != tc.valid {
			t.Errorf("connect to %s: got error %v, want one: %v", tc.name, err, !tc.valid)
		}
		if err != nil {
			continue
		}
		seen := tls.Certificate{Certificate: [][]byte{state.PeerCertificates[0].Raw}}
		if got, want := Fingerprint(seen), Fingerprint(cert); got != want {
			t.Errorf("fingerprint of what %s showed: got %s, want %s", tc.name, got, want)
		}
		if state.Version < tls.VersionTLS12 || state.NegotiatedProtocol != "http/1.1" {
			t.Errorf("got TLS %#x and protocol %q, want TLS 1.2 or later and http/1.1", state.Version, state.NegotiatedProtocol)
		}
	}
}

func TestOldTLSIsRefused(t *testing.T) {
	cert, err := SelfSigned(nil, now)
	if err != nil {
		t.Fatal(err)
	}
	for version, valid := range map[uint16]bool{tls.VersionTLS11: false, tls.VersionTLS12: true, tls.VersionTLS13: true} {
		_, err := handshake(t, cert, &tls.Config{InsecureSkipVerify: true, MinVersion: version, MaxVersion: version})
		if (err == nil) != valid {
			t.Errorf("TLS %#x: got error %v, want one: %v", version, err, !valid)
		}
	}
}

func TestSelfSignedIsAServersFor90Days(t *testing.T) {
	cert, err := SelfSigned(nil, now)
	if err != nil {
		t.Fatal(err)
	}
	leaf := cert.Leaf
	if got, want := leaf.NotAfter, now.AddDate(0, 0, 90); !got.Equal(want) {
		t.Errorf("valid until %v, want %v", got, want)
	}
	if got, want := leaf.NotBefore, now.Add(-time.Hour); !got.Equal(want) {
		t.Errorf("valid from %v, want %v", got, want)
	}
	if leaf.IsCA || len(leaf.ExtKeyUsage) != 1 || leaf.ExtKeyUsage[0] != x509.ExtKeyUsageServerAuth {
		t.Errorf("got an authority: %v, usage %v, want a server's alone", leaf.IsCA, leaf.ExtKeyUsage)
	}
	other, err := SelfSigned(nil, now)
	if err != nil {
		t.Fatal(err)
	}
	if Fingerprint(cert) == Fingerprint(other) || leaf.SerialNumber.Cmp(other.Leaf.SerialNumber) == 0 {
		t.Error("two certificates have the same fingerprint or serial number")
	}
}

func TestSelfSignedNamesTheHostItCannotBeFor(t *testing.T) {
	const host = "bücher.example"
	if _, err := SelfSigned([]string{host}, now); err == nil || !strings.Contains(err.Error(), host) {
		t.Errorf("got error %v, want one that names %s", err, host)
	}
}

func TestFingerprintIsAsOpensslPrintsIt(t *testing.T) {
	cert, err := Load("testdata/cert.pem", "testdata/key.pem", now)
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("testdata/fingerprint.txt")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := Fingerprint(cert), strings.TrimSpace(string(want)); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
