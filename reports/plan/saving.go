package plan

// Saving is what the baseline takes less of a resource than another mode.
type Saving struct {
	Mode     string `json:"mode"`
	Baseline string `json:"baseline"`
	Resource string `json:"resource"` // a Resource's key
	Amount   Figure `json:"amount"`   // mode less baseline; negative: the baseline takes more
	// Share is Amount as a share of what the mode takes, with the interval that
	// Amount has.
	Share Figure `json:"share"`
}

// savings returns what the baseline saves against a mode, of every resource
// that may be saved and that both are known to take.
//
// Servers have the interval of the paired ratio: that of the mode's servers, if
// the baseline's capacity is what was found and the mode's is as many times
// less as either end of the ratio says. Memory follows from both. Of what is made
// with the highest load that passed there is none.
func (m *maker) savings(p *Plan, baseline Fleet, base point, f Fleet, e evidence) []Saving {
	if baseline.Fault != "" || f.Fault != "" {
		return nil
	}
	few, many := m.paired(base, f, e)
	var all []Saving
	for _, r := range p.FleetResources() {
		mine, theirs := *r.Of(&baseline), *r.Of(&f)
		if !r.Saved || mine.Value == nil || theirs.Value == nil {
			continue
		}
		rests := on(basis{mine.Origin == Measured, mine.Assumes}, basis{theirs.Origin == Measured, theirs.Assumes})
		amount := rests.figure(mine.Unit, number(*theirs.Value-*mine.Value))
		switch {
		case mine.Bound == Perhaps && theirs.Bound != AtMost || theirs.Bound == Perhaps && mine.Bound != AtMost:
			amount.Bound = Perhaps
		case mine.Bound != "" && theirs.Bound != "":
			amount.Value = nil // of two upper bounds, nothing follows
		case mine.Bound != "":
			amount.Bound = AtLeast
		case theirs.Bound != "":
			amount.Bound = AtMost
		default:
			low, high := few[r.Key], many[r.Key]
			if low != nil && high != nil {
				amount = amount.within(number(*low-*mine.Value), number(*high-*mine.Value))
			}
		}
		all = append(all, Saving{f.Mode, baseline.Mode, r.Key, amount, shareOf(amount, *mine.Value)})
	}
	return all
}

// paired returns the fewest and the most that a mode takes of resources, by
// their keys, as the paired ratio to the baseline allows; nothing where that has
// no interval.
func (m *maker) paired(base point, f Fleet, e evidence) (few, many map[string]*float64) {
	low, high := ratioAt(e.ratios, m.size)
	p, _ := at(e.points, m.size)
	if low == nil || high == nil || *low <= 0 || *high <= 0 || base.capacity == nil || base.bracket || p.bracket {
		return nil, nil
	}
	w, _, wired := m.network(f.Mode, p)
	takes := func(ratio float64) map[string]*float64 {
		capacity := *base.capacity / ratio
		working := m.needs(m.peakRate.value, capacity, w, wired).working
		memory := m.memoryOf(p, capacity, working)
		return map[string]*float64{
			"servers":                number(working + m.spare.value),
			"memory_in_flight_bytes": memory.inFlight,
			"memory_bytes":           memory.fleet,
		}
	}
	return takes(*low), takes(*high)
}

// shareOf returns an amount beyond what the baseline takes as a share of both.
func shareOf(amount Figure, baseline float64) Figure {
	of := func(x *float64) *float64 {
		if x == nil || baseline+*x <= 0 {
			return nil
		}
		return rounded(number(*x / (baseline + *x)))
	}
	amount.Unit = Share
	amount.Value, amount.Low, amount.High = of(amount.Value), of(amount.Low), of(amount.High)
	return amount
}
