package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/wsimg/wsimg/loadgen/bench"
	"github.com/wsimg/wsimg/loadgen/payload"
	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/target/store"
)

// minTimeBudget is the least there can be measured in.
const minTimeBudget = time.Second

// contradictions returns what can't be asked for together, or at all.
func (f benchFlags) contradictions(cmd *cobra.Command) error {
	given := cmd.Flags().Changed
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	if given("images") && given("sizes") {
		fault("--images and --sizes exclude each other: files have the sizes they have; drop one of the two")
	}
	if given("images") && given("distinct") {
		fault("--images and --distinct exclude each other: every file is sent; drop one of the two")
	}
	if given("url") && given("store") {
		fault("--url and --store exclude each other: --store is for the bundled target, which --url does without; drop one of the two")
	}
	if f.calibrate && f.out == "" {
		fault("--calibrate saves the ceilings with the run: say where with --out FILE; wsimg calibrate prints them")
	}
	if f.calibrate && given("generator-cpus") {
		fault("--calibrate and --generator-cpus exclude each other: ceilings are those of all CPUs; measure them with wsimg calibrate, or drop one of the two")
	}
	if given("url") && f.url == "" {
		fault("--url is empty: give ws://host:port/path or wss://host:port/path")
	}
	if f.clients < 1 {
		fault("--clients %d: give at least 1", f.clients)
	}
	if given("rounds") && f.rounds < 1 {
		fault("--rounds %d: give at least 1, or leave it out", f.rounds)
	}
	for _, ends := range []string{"precision", "time-budget"} {
		if given("rounds") && given(ends) {
			fault("--rounds and --%s exclude each other: the number of rounds is fixed, or follows; drop one of the two", ends)
		}
	}
	if f.timeBudget < minTimeBudget {
		fault("--time-budget %v: give at least %v, such as 50s", f.timeBudget, minTimeBudget)
	}
	if f.distinct < 1 {
		fault("--distinct %d: give at least 1", f.distinct)
	}
	if given("duration") && f.duration <= 0 {
		fault("--duration %v: give a positive duration such as 200ms", f.duration)
	}
	if f.warmup <= 0 {
		fault("--warmup %v: give a positive duration such as 2s", f.warmup)
	}
	loads := f.loads
	if len(loads) == 0 && given("rate") {
		loads = []string{record.Open}
	}
	for _, flag := range []struct{ name, load string }{{"rate", record.Open}, {"arrivals", record.Open}, {"think", record.Closed}, {"precision", record.Closed}} {
		if given(flag.name) && len(loads) > 0 && !slices.Contains(loads, flag.load) {
			fault("--%s is for the %s load, which is not measured: add it to --loads, or drop --%s", flag.name, flag.load, flag.name)
		}
	}
	if slices.Contains(loads, record.Open) && !slices.Contains(loads, record.Closed) && !given("rate") {
		fault("--loads open needs a --rate such as 200/s, or the closed load, half of whose throughput it takes")
	}
	if _, err := store.Parse(f.store); err != nil {
		fault("--store: %w", err)
	}
	return errors.Join(faults...)
}

// settings returns what the flags ask for, images made or read.
func (f benchFlags) settings(ctx context.Context, cmd *cobra.Command) (bench.Settings, error) {
	s := bench.Settings{
		URL:     f.url,
		Clients: f.clients,
		Loads:   f.loads,
		Rounds:  f.rounds,
		Block:   f.duration,
		Warmup:  f.warmup,
		Seed:    f.seed,
		Sender:  f.sender,
		Version: version,
		Bundled: f.url == "",
	}
	if s.Rounds == 0 {
		var err error
		if s.Precision, err = parsePrecision(f.precision); err != nil {
			return s, err
		}
		s.TimeBudget = f.timeBudget
	}
	load, err := f.load.parse(cmd)
	if err != nil {
		return s, err
	}
	s.Rate, s.Arrivals, s.Think = load.Rate, load.Arrivals, load.Think
	s.InFlight, s.Reply, s.Timeout = load.InFlight, load.Reply, load.Timeout
	connect, err := f.connect.parse(cmd)
	if err != nil {
		return s, err
	}
	s.ConnectRate, s.LocalAddrs = connect.Rate, connect.LocalAddrs
	if s.Rate > 0 && len(s.Loads) == 0 {
		s.Loads = []string{record.Open}
	}
	if s.Modes, s.Baseline, err = parseModes(cmd, f.modes, f.baseline); err != nil {
		return s, err
	}
	if s.Rcvbuf, err = parseRcvbuf(f.rcvbuf); err != nil {
		return s, err
	}
	check := s // all but the images, which take a while
	check.Sources = []*payload.Source{nil}
	if check.Bundled {
		check.Store, check.URL = f.store, "ws://127.0.0.1"
		s.Store = f.store
	}
	if err := check.Validate(); err != nil {
		return s, usagef("%w", err)
	}
	if len(f.images) > 0 {
		s.Images = paths(f.images)
		for _, path := range s.Images {
			src, err := payload.Files(ctx, path)
			if err != nil {
				return s, interruptible(ctx, usagef("--images: %w", err))
			}
			s.Sources = append(s.Sources, src)
		}
		return s, nil
	}
	s.Distinct = f.distinct
	for _, size := range f.sizes {
		n, err := payload.ParseSize(size)
		if err != nil {
			return s, usagef("--sizes: %w", err)
		}
		if slices.ContainsFunc(s.Sources, func(o *payload.Source) bool { return o.SizeBytes() == n }) {
			return s, usagef("--sizes: %s is named twice: a size is measured once", size)
		}
		src, err := payload.Synthetic(ctx, n, f.distinct, f.seed)
		if err != nil {
			return s, interruptible(ctx, usagef("--sizes: %w", err))
		}
		s.Sources = append(s.Sources, src)
	}
	if len(s.Sources) == 0 {
		return s, usagef("--sizes is empty: give sizes such as 10KB,100KB,1MB")
	}
	return s, nil
}

// parsePrecision reads the value of --precision, as a share or in per cent.
func parsePrecision(share string) (float64, error) {
	number, inPercent := strings.CutSuffix(share, "%")
	p, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if inPercent {
		p /= 100
	}
	if err != nil || !(p > 0 && p < 1) {
		return 0, usagef("--precision %s: give a share between 0 and 1, such as 3%% or 0.03", share)
	}
	return p, nil
}

// interruptible puts an interruption before the error it caused.
func interruptible(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return &exitError{exitInterrupted, errors.New("interrupted before anything was measured")}
	}
	return err
}

// paths splits a,b into two paths unless a path of that very name exists.
func paths(given []string) []string {
	var all []string
	for _, path := range given {
		if _, err := os.Stat(path); err != nil && strings.Contains(path, ",") {
			all = append(all, strings.Split(path, ",")...)
			continue
		}
		all = append(all, path)
	}
	return all
}
