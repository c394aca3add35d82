package gate

import (
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// checkHost refuses requests to names that are not the target's. Browsers always
// send a Host; who sends none isn't a page.
func (a Access) checkHost(sent string) *Refusal {
	if len(a.Hosts) == 0 || sent == "" || slices.Contains(a.Origins, anyOrigin) {
		return nil
	}
	host := hostname(sent)
	if ip, err := netip.ParseAddr(host); err == nil && ip.Unmap().IsLoopback() {
		return nil
	}
	for _, own := range a.Hosts {
		if strings.EqualFold(host, own) {
			return nil
		}
	}
	for _, allowed := range a.Origins {
		if o, err := parseOrigin(allowed); err == nil && strings.EqualFold(host, o.host) {
			return nil
		}
	}
	return foreignHost()
}

// hostname returns a Host header without its port, the brackets of IPv6 and the
// dot that ends a full name; empty if it is none.
func hostname(host string) string {
	u := url.URL{Host: host}
	return strings.TrimSuffix(u.Hostname(), ".")
}
