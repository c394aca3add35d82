// Package specimen makes records for the tests of reports and of their
// writers: plausible runs, the same every time, without a socket or a clock.
package specimen

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/wsimg/wsimg/loadgen/record"
)

// Plan is what a specimen is made from; Full and its kin are the usual ones.
type Plan struct {
	Sizes       []int64
	Modes       []string // the first is the baseline
	Rounds      int
	OpenRounds  int // of latency at equal load; 0 for none
	SideChannel bool
	Shared      bool
	// Noise is the relative spread of one block, beside what a round shares.
	Noise float64
	Seed  uint64
}

// Default is a run of `wsimg bench` without flags.
func Default() Plan {
	return Plan{
		Sizes:  []int64{10_000, 100_000, 1_000_000},
		Modes:  []string{"binary", "text"},
		Rounds: 12, OpenRounds: 2, SideChannel: true, Shared: true, Noise: 0.015, Seed: 42,
	}
}

// Full is what the default run records.
func Full() *record.Run { return Default().Run() }

// AgainstItself compares binary with itself.
func AgainstItself() *record.Run {
	p := Default()
	p.Modes, p.OpenRounds = []string{"binary", "binary#2"}, 0
	return p.Run()
}

// Compressed compares a compressed mode too, at one size.
func Compressed() *record.Run {
	p := Default()
	p.Sizes, p.Modes, p.Rounds, p.OpenRounds = p.Sizes[1:2], []string{"binary", "text", "text+deflate"}, 6, 0
	return p.Run()
}

// Elsewhere is a run against somebody else's server on another machine: no
// side channel, not shared.
func Elsewhere() *record.Run {
	p := Default()
	p.SideChannel, p.Shared = false, false
	p.Sizes = p.Sizes[1:2]
	r := p.Run()
	r.Environment.Cores, r.Environment.GOMAXPROCS = 16, 16
	r.Environment.Container = &record.Container{CPUs: 4, MemoryBytes: 4 << 30}
	r.Environment.Network = &record.Network{Interface: "eth0", MTU: 1500}
	r.Settings.URL, r.Settings.Bundled, r.Settings.Store = "wss://images.example.com/echo", false, ""
	return r
}

// Broken is a run whose target died: few rounds, failures of several kinds, a
// cell that never ran.
func Broken() *record.Run {
	p := Default()
	p.Rounds = 4
	r := p.Run()
	r.Ended, r.Incomplete = "", "the target ended unexpectedly (signal: killed) in round 5"
	last := Cell(r, 1_000_000, "text", record.Single)
	last.Samples, last.Failed = nil, "dial ws://127.0.0.1:41877: connection refused"
	text := Cell(r, 10_000, "text", record.Closed)
	text.Samples[1].Errors = map[string]uint64{"flipped": 2, "timeout": 1}
	text.Samples[3].Errors = map[string]uint64{"flipped": 1}
	text.WarmupErrors = map[string]uint64{"late": 1}
	text.Examples = map[string]record.Example{
		"flipped": {Client: 3, Round: 1, Detail: "byte 512 of 13336 is 0x41, want 0x42"},
		"late":    {Client: 0, Round: -1, Detail: "the reply came 1.2 s after its image was given up"},
		"timeout": {Client: 7, Round: 1, Detail: "no reply within 5 s"},
	}
	r.Audit = &record.Audit{
		Verified: 241_377, Unsettled: 19,
		Fault: "the target's book could not be read after the run (connection refused): see whether the target still runs, and measure again",
	}
	return r
}

// Run makes the record.
func (p Plan) Run() *record.Run {
	draw := rand.New(rand.NewPCG(p.Seed, 1))
	r := &record.Run{
		Schema:  record.Schema,
		Started: time.Date(2026, 3, 14, 9, 26, 53, 0, time.UTC),
		Seconds: 48.2,
		Environment: record.Environment{
			Wsimg: "v0.1.0", Go: "go1.26.0", OS: "linux", Arch: "amd64", Kernel: "6.8.0-45-generic",
			CPU: "AMD EPYC 7763 64-Core Processor", Cores: 2, GOMAXPROCS: 2,
			MemoryBytes: 8_330_000_000, Virtualization: "kvm", OpenFiles: 20_000, Shared: p.Shared,
			Governor: "performance", Network: &record.Network{Interface: "lo", Loopback: true, MTU: 65536},
		},
		Ended: record.EndedTime,
		Settings: record.Settings{
			Command: "bench", URL: "ws://127.0.0.1:41877", Bundled: true, SizesBytes: p.Sizes,
			Modes: p.Modes, Baseline: p.Modes[0], Clients: 16, WarmupSeconds: 2, TimeoutSeconds: 5,
			Distinct: 64, Seed: p.Seed, Store: "latest", Sender: "live", InFlight: 1, Reply: record.Echo,
			Precision: 0.03, TimeBudgetSeconds: 50,
		},
	}
	if p.SideChannel {
		r.Environment.Target = &record.Target{Wsimg: "v0.1.0", Go: "go1.26.0", Store: "latest", Codec: "simd"}
	}
	for _, size := range p.Sizes {
		for _, load := range []string{record.Closed, record.Single} {
			r.Cells = append(r.Cells, p.cells(draw, size, load)...)
		}
	}
	if p.OpenRounds > 0 {
		r.Settings.Arrivals = record.Poisson
		p.addOpen(r)
	}
	return r
}

// cells makes the cells of one size and load, whose rounds share their noise.
func (p Plan) cells(draw *rand.Rand, size int64, load string) []record.Cell {
	clients := 16
	if load == record.Single {
		clients = 1
	}
	cells := make([]record.Cell, len(p.Modes))
	for i, mode := range p.Modes {
		cells[i] = record.Cell{
			SizeBytes: size, Source: "synthetic", Distinct: int(min(64, 32_000_000/size)),
			Mode: mode, Load: load, Clients: clients,
		}
	}
	for round := range p.Rounds {
		shared := math.Exp(0.1 * draw.NormFloat64())
		for i := range cells {
			noise := shared * math.Exp(p.Noise*draw.NormFloat64())
			s := p.sample(draw, &cells[i], noise)
			s.Round, s.Order = round, (i+round)%len(cells)
			cells[i].Samples = append(cells[i].Samples, s)
		}
	}
	return cells
}

// sample makes one block of c; slow is how much longer everything takes.
func (p Plan) sample(draw *rand.Rand, c *record.Cell, slow float64) record.Sample {
	const window, ends = 0.1, 1.08 // seconds; a block's images over the window's
	wire := float64(c.SizeBytes) + 8
	work := 14e3 + 0.36*wire // nanoseconds of CPU an image, both ends
	if isText(c.Mode) {
		wire = float64((c.SizeBytes+2)/3*4) + 8
		work = 14e3 + 0.36*wire + 0.12*float64(c.SizeBytes)
	}
	if isDeflated(c.Mode) {
		work += 34 * float64(c.SizeBytes)
	}
	work *= slow
	cores := 2.0
	if c.Load == record.Single {
		cores = 0.9
	}
	images := math.Floor(window * 1e9 / work * cores)
	block := math.Floor(images * ends)
	cpu := int64(block * work * 0.45)
	s := record.Sample{
		Seconds: window,
		Images:  uint64(images), Credit: images + draw.Float64(), CreditBytes: images * float64(c.SizeBytes),
		BlockImages: uint64(block), BlockBytes: uint64(block) * uint64(c.SizeBytes),
		WireSentBytes: uint64(block * (wire + 6)), WireReceivedBytes: uint64(block * (wire + 2)),
		GeneratorCPUNs: cpu,
		Disturbance:    record.Disturbance{SpanSeconds: 1.2, Foreign: 0.012, Steal: 0.003},
	}
	if p.SideChannel {
		target := cpu + cpu/10
		s.TargetCPUNs = &target
		perByte := func(ns float64) record.Stage {
			return record.Stage{Count: s.BlockImages, TotalNs: int64(block * slow * ns * float64(c.SizeBytes))}
		}
		rest := target
		s.Stages = map[string]record.Stage{}
		if isDeflated(c.Mode) {
			s.Stages["inflate"], s.Stages["deflate"] = perByte(4), perByte(9)
			rest -= s.Stages["inflate"].TotalNs + s.Stages["deflate"].TotalNs
		}
		for name, share := range map[string]float64{"receive": 0.4, "save": 0.2, "echo": 0.3} {
			s.Stages[name] = record.Stage{Count: s.BlockImages, TotalNs: int64(share * float64(rest))}
		}
		if isText(c.Mode) {
			s.Stages["decode"] = perByte(0.05)
		}
	}
	s.Steps = steps(c, slow)
	trip := float64(c.Clients) * work / cores
	s.Response = histogram(draw, images, trip)
	s.Service = s.Response // one encoding a sample keeps tests quick
	return s
}

// steps are those of c's mode, of a millisecond each.
func steps(c *record.Cell, slow float64) map[string]record.Stage {
	n := float64(c.SizeBytes)
	ns := map[string]float64{record.MaskStep: 0.05 * n, record.UnmaskStep: 0.045 * n, record.CompareStep: 0.03 * n}
	if isText(c.Mode) {
		ns = map[string]float64{
			record.EncodeStep: 0.08 * n, record.MaskStep: 0.06 * n, record.UnmaskStep: 0.055 * n, record.CompareStep: 0.05 * n,
		}
	}
	if isDeflated(c.Mode) {
		ns[record.DeflateStep], ns[record.InflateStep] = 9*n, 4*n
	}
	measured := make(map[string]record.Stage, len(ns))
	for name, each := range ns {
		each *= slow
		count := math.Ceil(1e6 / each)
		measured[name] = record.Stage{Count: uint64(count), TotalNs: int64(count * each)}
	}
	return measured
}

func isDeflated(mode string) bool { return strings.HasSuffix(mode, "+deflate") }

// isText reports whether mode carries Base64; specimens know no suffix that
// changes the length, compressed or not.
func isText(mode string) bool { return len(mode) >= 4 && mode[:4] == "text" }

// histogram holds n log-normal times around median nanoseconds. Of many, it
// draws no more than a hundred and counts each several times.
func histogram(draw *rand.Rand, n, median float64) record.Histogram {
	h := record.NewHistogram()
	drawn := min(int64(n), 100)
	for i := range drawn {
		each := int64(n) / drawn
		if i < int64(n)%drawn {
			each++
		}
		v := int64(median * math.Exp(0.25*draw.NormFloat64()))
		if err := h.RecordValues(min(max(v, int64(record.Lowest)), int64(record.Highest)), each); err != nil {
			panic(err) // the range is kept
		}
	}
	return encode(h)
}

func encode(h *hdrhistogram.Histogram) record.Histogram {
	encoded, err := record.Encode(h)
	if err != nil {
		panic(err) // of a library's bug
	}
	return encoded
}

// Cell returns the run's cell of that size, mode and load, to be changed.
func Cell(r *record.Run, size int64, mode, load string) *record.Cell {
	i := slices.IndexFunc(r.Cells, func(c record.Cell) bool {
		return c.SizeBytes == size && c.Mode == mode && c.Load == load
	})
	return &r.Cells[i]
}
