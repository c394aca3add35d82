package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/wsimg/wsimg/loadgen/capacity"
	"github.com/wsimg/wsimg/loadgen/objective"
	"github.com/wsimg/wsimg/loadgen/payload"
	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/schedule"
	"github.com/wsimg/wsimg/target/store"
)

// contradictions returns what can't be asked for together, or at all.
func (f capacityFlags) contradictions(cmd *cobra.Command) error {
	given := cmd.Flags().Changed
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	for _, pair := range []struct{ a, b, why string }{
		{"images", "size", "files have the sizes they have"},
		{"images", "distinct", "every file is sent"},
		{"url", "store", "--store is for the bundled target, which --url does without"},
		{"per-client", "think", "the first says when images are due, whatever a client does"},
		{"think", "arrivals", "clients that think send when they have thought"},
	} {
		if given(pair.a) && given(pair.b) {
			fault("--%s and --%s exclude each other: %s; drop one of the two", pair.a, pair.b, pair.why)
		}
	}
	switch f.find {
	case record.FindRate:
		for _, name := range []string{"per-client", "think"} {
			if given(name) {
				fault("--%s is the pace of clients that are to be found: add --find clients, or drop --%s", name, name)
			}
		}
	case record.FindClients:
		if !given("per-client") && !given("think") {
			fault("--find clients needs their pace: add --per-client such as 1/30s, or --think such as 2s")
		}
		if given("clients") {
			fault("--clients is how many there are, and --find clients finds that out: drop one of the two; --max bounds it")
		}
	default:
		fault("--find %q: give %s or %s", f.find, record.FindRate, record.FindClients)
	}
	if given("url") && f.url == "" {
		fault("--url is empty: give ws://host:port/path or wss://host:port/path")
	}
	if given("images") && f.images == "" {
		fault("--images is empty: give a file or a folder")
	}
	if f.clients < 1 {
		fault("--clients %d: give at least 1", f.clients)
	}
	if f.distinct < 1 {
		fault("--distinct %d: give at least 1", f.distinct)
	}
	if f.timeBudget < minCapacityBudget {
		fault("--time-budget %v: give at least %v, such as 165s", f.timeBudget, minCapacityBudget)
	}
	if _, err := store.Parse(f.store); err != nil {
		fault("--store: %w", err)
	}
	return errors.Join(faults...)
}

// minCapacityBudget is the least that a search can be done in.
const minCapacityBudget = 5 * minTimeBudget

// settings returns what the flags ask for, images made or read.
func (f capacityFlags) settings(ctx context.Context, cmd *cobra.Command) (capacity.Settings, error) {
	s := capacity.Settings{
		URL:        f.url,
		Find:       f.find,
		Clients:    f.clients,
		TimeBudget: f.timeBudget,
		Sender:     f.sender,
		Seed:       f.seed,
		Version:    version,
		Bundled:    f.url == "",
	}
	load, errLoad := f.load.parse(cmd)
	connect, errConnect := f.connect.parse(cmd)
	if err := errors.Join(f.contradictions(cmd), errLoad, errConnect, f.bounds(&s)); err != nil {
		return s, usagef("%w", err)
	}
	s.Think, s.Arrivals, s.InFlight, s.Reply, s.Timeout = load.Think, load.Arrivals, load.InFlight, load.Reply, load.Timeout
	s.ConnectRate, s.LocalAddrs = connect.Rate, connect.LocalAddrs
	var err error
	if s.Precision, err = parsePrecision(f.precision); err != nil {
		return s, err
	}
	if s.Modes, s.Baseline, err = parseModes(cmd, f.modes, f.baseline); err != nil {
		return s, err
	}
	if s.Rcvbuf, err = parseRcvbuf(f.rcvbuf); err != nil {
		return s, err
	}
	check := s // all but the images, which take a while
	check.Source = new(payload.Source)
	if s.Bundled {
		check.URL, s.Store = "ws://127.0.0.1", f.store
	}
	if err := check.Validate(); err != nil {
		return s, usagef("%w", err)
	}
	images := imagesAsked{path: f.images, size: f.size, distinct: f.distinct, seed: f.seed}
	s.Source, s.Images, s.Distinct, err = images.read(ctx)
	return s, err
}

// bounds reads what is to be found, and between which loads.
func (f capacityFlags) bounds(s *capacity.Settings) error {
	var faults []error
	for _, slo := range f.slos {
		o, err := objective.Parse(slo)
		if err != nil {
			faults = append(faults, fmt.Errorf("--slo: %w", err))
			continue
		}
		s.Objectives = append(s.Objectives, o)
	}
	if f.perClient != "" {
		var err error
		if s.PerClient, err = schedule.ParseRate(f.perClient); err != nil {
			faults = append(faults, fmt.Errorf("--per-client: %w", err))
		} else if s.PerClient == 0 {
			faults = append(faults, fmt.Errorf("--per-client %s: give a rate above 0, such as 1/30s", f.perClient))
		}
	}
	for _, of := range []struct {
		flag, typed string
		into        *float64
	}{{"min", f.least, &s.Least}, {"max", f.most, &s.Most}} {
		if of.typed == "" {
			continue
		}
		n, err := f.parseLoad(of.typed)
		if err != nil {
			faults = append(faults, fmt.Errorf("--%s: %w", of.flag, err))
		}
		*of.into = n
	}
	if s.Most > 0 && s.Least > s.Most {
		faults = append(faults, fmt.Errorf("--min %s is above --max %s: give the lower first", f.least, f.most))
	}
	return errors.Join(faults...)
}

// parseLoad reads a load of the kind that is to be found.
func (f capacityFlags) parseLoad(text string) (float64, error) {
	if f.find != record.FindClients {
		rate, err := schedule.ParseRate(text)
		if err == nil && rate == 0 {
			err = fmt.Errorf("%s: give a rate above 0", text)
		}
		return rate, err
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return 0, fmt.Errorf("%q: give a number of clients, at least 1", text)
	}
	return float64(n), nil
}
