package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/wsimg/wsimg/loadgen/payload"
	"github.com/wsimg/wsimg/loadgen/schedule"
	"github.com/wsimg/wsimg/reports/plan"
)

// planFlags are the flags of wsimg plan, as typed.
type planFlags struct {
	users, imagesPerUser, size, reply, connected, peak string
	headroom, spare, nic, mtu, retention, price        string
	perServer                                          string
	whatIf                                             []string
	format                                             string
	acceptShared                                       bool
}

// register adds the flags to cmd, in groups.
func (f *planFlags) register(cmd *cobra.Command) {
	users := newFlagGroup("The users")
	users.set.StringVar(&f.users, "users", "", "how many `people` the fleet is for")
	users.set.StringVar(&f.imagesPerUser, "images-per-user", "", "the mean `RATE` of one: per s, min, h or d, such as 12/h")
	users.set.StringVar(&f.connected, "connected", "100%", "the `share` of them who hold a connection at peak")
	users.set.StringVar(&f.peak, "peak", "3", "how many `times` the mean rate the peak is")
	users.set.StringVar(&f.size, "size", "", "`size` of an image in raw bytes, among those measured or between (default: the one measured)")
	users.set.StringVar(&f.reply, "reply", "", "what they get back: echo or ack (default: as measured)")

	fleet := newFlagGroup("The fleet")
	fleet.set.StringVar(&f.headroom, "headroom", "30%", "the `share` of a server, and of its network card, that stays free at peak")
	fleet.set.StringVar(&f.spare, "spare", "1", "`servers` beyond those that are needed")
	fleet.set.StringVar(&f.perServer, "connections-per-server", "0", "the most `connections` a server may hold, whatever the headroom; 0: connections do not bound the servers")
	fleet.set.StringVar(&f.nic, "nic", "10Gbit", "`speed` of a server's network card, each way")
	fleet.set.StringVar(&f.mtu, "mtu", "1500", "the most `bytes` of an IP packet")
	fleet.set.StringVar(&f.retention, "retention", "30d", "the `time` that images are kept: h, d or w")
	fleet.set.StringVar(&f.price, "egress-price", "", "`price` of traffic to users, such as 0.08/GB; the currency is yours")

	result := newFlagGroup("The result")
	result.set.StringArrayVar(&f.whatIf, "what-if", nil, "a table for `NAME=VALUES` such as users=10000,50000,250000; may be given again, also for "+strings.Join(plan.Variables()[1:], ", "))
	result.set.BoolVar(&f.acceptShared, "accept-shared", false, "plan from runs that are shared or void all the same, and say so")
	result.set.StringVar(&f.format, "format", "table", "how to print the plan: "+formatsOfPlan())
	result.set.BoolP("help", "h", false, "this text")

	group(cmd, users, fleet, result)
}

// number parses what is typed for a flag.
type number func(string) (float64, error)

// planNumber returns the parser of a flag of plan that holds a number; nil for
// any other.
func planNumber(flag string) number {
	switch flag {
	case "users":
		return plain("give how many people the fleet is for, such as 50000")
	case "images-per-user":
		return schedule.ParseRate
	case "connected", "headroom":
		return plan.ParseShare
	case "peak":
		return plain("give how many times the mean rate the peak is, such as 3")
	case "size":
		return func(s string) (float64, error) {
			n, err := payload.ParseSize(s)
			return float64(n), err
		}
	case "spare":
		return plain("give a number of servers, such as 1")
	case "connections-per-server":
		return plain("give the most connections that a server may hold, such as 20000, or 0 for no bound")
	case "nic":
		return plan.ParseBitRate
	case "mtu":
		return plain("give a number of bytes, such as 1500")
	case "retention":
		return plan.ParseDays
	case "egress-price":
		return plan.ParsePrice
	}
	return nil
}

// plain reads a number without a unit.
func plain(otherwise string) number {
	return func(s string) (float64, error) {
		x, err := strconv.ParseFloat(s, 64)
		if err != nil {
			return 0, fmt.Errorf("%q: %s", s, otherwise)
		}
		return x, nil
	}
}

// input returns what the flags ask for, or all that is wrong with them.
func (f planFlags) input(cmd *cobra.Command) (plan.Input, error) {
	in := plan.Input{Reply: f.reply, AcceptShared: f.acceptShared}
	var faults []error
	read := func(flag, typed string) plan.Setting {
		if !cmd.Flags().Changed(flag) {
			return plan.Setting{}
		}
		x, err := planNumber(flag)(typed)
		if err != nil {
			faults = append(faults, fmt.Errorf("--%s: %w", flag, err))
		}
		return plan.Set(x)
	}
	for _, needed := range []string{"users", "images-per-user"} {
		if !cmd.Flags().Changed(needed) {
			faults = append(faults, fmt.Errorf("--%s is missing: a plan takes --users and --images-per-user, such as --users 50000 --images-per-user 12/h", needed))
		}
	}
	in.Users = read("users", f.users).Value
	in.ImagesPerUser = read("images-per-user", f.imagesPerUser).Value
	in.SizeBytes = int64(read("size", f.size).Value)
	in.Connected, in.Peak = read("connected", f.connected), read("peak", f.peak)
	in.Headroom, in.Spare = read("headroom", f.headroom), read("spare", f.spare)
	in.ConnectionsPerServer = read("connections-per-server", f.perServer)
	in.NICBitPerS, in.MTU = read("nic", f.nic), read("mtu", f.mtu)
	in.RetentionDays, in.PricePerGB = read("retention", f.retention), read("egress-price", f.price)
	for _, asked := range f.whatIf {
		v, err := parseVariation(asked)
		faults = append(faults, err)
		in.WhatIf = append(in.WhatIf, v)
	}
	err := errors.Join(faults...)
	if err == nil {
		err = in.Validate()
	}
	if err != nil {
		return in, usagef("%w", err)
	}
	return in, nil
}

// parseVariation reads NAME=VALUE,VALUE: a flag, and what may be typed for it.
func parseVariation(s string) (plan.Variation, error) {
	name, values, ok := strings.Cut(s, "=")
	parse := planNumber(name)
	if !ok || values == "" || parse == nil {
		return plan.Variation{}, fmt.Errorf("--what-if %q: give a name and values, such as users=10000,50000; names are %s", s, strings.Join(plan.Variables(), ", "))
	}
	v := plan.Variation{Name: name}
	for value := range strings.SplitSeq(values, ",") {
		x, err := parse(value)
		if err != nil {
			return v, fmt.Errorf("--what-if %s: %w", name, err)
		}
		v.Values = append(v.Values, x)
	}
	return v, nil
}
