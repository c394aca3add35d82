package gate

import (
	"errors"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// errNoOrigin says what an origin looks like.
var errNoOrigin = errors.New("must be a scheme, a host and perhaps a port, as in https://example.com or http://localhost:8080")

// origin is where a page comes from (RFC 6454 section 4), in a form that can be
// compared.
type origin struct {
	scheme, host string // in lower case
	port         uint16 // the scheme's own if none was given, 0 if it has none
}

// parseOrigin reads the serialization of RFC 6454 section 6.2.
func parseOrigin(s string) (origin, error) {
	u, err := url.Parse(s)
	if err != nil || u.Scheme == "" || u.Hostname() == "" || strings.Contains(u.Host, "*") ||
		!strings.EqualFold(s, u.Scheme+"://"+u.Host) { // nothing else in it
		return origin{}, errNoOrigin
	}
	o := origin{scheme: strings.ToLower(u.Scheme), host: strings.ToLower(u.Hostname())}
	if ip, err := netip.ParseAddr(o.host); err == nil {
		o.host = ip.String() // one of many spellings
	}
	if u.Port() == "" {
		o.port = defaultPort(o.scheme)
		return o, nil
	}
	port, err := strconv.ParseUint(u.Port(), 10, 16)
	if err != nil {
		return origin{}, errNoOrigin
	}
	o.port = uint16(port)
	return o, nil
}

func defaultPort(scheme string) uint16 {
	switch scheme {
	case "http":
		return 80
	case "https":
		return 443
	default:
		return 0
	}
}
