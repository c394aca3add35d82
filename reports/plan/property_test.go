package plan_test

import (
	"errors"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/reports"
	"github.com/wsimg/wsimg/reports/plan"
)

// drawRun returns what may have been measured.
func drawRun(t *rapid.T) *reports.Report {
	r := searched()
	for i := range r.Capacity.Answers {
		a := &r.Capacity.Answers[i]
		*a.Load = rapid.Float64Range(0.5, 50_000).Draw(t, "load")
		*a.ImagesPerS = *a.Load
		*a.Low = *a.Load * rapid.Float64Range(0.5, 1).Draw(t, "low")
		*a.High = *a.Load * rapid.Float64Range(1, 2).Draw(t, "high")
	}
	q := &r.Capacity.Ratios[0]
	*q.Low = rapid.Float64Range(0.5, 3).Draw(t, "ratio low")
	*q.High = *q.Low * rapid.Float64Range(1, 2).Draw(t, "ratio high")
	return r
}

func drawInput(t *rapid.T) plan.Input {
	in := plan.Input{
		Users:         float64(rapid.IntRange(1, 10_000_000).Draw(t, "users")),
		ImagesPerUser: rapid.Float64Range(1e-6, 10).Draw(t, "images per user"),
		Reply:         rapid.SampledFrom([]string{"", record.Echo, record.Ack}).Draw(t, "reply"),
	}
	setting := func(name string, low, high float64) plan.Setting {
		if rapid.Bool().Draw(t, name+" is given") {
			return plan.Set(rapid.Float64Range(low, high).Draw(t, name))
		}
		return plan.Setting{}
	}
	in.Connected = setting("connected", 0.01, 1)
	in.Peak = setting("peak", 1, 20)
	in.Headroom = setting("headroom", 0, 0.9)
	in.NICBitPerS = setting("nic", 1e8, 1e11)
	in.RetentionDays = setting("retention", 1, 400)
	in.PricePerGB = setting("price", 0, 1)
	if rapid.Bool().Draw(t, "spare is given") {
		in.Spare = plan.Set(float64(rapid.IntRange(0, 5).Draw(t, "spare")))
	}
	return in
}

func mustMake(t *rapid.T, r *reports.Report, in plan.Input) *plan.Plan {
	p, err := plan.Make([]*reports.Report{r}, in)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestPlansHoldTogether, whatever was measured and is asked for.
func TestPlansHoldTogether(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r, in := drawRun(t), drawInput(t)
		p := mustMake(t, r, in)
		figures := func(f *plan.Fleet) []plan.Figure {
			var all []plan.Figure
			for _, resource := range append(plan.ServerResources(), p.FleetResources()...) {
				all = append(all, *resource.Of(f))
			}
			return all
		}
		check := func(f plan.Figure, signed bool) {
			if f.Value != nil && (math.IsNaN(*f.Value) || math.IsInf(*f.Value, 0) || !signed && *f.Value < 0) {
				t.Fatalf("a figure in %s is %v", f.Unit, *f.Value)
			}
			if (f.Low == nil) != (f.High == nil) || f.Low != nil && (*f.Low > *f.Value || *f.Value > *f.High) {
				t.Fatalf("%v is not within [%v, %v]", text(f.Value), text(f.Low), text(f.High))
			}
			if f.Unit == "" || f.Origin == "" || (f.Origin == plan.Assumed) != (len(f.Assumes) > 0) || !slices.IsSorted(f.Assumes) {
				t.Fatalf("%+v does not say what it rests on", f)
			}
			for _, n := range f.Assumes {
				if n < 1 || n > len(p.Assumed) {
					t.Fatalf("assumption %d is none of the %d listed", n, len(p.Assumed))
				}
			}
		}
		for i := range p.Fleets {
			for _, f := range figures(&p.Fleets[i]) {
				check(f, false)
			}
			if servers := *p.Fleets[i].Servers.Value; servers != math.Trunc(servers) || servers < 1 {
				t.Fatalf("%v servers", servers)
			}
		}
		for _, s := range p.Savings {
			check(s.Amount, true)
			check(s.Share, true)
		}
		binary, text := p.Fleets[0], p.Fleets[1]
		if *text.In.Value <= *binary.In.Value || *text.Out.Value < *binary.Out.Value || *text.Egress.Value < *binary.Egress.Value {
			t.Fatalf("text carries less than binary: %+v and %+v", text, binary)
		}
		for i, f := range p.Fleets {
			// The servers without the spare carry the peak, within the headroom, and
			// one fewer would not, or there is one.
			spare, free := 1.0, 0.30
			if in.Spare.Given {
				spare = in.Spare.Value
			}
			if in.Headroom.Given {
				free = in.Headroom.Value
			}
			each := *r.Capacity.Answers[i].ImagesPerS * (1 - free)
			working := *f.Servers.Value - spare
			if carried := working * each; carried < *f.Images.Value*(1-1e-9) {
				t.Fatalf("%v servers of %s carry %v of %v images/s", working, f.Mode, carried, *f.Images.Value)
			}
			if f.Bound == plan.ByImages && working > 1 && (working-1)*each >= *f.Images.Value*(1+1e-9) {
				t.Fatalf("of %v servers of %s one is too many", working, f.Mode)
			}
			if max(*f.NICIn.Value, *f.NICOut.Value) > (1-free)*(1+1e-9) {
				t.Fatalf("a network card is used to %v and %v", *f.NICIn.Value, *f.NICOut.Value)
			}
		}
	})
}

// TestMoreUsersNeverTakeLess, and more headroom never fewer servers.
func TestMoreUsersNeverTakeLess(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r, in := drawRun(t), drawInput(t)
		if in.Headroom.Given {
			in.Headroom.Value = min(in.Headroom.Value, 0.5)
		}
		in.WhatIf = []plan.Variation{
			{Name: "users", Values: []float64{math.Ceil(in.Users * rapid.Float64Range(1, 10).Draw(t, "times the users"))}},
			{Name: "headroom", Values: []float64{rapid.Float64Range(0.5, 0.95).Draw(t, "headroom")}},
		}
		p := mustMake(t, r, in)
		for _, row := range p.WhatIf {
			for i := range row.Fleets {
				few, many := p.Fleets[i], row.Fleets[i]
				for _, pair := range [][2]*float64{
					{few.Servers.Value, many.Servers.Value}, {few.Servers.Low, many.Servers.Low}, {few.Servers.High, many.Servers.High},
					{few.Memory.Value, many.Memory.Value}, {few.Out.Value, many.Out.Value}, {few.Disk.Value, many.Disk.Value}, {few.Cores.Value, many.Cores.Value},
				} {
					if *pair[1] < *pair[0]*(1-1e-9) {
						t.Fatalf("%s=%v takes less: %v and not %v", row.Name, row.Value, *pair[1], *pair[0])
					}
				}
			}
		}
	})
}

// TestSizesInBetween: from a search at two sizes, capacity at a size in between
// lies between, and outside there is no plan.
func TestSizesInBetween(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		small, large := drawRun(t), at(1_000_000, rapid.Float64Range(1, 50).Draw(t, "times as slow"))
		in := drawInput(t)
		in.SizeBytes = rapid.Int64Range(50_000, 2_000_000).Draw(t, "size")
		p, err := plan.Make([]*reports.Report{large, small}, in)
		if inside := in.SizeBytes >= 100_000 && in.SizeBytes <= 1_000_000; inside != (err == nil) || errors.Is(err, plan.ErrUnmet) {
			t.Fatalf("size %d: error %v", in.SizeBytes, err)
		}
		if err != nil {
			return
		}
		for i, f := range p.Fleets {
			a, b := *small.Capacity.Answers[i].Load, *large.Capacity.Answers[i].Load
			if *f.Capacity.Value < min(a, b)*(1-1e-9) || *f.Capacity.Value > max(a, b)*(1+1e-9) {
				t.Fatalf("capacity %v at %d B is outside of %v and %v", *f.Capacity.Value, in.SizeBytes, a, b)
			}
		}
	})
}
