package connect

import (
	"fmt"
	"net/netip"
	"strings"
)

// MaxAddrs bounds the addresses of one range, and what is taken of a prefix.
const MaxAddrs = 4096

// widest is the shortest prefix that a network has: a shorter one was mistyped.
const widest = 8

// ParseAddrs reads source addresses: an address, a range 127.0.0.2-127.0.0.9,
// or a prefix 127.0.0.0/28. A range has at most MaxAddrs addresses; of a prefix
// that has more, such as 127.0.0.0/8, the first MaxAddrs are taken. The first and
// the last address of an IPv4 prefix shorter than /31 are its network's and its
// broadcast's, and left out.
func ParseAddrs(s string) ([]netip.Addr, error) {
	if from, to, ok := strings.Cut(s, "-"); ok { // first: a zone may have such names
		first, errFirst := netip.ParseAddr(from)
		last, errLast := netip.ParseAddr(to)
		if errFirst == nil && errLast == nil {
			return ofRange(first.Unmap(), last.Unmap())
		}
	}
	if a, err := netip.ParseAddr(s); err == nil {
		return []netip.Addr{a.Unmap()}, nil
	}
	if p, err := netip.ParsePrefix(s); err == nil {
		if p.Bits() < widest {
			return nil, fmt.Errorf("%s is wider than any network: give a prefix of /%d or longer, such as 127.0.0.0/%d", s, widest, widest)
		}
		return ofPrefix(p.Masked()), nil
	}
	return nil, fmt.Errorf("%q is no address: give one such as 127.0.0.2, a range such as 127.0.0.2-127.0.0.9, or a prefix such as 127.0.0.0/28", s)
}

// ofPrefix returns the first addresses of p that can be a machine's.
func ofPrefix(p netip.Prefix) (addrs []netip.Addr) {
	first, ends := p.Addr(), p.Addr().Is4() && p.Bits() < 31
	if ends {
		first = first.Next()
	}
	for a := first; p.Contains(a) && len(addrs) < MaxAddrs; a = a.Next() {
		if ends && !p.Contains(a.Next()) {
			break // the broadcast address
		}
		addrs = append(addrs, a)
	}
	return addrs
}

func ofRange(first, last netip.Addr) ([]netip.Addr, error) {
	name := first.String() + "-" + last.String()
	if first.BitLen() != last.BitLen() || first.Zone() != last.Zone() || last.Less(first) {
		return nil, fmt.Errorf("range %s: give the first and the last address of one network, the lower one first", name)
	}
	var addrs []netip.Addr
	for a := first; ; a = a.Next() {
		if len(addrs) == MaxAddrs {
			return nil, fmt.Errorf("%s has more than %d addresses: give a part of it", name, MaxAddrs)
		}
		addrs = append(addrs, a)
		if a == last {
			return addrs, nil
		}
	}
}
