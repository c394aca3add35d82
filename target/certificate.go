package target

import (
	"crypto/tls"
	"net"
	"time"

	"github.com/wsimg/wsimg/target/internal/certificate"
)

// LoadCertificate returns the TLS configuration of a target, for Access.TLS,
// from a certificate, with those between it and its authority, and its key, in
// files of PEM. The fingerprint is its SHA-256 in hexadecimal, as browsers and
// openssl print it. An error names the file at fault and says what to do.
func LoadCertificate(certFile, keyFile string) (config *tls.Config, fingerprint string, err error) {
	cert, err := certificate.Load(certFile, keyFile, time.Now())
	if err != nil {
		return nil, "", err
	}
	return certificate.Config(cert), certificate.Fingerprint(cert), nil
}

// SelfSigned returns the TLS configuration of a target that listens on addr,
// for Access.TLS, with a certificate made on the spot, and its fingerprint as
// LoadCertificate does. It lasts 90 days and is for localhost, this machine's
// name and the host in addr. Nobody vouches for it: clients compare the
// fingerprint, or do without.
func SelfSigned(addr string) (config *tls.Config, fingerprint string, err error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, "", err
	}
	cert, err := certificate.SelfSigned([]string{host}, time.Now())
	if err != nil {
		return nil, "", err
	}
	return certificate.Config(cert), certificate.Fingerprint(cert), nil
}
