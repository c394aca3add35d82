package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/wsimg/wsimg/loadgen"
	"github.com/wsimg/wsimg/loadgen/payload"
	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/schedule"
)

// loadFlags are the flags that say how images are sent and what is expected
// back, as typed. Which of them go together is each command's own to say.
type loadFlags struct {
	rate, arrivals, reply string
	think, timeout        time.Duration
	inFlight              int
}

// loadAsked is what loadFlags ask for.
type loadAsked struct {
	Rate     float64 // images a second; 0: --rate was not given
	Arrivals string  // schedule.Poisson or Constant
	Think    time.Duration
	InFlight int
	Reply    string // record.Echo or Ack
	Timeout  time.Duration
}

// register adds the flags to set.
func (f *loadFlags) register(set *pflag.FlagSet) {
	set.StringVar(&f.rate, "rate", "", "images a second of all clients together, due whatever the server does: a `RATE` such as 200/s, 12/min or 1.5k/s")
	f.registerRateless(set)
}

// registerRateless adds the flags to set of a command that finds the rate out.
func (f *loadFlags) registerRateless(set *pflag.FlagSet) {
	set.StringVar(&f.arrivals, "arrivals", schedule.Poisson, "how images that are due by rate are spread: poisson, as many independent users send them, or constant")
	set.DurationVar(&f.think, "think", 0, "in a closed loop, from a verified reply to the client's next image")
	set.IntVar(&f.inFlight, "in-flight", 1, "images a client may have unanswered")
	set.StringVar(&f.reply, "reply", record.Echo, "what the server answers an image with: echo (the message as it came) or ack (a short JSON text)")
	set.DurationVar(&f.timeout, "timeout", loadgen.DefaultTimeout, "the longest an image may stay unanswered")
}

// parse returns what the flags of cmd ask for, or wrong usage that names each
// flag at fault and what it accepts.
func (f loadFlags) parse(cmd *cobra.Command) (loadAsked, error) {
	asked := loadAsked{Arrivals: f.arrivals, Think: f.think, InFlight: f.inFlight, Reply: f.reply, Timeout: f.timeout}
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	if cmd.Flags().Changed("rate") {
		var err error
		if asked.Rate, err = schedule.ParseRate(f.rate); err != nil {
			fault("--rate: %w", err)
		} else if asked.Rate == 0 {
			fault("--rate %s: give a rate above 0, such as 200/s", f.rate)
		}
	}
	if err := schedule.ParseArrivals(f.arrivals); err != nil {
		fault("--arrivals: %w", err)
	}
	if f.think < 0 || f.think == 0 && cmd.Flags().Changed("think") {
		fault("--think %v: give a positive duration such as 200ms, or leave it out", f.think)
	}
	if f.inFlight < 1 || f.inFlight > loadgen.MaxInFlight {
		fault("--in-flight %d: give at least 1 and at most %d", f.inFlight, loadgen.MaxInFlight)
	}
	if f.reply != record.Echo && f.reply != record.Ack {
		fault("--reply %q: give %s or %s", f.reply, record.Echo, record.Ack)
	}
	if f.timeout <= 0 {
		fault("--timeout %v: give a positive duration such as 10s", f.timeout)
	}
	if len(faults) > 0 {
		return asked, usagef("%w", errors.Join(faults...))
	}
	return asked, nil
}

// parseRcvbuf reads the value of --rcvbuf, in bytes; empty is the kernel's own.
func parseRcvbuf(size string) (int, error) {
	if size == "" {
		return 0, nil
	}
	n, err := payload.ParseSize(size)
	if err != nil || n > 1<<30 {
		return 0, usagef("--rcvbuf %s: give a size up to 1GiB, such as 256KiB", size)
	}
	return int(n), nil
}
