package main

import (
	"net/netip"
	"slices"
	"testing"

	"github.com/spf13/cobra"

	"github.com/wsimg/wsimg/loadgen/bench"
	"github.com/wsimg/wsimg/loadgen/payload"
)

func TestLocalAddressesAreTakenOnce(t *testing.T) {
	cmd, f := new(cobra.Command), connectFlags{}
	f.register(cmd.Flags())
	if err := cmd.ParseFlags([]string{"--local-addr", "127.0.0.3", "--local-addr", "127.0.0.2-127.0.0.4", "--local-addr", "::1"}); err != nil {
		t.Fatal(err)
	}
	asked, err := f.parse(cmd)
	want := []netip.Addr{netip.MustParseAddr("127.0.0.2"), netip.MustParseAddr("127.0.0.3"), netip.MustParseAddr("127.0.0.4"), netip.IPv6Loopback()}
	if err != nil || !slices.Equal(asked.LocalAddrs, want) {
		t.Errorf("got %v, %v, want %v", asked.LocalAddrs, err, want)
	}
}

// TestBundledTargetIsToldOfEveryConnection: of fewer it might refuse some, and
// of many more it would keep fewer files open than it may.
func TestBundledTargetIsToldOfEveryConnection(t *testing.T) {
	for _, tt := range []struct {
		modes []string
		want  int
	}{
		{[]string{"text", "binary"}, 2 * (100 + 1)},
		{[]string{"text", "text+deflate"}, 2 * 2 * (100 + 1)},
		{[]string{"binary", "binary"}, 2 * 2 * (100 + 1)},
	} {
		modes, err := payload.ParseModes(tt.modes)
		if err != nil {
			t.Fatal(err)
		}
		s := bench.Settings{Sources: make([]*payload.Source, 2), Modes: modes, Clients: 100}
		if got := connections(s); got != tt.want {
			t.Errorf("%q of two sizes: got %d connections, want %d", tt.modes, got, tt.want)
		}
	}
}
