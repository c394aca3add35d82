package render

import (
	"slices"

	"github.com/wsimg/wsimg/reports"
	"github.com/wsimg/wsimg/reports/plan"
)

// planInputs writes what was given and what was assumed in its stead.
func planInputs(p *plan.Plan) (given, assumed []string) {
	in := p.Input
	say := func(name, text string) {
		switch {
		case slices.Contains(in.Defaults, name):
			assumed = append(assumed, text)
		case !slices.Contains(in.AsMeasured, name):
			given = append(given, text)
		}
	}
	users := " users"
	if in.Users == 1 {
		users = " user"
	}
	say("users", variedValue("users", in.Users)+users)
	say("images-per-user", variedValue("images-per-user", in.ImagesPerUser)+" images each")
	say("connected", variedValue("connected", in.Connected)+" connected")
	say("peak", "peak "+variedValue("peak", in.Peak)+" the mean")
	say("headroom", "headroom "+variedValue("headroom", in.Headroom))
	say("spare", reports.FormatCount(uint64(in.Spare))+" spare")
	say("size", "images of "+reports.FormatSize(in.SizeBytes))
	say("reply", "reply "+in.Reply)
	if in.ConnectionsPerServer > 0 {
		given = append(given, "at most "+reports.FormatCount(uint64(in.ConnectionsPerServer))+" connections a server")
	}
	say("nic", bitRate(in.NICBitPerS)+" a server")
	say("mtu", "MTU "+reports.FormatCount(uint64(in.MTU)))
	say("retention", "kept for "+trimmed(in.RetentionDays)+" days")
	if in.Price != nil {
		say("egress-price", trimmed(*in.Price)+" for a GB of egress")
	}
	return given, assumed
}

// variedValue writes a value of one of plan's variables.
func variedValue(name string, x float64) string {
	switch name {
	case "images-per-user":
		return userRate(x)
	case "connected", "headroom":
		return trimmed(100*x) + " %"
	case "peak":
		return trimmed(x) + " ×"
	case "size":
		return reports.FormatSize(int64(x))
	}
	return reports.FormatCount(uint64(x))
}

// userRate writes a rate in the unit in which it is at least one.
func userRate(perS float64) string {
	const hair = 1e-9
	for _, u := range []struct {
		seconds float64
		name    string
	}{{1, "/s"}, {60, "/min"}, {3600, "/h"}} {
		if perS*u.seconds >= 1-hair {
			return trimmed(perS*u.seconds) + u.name
		}
	}
	return trimmed(perS*86400) + "/d"
}

// bitRate writes the speed of a link.
func bitRate(perS float64) string {
	unit := "bit/s"
	for _, u := range []string{"kbit/s", "Mbit/s", "Gbit/s", "Tbit/s"} {
		if perS < 999.5 {
			break
		}
		perS, unit = perS/1000, u
	}
	return trimmed(perS) + " " + unit
}
