// Package certificate gives a target what it needs to serve wss://: a
// certificate from files, or one that it signs itself.
//
//	cert, err := certificate.Load("cert.pem", "key.pem", time.Now())
//	cert, err := certificate.SelfSigned([]string{host}, time.Now())
//	listener = tls.NewListener(listener, certificate.Config(cert))
//
// Nobody vouches for a certificate that is self-signed: who connects compares
// its [Fingerprint] with the one that the target printed, or goes without.
package certificate

import (
	"crypto/sha256"
	"crypto/tls"
	"fmt"
	"strings"
)

// Config returns the configuration of a server with a certificate: TLS 1.2 or
// later, and HTTP/1.1 alone, because WebSocket's handshake is of that (RFC 6455
// section 4.1).
func Config(cert tls.Certificate) *tls.Config {
	return &tls.Config{
		Certificates: []tls.Certificate{cert},
		MinVersion:   tls.VersionTLS12,
		NextProtos:   []string{"http/1.1"},
	}
}

// Fingerprint returns the SHA-256 of a certificate as browsers and
// "openssl x509 -fingerprint -sha256" print it: AB:CD:…, 32 pairs of digits.
func Fingerprint(cert tls.Certificate) string {
	sum := sha256.Sum256(cert.Certificate[0])
	pairs := make([]string, len(sum))
	for i, b := range sum {
		pairs[i] = fmt.Sprintf("%02X", b)
	}
	return strings.Join(pairs, ":")
}
