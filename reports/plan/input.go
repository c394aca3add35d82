package plan

import (
	"errors"
	"fmt"
	"math"

	"github.com/wsimg/wsimg/loadgen/record"
)

// Input is what a plan is asked for. Users and ImagesPerUser have no default.
// Its errors name its fields as the flags of wsimg plan.
type Input struct {
	Users         float64 // people the fleet is for
	ImagesPerUser float64 // images/s of one, the mean over a day
	SizeBytes     int64   // of an image, raw; 0: the one size that was measured
	Reply         string  // record.Echo or Ack; empty: as measured

	Connected Setting // share of the users who hold a connection at peak, above 0 to 1
	Peak      Setting // peak ÷ mean rate, at least 1
	Headroom  Setting // share of capacity kept free at peak, 0 to below 1
	Spare     Setting // servers beyond those needed

	// ConnectionsPerServer is the most that one holds, whatever the headroom; not
	// given, or 0: connections bound nothing.
	ConnectionsPerServer Setting

	NICBitPerS    Setting // of a server's network card, each way
	MTU           Setting // bytes of an IP packet
	RetentionDays Setting // how long images are kept
	// PricePerGB is the price of 10^9 bytes of egress; not given: no row for it.
	PricePerGB Setting

	WhatIf []Variation // more plans, each with one number changed

	AcceptShared bool // plan from runs that are not valid, and say so

	Names []string // what errors call the runs, such as their files; none: by number
}

// name is what an error calls a run, by its index.
func (in Input) name(run int) string {
	if run < len(in.Names) {
		return in.Names[run]
	}
	return fmt.Sprintf("run %d", run+1)
}

// The least and the most that an IP packet can be asked to have: what every
// host must take (RFC 791, section 3.1), and what its length can say.
const (
	leastMTU = 576
	mostMTU  = 65535
)

// most bounds the numbers of an Input: more is a slip of the pen, and figures
// stay far from where floating point ends.
const most = 1e12

// Validate returns all that is wrong with in.
func (in Input) Validate() error {
	own := in.own()
	faults := []error{own}
	for _, v := range in.WhatIf {
		faults = append(faults, v.check(in, own == nil))
	}
	return errors.Join(faults...)
}

// own returns what is wrong with in itself, its variations apart.
func (in Input) own() error {
	var faults []error
	fault := func(bad bool, format string, args ...any) {
		if bad {
			faults = append(faults, fmt.Errorf(format, args...))
		}
	}
	between := func(x, low, high float64) bool { return x >= low && x <= high } // false for NaN
	fault(!between(in.Users, 1, most) || in.Users != math.Trunc(in.Users), "--users %g: give how many people the fleet is for, such as 50000", in.Users)
	fault(!(in.ImagesPerUser > 0 && in.ImagesPerUser <= most), "--images-per-user %g/s: give the mean rate of one user, such as 12/h", in.ImagesPerUser)
	fault(in.SizeBytes < 0, "--size %d: give the size of an image, such as 100KB", in.SizeBytes)
	fault(in.Reply != "" && in.Reply != record.Echo && in.Reply != record.Ack, "--reply %q: give %s or %s", in.Reply, record.Echo, record.Ack)
	share := in.Connected.or(DefaultConnected)
	fault(!(share > 0 && share <= 1), "--connected %g: give a share above 0 and at most 1, such as 40%%", share)
	fault(!between(in.Peak.or(DefaultPeak), 1, most), "--peak %g: give how many times the mean rate the peak is, at least 1", in.Peak.Value)
	free := in.Headroom.or(DefaultHeadroom)
	fault(!(free >= 0 && free < 1), "--headroom %g: give the share of a server that stays free, from 0 to below 1, such as 30%%", free)
	spare := in.Spare.or(DefaultSpare)
	fault(!between(spare, 0, most) || spare != math.Trunc(spare), "--spare %g: give a whole number of servers, 0 for none", spare)
	each := in.ConnectionsPerServer.Value
	fault(!between(each, 0, most) || each != math.Trunc(each), "--connections-per-server %g: give a whole number, 0 for no bound", each)
	fault(!between(in.NICBitPerS.or(DefaultNICBitPerS), 1, 1e18), "--nic %gbit: give the speed of a network card, such as 10Gbit", in.NICBitPerS.Value)
	mtu := in.MTU.or(DefaultMTU)
	fault(!between(mtu, leastMTU, mostMTU) || mtu != math.Trunc(mtu), "--mtu %g: give a whole number from %d to %d", mtu, leastMTU, mostMTU)
	days := in.RetentionDays.or(DefaultRetentionDays)
	fault(!(days > 0 && days <= most), "--retention %gd: give how long images are kept, such as 30d", days)
	fault(!between(in.PricePerGB.or(0), 0, most), "--egress-price %g/GB: give the price of a volume, such as 0.08/GB", in.PricePerGB.Value)
	return errors.Join(faults...)
}
