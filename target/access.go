package target

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"

	"github.com/wsimg/wsimg/target/internal/gate"
)

// Access says who may use a target, and how the way there is protected. The
// zero value is for a target that listens on loopback.
type Access struct {
	// Token is what clients must show, as "Authorization: Bearer …" or
	// ?token=; empty: none is asked for. /healthz is open to all.
	Token string
	// Anonymous allows a target without a Token to listen on other addresses
	// than loopback.
	Anonymous bool
	// Origins are those whose pages may connect (RFC 6455 section 10.2), as
	// https://example.com, beside the target's own; "*" is all of them. Clients
	// that send no Origin, which browsers always do, are not asked.
	//
	// A target that listens on loopback without a Token answers to loopback
	// addresses, to localhost, to the host it listens on, and to the hosts of
	// Origins; a request for another Host comes from a page whose name was made to
	// resolve here, or through a proxy.
	Origins []string
	// TLS makes it wss://; nil: ws://. It needs a certificate.
	TLS *tls.Config
}

// validate returns every fault it finds in the access to a target that listens
// at addr, joined into one error.
func (a Access) validate(addr string) error {
	var faults []error
	if a.Token == "" && !a.Anonymous && !isLoopback(addr) {
		faults = append(faults, fmt.Errorf("address %s is open to other machines: ask for a token with --token, or let everybody in with --allow-anonymous", addr))
	}
	if c := a.TLS; c != nil && len(c.Certificates) == 0 && c.GetCertificate == nil && c.GetConfigForClient == nil {
		faults = append(faults, errors.New("TLS without a certificate: give one with --cert and --key, or use --tls self-signed"))
	}
	faults = append(faults, gate.Access{Origins: a.Origins}.Validate())
	return errors.Join(faults...)
}

// ownHosts returns the names by which a target that listens at addr may be called,
// if only this machine reaches it; else nil: it can't know them all.
func ownHosts(addr string) []string {
	host, _, err := net.SplitHostPort(addr)
	if err != nil || !isLoopback(addr) {
		return nil
	}
	return []string{"localhost", host}
}

// isLoopback reports whether only this machine reaches a listener at addr. What
// is no address at all is another fault. A name counts for what it says: it may
// resolve to something else tomorrow.
func isLoopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil || host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}
