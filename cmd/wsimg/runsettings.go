package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/wsimg/wsimg/loadgen/payload"
	"github.com/wsimg/wsimg/loadgen/schedule"
	"github.com/wsimg/wsimg/loadgen/steady"
	"github.com/wsimg/wsimg/target/store"
)

// contradictions returns what can't be asked for together, or at all.
func (f runFlags) contradictions(cmd *cobra.Command) error {
	given := cmd.Flags().Changed
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	for _, pair := range []struct{ a, b, why string }{
		{"images", "size", "files have the sizes they have"},
		{"images", "distinct", "every file is sent"},
		{"url", "store", "--store is for the bundled target, which --url does without"},
		{"stages", "rate", "every stage has its own rate"},
		{"stages", "duration", "every stage has its own duration"},
		{"stages", "think", "stages say when images are due, whatever a client does"},
		{"rate", "think", "a rate says when images are due, whatever a client does"},
	} {
		if given(pair.a) && given(pair.b) {
			fault("--%s and --%s exclude each other: %s; drop one of the two", pair.a, pair.b, pair.why)
		}
	}
	if given("arrivals") && !given("rate") && !given("stages") {
		fault("--arrivals spreads images that are due by rate: add --rate or --stages, or drop --arrivals")
	}
	if given("url") && f.url == "" {
		fault("--url is empty: give ws://host:port/path or wss://host:port/path")
	}
	if given("images") && f.images == "" {
		fault("--images is empty: give a file or a folder")
	}
	if f.distinct < 1 {
		fault("--distinct %d: give at least 1", f.distinct)
	}
	if f.duration <= 0 {
		fault("--duration %v: give a positive duration such as 10m", f.duration)
	}
	if _, err := store.Parse(f.store); err != nil {
		fault("--store: %w", err)
	}
	return errors.Join(faults...)
}

// settings returns what the flags ask for, images made or read.
func (f runFlags) settings(ctx context.Context, cmd *cobra.Command) (steady.Settings, error) {
	load, errLoad := f.load.parse(cmd)
	stages, errStages := f.parseStages(cmd)
	length := f.duration
	if len(stages) > 0 {
		length = stages.Length()
	}
	clients, errChurn := f.churn.parse(cmd, length)
	connect, errConnect := f.connect.parse(cmd)
	if err := errors.Join(f.contradictions(cmd), errLoad, errStages, errChurn, errConnect); err != nil {
		return steady.Settings{}, usagef("%w", err)
	}
	s := steady.Settings{
		URL:      f.url,
		Clients:  clients.Clients,
		InFlight: load.InFlight,
		Reply:    load.Reply,
		Timeout:  load.Timeout,
		Sender:   f.sender,
		Version:  version,
		Bundled:  f.url == "",
		Seed:     f.seed,

		ConnectRate: connect.Rate,
		LocalAddrs:  connect.LocalAddrs,
		Ramp:        clients.Ramp,
		Active:      clients.Active,
		Lifetime:    clients.Lifetime,
		Backoff:     clients.Backoff,
		Forsake:     clients.Forsake,
		Storm:       clients.Storm,
		Cuts:        clients.Cuts,
	}
	var err error
	if s.Mode, err = payload.ParseMode(f.mode); err != nil {
		return s, usagef("--mode: %w", err)
	}
	switch {
	case len(stages) > 0:
		s.Load.Plan = stages
	case load.Rate > 0:
		s.Load.Plan = schedule.Steady(load.Rate, f.duration)
	default:
		s.Load.Think, s.Duration = load.Think, f.duration
	}
	if s.Load.Open() {
		s.Load.Arrivals, s.Load.Seed = load.Arrivals, f.seed
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

// parseStages returns the plan that --stages asks for; none when it was not
// given.
func (f runFlags) parseStages(cmd *cobra.Command) (schedule.Plan, error) {
	if !cmd.Flags().Changed("stages") {
		return nil, nil
	}
	plan, err := schedule.ParseStages(f.stages)
	if err != nil {
		return nil, fmt.Errorf("--stages: %w", err)
	}
	return plan, nil
}
