package certificate

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The files of testdata were made with openssl 3:
//
//	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -out cert.pem -days 36500 -subj /CN=localhost -addext subjectAltName=DNS:localhost
//	openssl x509 -in cert.pem -noout -fingerprint -sha256 | cut -d= -f2 > fingerprint.txt
//	openssl pkey -in key.pem -aes256 -passout pass:secret -out encrypted.pem
//	openssl ec -in key.pem -aes256 -passout pass:secret -out encrypted-ec.pem
//	openssl genpkey -algorithm ed25519 -out other-key.pem
//	openssl ecparam -name prime256v1 -genkey -noout -out ec-key.pem
//
// The last is of another key, in the form of SEC 1.

func TestLoad(t *testing.T) {
	certAndKey := join(t, "testdata/key.pem", "testdata/cert.pem")
	for _, tc := range []struct{ name, cert, key string }{
		{"two files", "testdata/cert.pem", "testdata/key.pem"},
		{"one file for both", certAndKey, certAndKey},
		{"a chain", join(t, "testdata/cert.pem", "testdata/cert.pem"), "testdata/key.pem"},
	} {
		cert, err := Load(tc.cert, tc.key, now)
		if err != nil {
			t.Errorf("%s: %v", tc.name, err)
			continue
		}
		roots := x509.NewCertPool()
		roots.AddCert(cert.Leaf)
		if _, err := handshake(t, cert, &tls.Config{RootCAs: roots, ServerName: "localhost"}); err != nil {
			t.Errorf("%s: handshake: %v", tc.name, err)
		}
	}
}

func TestLoadSaysWhatToDo(t *testing.T) {
	const cert, key = "testdata/cert.pem", "testdata/key.pem"
	empty := write(t, "empty.pem", nil)
	block, _ := pem.Decode(content(t, cert))
	der := write(t, "cert.der", block.Bytes)
	block.Bytes = block.Bytes[:len(block.Bytes)-9]
	damaged := write(t, "damaged.pem", pem.EncodeToMemory(block))
	for _, tc := range []struct {
		name, cert, key string
		now             time.Time
		about           string // the file at fault
		what            string
	}{
		{"no such certificate", "testdata/none.pem", key, now, "none.pem", "give the path"},
		{"no such key", cert, "testdata/none.pem", now, "none.pem", "give the path"},
		{"a folder", "testdata", key, now, "testdata", "directory"},
		{"exchanged", key, cert, now, key, "exchange the two files"},
		{"a key given as certificate", key, key, now, key, "exchange the two files"},
		{"an encrypted key given as certificate", "testdata/encrypted.pem", key, now, "encrypted.pem", "exchange the two files"},
		{"a certificate given as key", cert, cert, now, cert, "no private key; give the key"},
		{"empty certificate", empty, key, now, empty, "no certificate in PEM"},
		{"empty key", cert, empty, now, empty, "no private key in PEM"},
		{"DER", der, key, now, der, "-inform der"},
		{"damaged certificate", damaged, key, now, damaged, "copy it anew"},
		{"encrypted key", cert, "testdata/encrypted.pem", now, "encrypted.pem", "openssl pkey -in"},
		{"encrypted key of old", cert, "testdata/encrypted-ec.pem", now, "encrypted-ec.pem", "openssl pkey -in"},
		{"another's key", cert, "testdata/ec-key.pem", now, "ec-key.pem", "made for"},
		{"a key of another kind", cert, "testdata/other-key.pem", now, "other-key.pem", "made for"},
		{"expired", cert, key, now.AddDate(200, 0, 0), cert, "renew it"},
		{"not yet valid", cert, key, now.AddDate(-20, 0, 0), cert, "not valid before"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := Load(tc.cert, tc.key, tc.now)
			if err == nil {
				t.Fatal("got no error")
			}
			if got := filepath.ToSlash(err.Error()); !strings.Contains(got, filepath.ToSlash(tc.about)) || !strings.Contains(got, tc.what) {
				t.Errorf("got %q, want it to name %s and say %q", err, tc.about, tc.what)
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("%q has more than one line", err)
			}
		})
	}
}

// join returns a file of several, one after the other.
func join(t *testing.T, names ...string) string {
	t.Helper()
	var all []byte
	for _, name := range names {
		all = append(all, content(t, name)...)
	}
	return write(t, "joined.pem", all)
}

func content(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func write(t *testing.T, name string, b []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
