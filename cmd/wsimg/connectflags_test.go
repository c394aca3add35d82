package main

import (
	"net/netip"
	"slices"
	"testing"

	"github.com/spf13/cobra"
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
