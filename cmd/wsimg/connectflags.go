package main

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/wsimg/wsimg/loadgen/connect"
	"github.com/wsimg/wsimg/loadgen/schedule"
)

// connectFlags are the flags that say how clients connect, as typed.
type connectFlags struct {
	rate       string
	localAddrs []string
}

// connectAsked is what connectFlags ask for.
type connectAsked struct {
	Rate       float64      // connections begun a second; 0: as the target takes them
	LocalAddrs []netip.Addr // each once, in order; none: the system's choice
}

// register adds the flags to set.
func (f *connectFlags) register(set *pflag.FlagSet) {
	set.StringVar(&f.rate, "connect-rate", "", "begin connections at this `RATE`, such as 500/s (default: as fast as the target takes them without refusing any)")
	set.StringArrayVar(&f.localAddrs, "local-addr", nil, "connect from this `ADDR` of the machine, a range 127.0.0.2-127.0.0.9 or a prefix 127.0.0.0/28 (the first 4,096 of a wider one), in turn; one address has some 28,000 ports to one target; may be repeated")
}

// parse returns what the flags of cmd ask for, or wrong usage that names each
// flag at fault and what it accepts.
func (f connectFlags) parse(cmd *cobra.Command) (connectAsked, error) {
	var asked connectAsked
	var faults []error
	if cmd.Flags().Changed("connect-rate") {
		var err error
		if asked.Rate, err = schedule.ParseRate(f.rate); err != nil {
			faults = append(faults, fmt.Errorf("--connect-rate: %w", err))
		} else if asked.Rate == 0 {
			faults = append(faults, fmt.Errorf("--connect-rate %s: give a rate above 0, such as 500/s", f.rate))
		}
	}
	for _, typed := range f.localAddrs {
		addrs, err := connect.ParseAddrs(typed)
		if err != nil {
			faults = append(faults, fmt.Errorf("--local-addr: %w", err))
		}
		asked.LocalAddrs = append(asked.LocalAddrs, addrs...)
	}
	if len(faults) > 0 {
		return asked, usagef("%w", errors.Join(faults...))
	}
	slices.SortFunc(asked.LocalAddrs, netip.Addr.Compare)
	asked.LocalAddrs = slices.Compact(asked.LocalAddrs)
	return asked, nil
}
