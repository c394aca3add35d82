package connect

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestAddressesAreRead(t *testing.T) {
	for _, tt := range []struct {
		in   string
		want []netip.Addr
	}{
		{"127.0.0.2", addrsOf("127.0.0.2")},
		{"::1", addrsOf("::1")},
		{"::ffff:127.0.0.2", addrsOf("127.0.0.2")},
		{"fe80::1%br-lan", addrsOf("fe80::1%br-lan")},
		{"127.0.0.2-127.0.0.4", addrsOf("127.0.0.2", "127.0.0.3", "127.0.0.4")},
		{"10.0.0.255-10.0.1.0", addrsOf("10.0.0.255", "10.0.1.0")},
		{"127.0.0.2-127.0.0.2", addrsOf("127.0.0.2")},
		{"255.255.255.254-255.255.255.255", addrsOf("255.255.255.254", "255.255.255.255")},
		{"2001:db8::fe-2001:db8::ff", addrsOf("2001:db8::fe", "2001:db8::ff")},
		{"127.0.0.0/30", addrsOf("127.0.0.1", "127.0.0.2")},
		{"127.0.0.9/30", addrsOf("127.0.0.9", "127.0.0.10")},
		{"127.0.0.2/31", addrsOf("127.0.0.2", "127.0.0.3")},
		{"127.0.0.2/32", addrsOf("127.0.0.2")},
		{"255.255.255.252/30", addrsOf("255.255.255.253", "255.255.255.254")},
		{"2001:db8::/126", addrsOf("2001:db8::", "2001:db8::1", "2001:db8::2", "2001:db8::3")},
		{"fe80::1%a-fe80::2%a", addrsOf("fe80::1%a", "fe80::2%a")},
		{"2001:db8::/127", addrsOf("2001:db8::", "2001:db8::1")},
	} {
		if got, err := ParseAddrs(tt.in); err != nil || !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %v, %v, want %v", tt.in, got, err, tt.want)
		}
	}
}

func TestAddressesThatCantBeRead(t *testing.T) {
	for in, want := range map[string]string{
		"":                    "is no address: give one such as",
		"localhost":           "is no address",
		"127.0.0.1:80":        "is no address",
		"127.0.0.1-":          "is no address",
		"127.0.0.1-9":         "is no address",
		"127.0.0.9-127.0.0.2": "the lower one first",
		"127.0.0.1-::1":       "of one network",
		"fe80::1%a-fe80::2%b": "of one network",
		"127.0.0.0/33":        "is no address",
		"10.0.0.0-10.0.16.0":  "more than 4096 addresses: give a part of it",
		"127.0.0.0/2":         "127.0.0.0/2 is wider than any network: give a prefix of /8 or longer",
		"0.0.0.0/0":           "wider than any network",
		"::/0":                "wider than any network",
		"::-ffff::":           "more than 4096 addresses",
	} {
		if got, err := ParseAddrs(in); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, %v, want an error that says %q", in, got, err, want)
		}
	}
}

// TestWidePrefixGivesItsFirstAddresses: 127.0.0.0/8 is what one types who has
// read that all of it is this machine's.
func TestWidePrefixGivesItsFirstAddresses(t *testing.T) {
	for _, tt := range []struct{ in, first, last string }{
		{"127.0.0.0/8", "127.0.0.1", "127.0.16.0"},
		{"127.0.0.1/8", "127.0.0.1", "127.0.16.0"},
		{"10.0.0.0/19", "10.0.0.1", "10.0.16.0"},
		{"2001:db8::/64", "2001:db8::", "2001:db8::fff"},
	} {
		got, err := ParseAddrs(tt.in)
		if err != nil || len(got) != MaxAddrs || got[0].String() != tt.first || got[len(got)-1].String() != tt.last {
			t.Errorf("%s: got %d addresses %.80v…, %v, want the %d from %s to %s", tt.in, len(got), got, err, MaxAddrs, tt.first, tt.last)
		}
	}
}

// TestAnyAddresses holds what is read to its bounds: addresses that follow one
// another, from the first to the last that was given.
func TestAnyAddresses(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		first := netip.AddrFrom4([4]byte(rapid.SliceOfN(rapid.Byte(), 4, 4).Draw(t, "first")))
		n := rapid.IntRange(1, MaxAddrs).Draw(t, "n")
		last := first
		for range n - 1 {
			if !last.Next().IsValid() {
				break
			}
			last = last.Next()
		}
		got, err := ParseAddrs(first.String() + "-" + last.String())
		if err != nil || got[0] != first || got[len(got)-1] != last || len(got) > n {
			t.Fatalf("%v-%v: got %d addresses, %v", first, last, len(got), err)
		}
		for i := range got[1:] {
			if got[i+1] != got[i].Next() {
				t.Fatalf("%v follows %v", got[i+1], got[i])
			}
		}
		p := netip.PrefixFrom(first, rapid.IntRange(20, 32).Draw(t, "bits"))
		got, err = ParseAddrs(p.String())
		want := 1 << (32 - p.Bits())
		if want > 2 {
			want -= 2
		}
		if err != nil || len(got) != want || slices.ContainsFunc(got, func(a netip.Addr) bool { return !p.Contains(a) }) {
			t.Fatalf("%v: got %d addresses, %v, want %d within", p, len(got), err, want)
		}
	})
}
