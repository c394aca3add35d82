package certificate

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
	"time"
	"unicode"
)

const (
	// validity is how long a self-signed certificate lasts: longer than a target
	// runs that makes a new one at each start.
	validity = 90 * 24 * time.Hour
	// skew is by how much the clock of who connects may be behind.
	skew = time.Hour
)

// SelfSigned makes a certificate for a server, signed with its own key, which is
// nowhere but in what it returns: ECDSA on P-256, valid for 90 days from now. It
// is for localhost, its addresses, this machine's name and the hosts, which are
// names or IP addresses; one that is empty or unspecified (0.0.0.0, ::) is left
// out.
func SelfSigned(hosts []string, now time.Time) (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("make a key for a self-signed certificate: %w", err)
	}
	template := &x509.Certificate{
		Subject:               pkix.Name{CommonName: "wsimg, self-signed"},
		NotBefore:             now.Add(-skew),
		NotAfter:              now.Add(validity),
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
	}
	template.DNSNames, template.IPAddresses = subjects(hosts)
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("self-signed certificate for %q: %w; give a host name in ASCII, or a certificate from a file", hosts, err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("self-signed certificate for %q: %w; give a host name in ASCII, or a certificate from a file", hosts, err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, nil
}

// subjects sorts hosts, and what is always there, into names and addresses,
// each once.
func subjects(hosts []string) (names []string, addresses []net.IP) {
	hosts = append([]string{"localhost", "127.0.0.1", "::1"}, hosts...)
	// What a machine calls itself need not be a name that certificates can hold.
	if name, err := os.Hostname(); err == nil && isASCII(name) {
		hosts = append(hosts, name)
	}
	for _, host := range hosts {
		if addr, err := netip.ParseAddr(host); err == nil {
			// Certificates know no zones; a slice has none.
			ip := net.IP(addr.Unmap().AsSlice())
			if !ip.IsUnspecified() && !slices.ContainsFunc(addresses, ip.Equal) {
				addresses = append(addresses, ip)
			}
		} else if host != "" && !slices.Contains(names, host) {
			names = append(names, host)
		}
	}
	return names, addresses
}

func isASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r > unicode.MaxASCII }) < 0
}
