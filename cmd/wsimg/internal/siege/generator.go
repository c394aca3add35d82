package siege

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/wsimg/wsimg/loadgen"
	"github.com/wsimg/wsimg/loadgen/payload"
	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/schedule"
)

// generatorVariable holds the crew of the generator that a test binary is to be
// when it is started again.
const generatorVariable = "WSIMG_SIEGE_GENERATOR"

const (
	// connectPatience is how long a crew may take to connect.
	connectPatience = 2 * time.Minute
	// drainPatience is how long a stint may take beyond its length.
	drainPatience = time.Minute
)

// crew is the clients of a generator. They send images as binary.
type crew struct {
	URL        string
	Clients    int
	ImageBytes int64
	Storm      bool // they all dial at the same instant
}

// generator is a load generator in a process of its own, with nothing else in
// it: it connects a fleet, drives it, and lets itself be examined.
type generator struct{ *process }

// errand is something a generator is asked for: what is set.
type errand struct {
	Connect bool    `json:",omitempty"`
	Drive   *stint  `json:",omitempty"`
	Examine *string `json:",omitempty"` // a file for a heap profile; empty: none
}

// stint is an open loop for a while.
type stint struct {
	Rate     float64 // images a second, of all clients together
	Length   time.Duration
	Arrivals string
	Seed     uint64
	Cuts     []time.Duration // after which all connections are cut at once
}

// answer is what comes of an errand.
type answer struct {
	Error      string // why nothing did
	Connecting record.Connections
	Sample     record.Sample
	Examples   map[string]record.Example
	Anatomy    anatomy
}

// start starts a generator, whose clients are not connected yet. It ends when it
// is dismissed, and also when this process does.
func (c crew) start(ctx context.Context) (*generator, error) {
	var ready bool
	p, err := restart(ctx, generatorVariable, c, &ready)
	if err != nil {
		return nil, fmt.Errorf("start a generator: %w", err)
	}
	return &generator{p}, nil
}

// connect connects all clients, and tells how that went.
func (g *generator) connect() (record.Connections, error) {
	a, err := g.run(errand{Connect: true})
	if err != nil {
		return a.Connecting, fmt.Errorf("connect: %w", err)
	}
	return a.Connecting, nil
}

// drive has the clients send. The examples are of failures.
func (g *generator) drive(s stint) (record.Sample, map[string]record.Example, error) {
	a, err := g.run(errand{Drive: &s})
	if err != nil {
		return a.Sample, a.Examples, fmt.Errorf("drive: %w", err)
	}
	return a.Sample, a.Examples, nil
}

// examine has the generator collect its garbage and say where its memory is.
// Unless it is empty, a heap profile goes to that file.
func (g *generator) examine(profile string) (anatomy, error) {
	a, err := g.run(errand{Examine: &profile})
	if err != nil {
		return a.Anatomy, fmt.Errorf("examine: %w", err)
	}
	return a.Anatomy, nil
}

// dismiss ends the generator and returns the failures, by kind, that came between
// the stints.
func (g *generator) dismiss() (map[string]uint64, error) {
	var failures map[string]uint64
	if err := g.end(&failures); err != nil {
		return failures, fmt.Errorf("dismiss a generator: %w", err)
	}
	return failures, nil
}

func (g *generator) run(e errand) (a answer, err error) {
	if err := json.NewEncoder(g.stdin).Encode(e); err != nil {
		return a, err
	}
	if err := g.said.Decode(&a); err != nil {
		return a, err
	}
	if a.Error != "" {
		return a, errors.New(a.Error)
	}
	return a, nil
}

// beGenerator is what such a process does. On stdin are its errands.
func beGenerator(order string, stdin io.Reader, stdout io.Writer) error {
	var c crew
	if err := json.Unmarshal([]byte(order), &c); err != nil {
		return err
	}
	ctx, stop := context.WithTimeout(context.Background(), life)
	defer stop()
	source, err := payload.Synthetic(ctx, c.ImageBytes, payload.DefaultDistinct, 1)
	if err != nil {
		return err
	}
	say := json.NewEncoder(stdout)
	if err := say.Encode(true); err != nil {
		return err
	}
	errands := make(chan errand)
	go func() {
		defer stop() // in the middle of an errand, too
		for in := json.NewDecoder(stdin); ; {
			var e errand
			if in.Decode(&e) != nil {
				return
			}
			select {
			case errands <- e:
			case <-ctx.Done():
				return
			}
		}
	}()
	g := working{crew: c, source: source}
	for {
		select {
		case e := <-errands:
			a, err := g.do(ctx, e)
			if err != nil {
				a.Error = err.Error()
			}
			if err := say.Encode(a); err != nil {
				return err
			}
		case <-ctx.Done():
			return say.Encode(g.close())
		}
	}
}

// working is a generator, seen from within.
type working struct {
	crew    crew
	source  *payload.Source
	traffic *loadgen.Traffic
	fleet   *loadgen.Fleet // nil: not connected yet
}

func (g *working) do(ctx context.Context, e errand) (a answer, err error) {
	switch {
	case e.Connect:
		a.Connecting, err = g.connect(ctx)
	case e.Drive != nil:
		a.Sample, a.Examples, err = g.drive(ctx, *e.Drive)
	case e.Examine != nil:
		a.Anatomy, err = examined(*e.Examine)
	}
	return a, err
}

func (g *working) connect(ctx context.Context) (came record.Connections, err error) {
	ctx, cancel := context.WithTimeout(ctx, connectPatience)
	defer cancel()
	g.traffic, err = loadgen.NewTraffic(g.source, payload.Mode{Kind: payload.Binary}, loadgen.Live, record.Echo, g.crew.Clients)
	if err != nil {
		return came, err
	}
	g.fleet, err = loadgen.New(loadgen.Settings{URL: g.crew.URL, Clients: g.crew.Clients, Storm: g.crew.Storm})
	if err != nil {
		return came, err
	}
	grown := g.fleet.Grow(ctx, g.crew.Clients)
	came, err = g.fleet.Connecting()
	return came, errors.Join(grown, err)
}

func (g *working) drive(ctx context.Context, s stint) (record.Sample, map[string]record.Example, error) {
	if g.fleet == nil {
		return record.Sample{}, nil, errors.New("nobody is connected")
	}
	ctx, cancel := context.WithTimeout(ctx, s.Length+drainPatience)
	defer cancel()
	return g.fleet.Run(ctx, loadgen.Block{
		Traffic: g.traffic,
		Load:    loadgen.Load{Plan: schedule.Steady(s.Rate, s.Length), Arrivals: s.Arrivals, Seed: s.Seed},
		Cuts:    s.Cuts,
		Watch:   func(*record.Point) {}, // as a run of wsimg is watched
		Every:   time.Second,
	})
}

func (g *working) close() map[string]uint64 {
	if g.fleet == nil {
		return nil
	}
	failures, _ := g.fleet.Close()
	return failures
}
