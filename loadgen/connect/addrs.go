package connect

import (
	"fmt"
	"net/netip"
	"strings"
)

// MaxAddrs bounds the addresses of one range or prefix.
const MaxAddrs = 4096

// ParseAddrs reads source addresses: an address, a range 127.0.0.2-127.0.0.9,
// or a prefix 127.0.0.0/28, of at most MaxAddrs addresses. The first and the
// last address of an IPv4 prefix shorter than /31 are its network's and its
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
		return ofPrefix(p.Masked())
	}
	return nil, fmt.Errorf("%q is no address: give one such as 127.0.0.2, a range such as 127.0.0.2-127.0.0.9, or a prefix such as 127.0.0.0/28", s)
}

func ofPrefix(p netip.Prefix) ([]netip.Addr, error) {
	free := p.Addr().BitLen() - p.Bits()
	if free > 30 || 1<<free > MaxAddrs {
		return nil, tooMany(p.String())
	}
	addrs := make([]netip.Addr, 0, 1<<free)
	for a := p.Addr(); p.Contains(a); a = a.Next() {
		addrs = append(addrs, a)
	}
	if p.Addr().Is4() && free > 1 {
		addrs = addrs[1 : len(addrs)-1]
	}
	return addrs, nil
}

func ofRange(first, last netip.Addr) ([]netip.Addr, error) {
	name := first.String() + "-" + last.String()
	if first.BitLen() != last.BitLen() || first.Zone() != last.Zone() || last.Less(first) {
		return nil, fmt.Errorf("range %s: give the first and the last address of one network, the lower one first", name)
	}
	var addrs []netip.Addr
	for a := first; ; a = a.Next() {
		if len(addrs) == MaxAddrs {
			return nil, tooMany(name)
		}
		addrs = append(addrs, a)
		if a == last {
			return addrs, nil
		}
	}
}

func tooMany(name string) error {
	return fmt.Errorf("%s has more than %d addresses: give a part of it", name, MaxAddrs)
}
