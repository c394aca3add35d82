package connect

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

const ms = time.Millisecond

// start is when the tests of the rule begin: it has no clock of its own.
var start = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)

// fill begins as many attempts as may, and returns their epoch.
func fill(l *limit, now time.Time) (epoch int) {
	for {
		e, _, ok := l.begin(now)
		if !ok {
			return epoch
		}
		epoch = e
	}
}

// known is a limit in the middle of its life, whose fastest attempt took 1 ms.
func known(allowed, threshold int) limit {
	return limit{allowed: allowed, threshold: threshold, rest: firstRest, fastest: ms}
}

// TestLimit has attempts end in one way, one after another.
func TestLimit(t *testing.T) {
	success := func(took time.Duration) func(*limit, int) {
		return func(l *limit, epoch int) { l.succeed(epoch, took) }
	}
	refusal := func(after time.Duration) func(*limit, int) {
		return func(l *limit, epoch int) { l.refuse(start, epoch, after) }
	}
	for name, tt := range map[string]struct {
		from limit
		ends int // attempts, others taking their places at once
		how  func(l *limit, epoch int)
		want int           // allowed afterwards
		wait time.Duration // until anybody may begin
	}{
		"as fast as ever: one more for every fourth":     {newLimit(), 32, success(ms), 40, 0},
		"a bit slower: the same":                         {known(32, mostLimit), 32, success(slack * ms), 40, 0},
		"slow: one less for each":                        {known(200, mostLimit), 50, success(slack*ms + 1), 150, 0},
		"slow for long: few are left":                    {known(200, mostLimit), 500, success(time.Second), fewLimit, 0},
		"slow, and fewer already: more all the same":     {known(4, mostLimit), 16, success(time.Second), 8, 0},
		"fast, after trouble: one more for all together": {known(100, 50), 100, success(ms), 101, 0},
		"fast, up to the last trouble":                   {known(10, 20), 40 + 20, success(ms), 21, 0},
		"fast, at the most":                              {known(mostLimit, mostLimit), 99, success(ms), mostLimit, 0},
		"a refusal: half, and a rest":                    {newLimit(), 1, refusal(0), 16, firstRest},
		"all at once refused: half, once":                {newLimit(), 32, refusal(0), 16, firstRest},
		"refused until later: few":                       {known(500, mostLimit), 500, refusal(3 * time.Second), fewLimit, 3 * time.Second},
		"refused until later, and few already: half":     {known(10, mostLimit), 10, refusal(3 * time.Second), 5, 3 * time.Second},
		"refused until tomorrow":                         {newLimit(), 32, refusal(24 * time.Hour), 16, mostPatience},
		"the last one refused":                           {known(1, 1), 1, refusal(0), 1, firstRest},
		"nothing to be learnt":                           {newLimit(), 32, func(l *limit, _ int) { l.leave() }, 32, 0},
	} {
		l := tt.from
		epoch := fill(&l, start)
		if l.running != tt.from.allowed {
			t.Errorf("%s: %d began at once, want %d", name, l.running, tt.from.allowed)
		}
		for range tt.ends {
			tt.how(&l, epoch)
			fill(&l, start)
		}
		if l.allowed != tt.want {
			t.Errorf("%s: %d are allowed, want %d", name, l.allowed, tt.want)
		}
		if _, wait, _ := l.begin(start); wait != tt.wait {
			t.Errorf("%s: everybody rests for %v, want %v", name, wait, tt.wait)
		}
	}
}

// TestLimitThatNobodyUses does not grow: what then came at once was never tried.
func TestLimitThatNobodyUses(t *testing.T) {
	l := newLimit()
	for range 1000 {
		epoch, _, _ := l.begin(start)
		l.succeed(epoch, ms)
	}
	if l.allowed != firstLimit {
		t.Errorf("%d are allowed, want %d as in the beginning", l.allowed, firstLimit)
	}
}

// TestLateNewsOfTheLimit: what began before a cut neither cuts again nor buys
// anything, fast as it was.
func TestLateNewsOfTheLimit(t *testing.T) {
	l := known(64, mostLimit)
	epoch := fill(&l, start)
	l.refuse(start, epoch, 0)
	for range 31 {
		l.succeed(epoch, ms)
	}
	for range 32 {
		l.refuse(start, epoch, 0)
	}
	if l.allowed != 32 || l.credit != 0 || !l.hopeless {
		t.Errorf("%d are allowed, %d successes counted, hopeless: %v; want 32 and none", l.allowed, l.credit, l.hopeless)
	}
}

// TestFixedLimit has everybody look when it is called, late or not.
func TestFixedLimit(t *testing.T) {
	for name, tt := range map[string]struct {
		rate  float64
		looks []time.Duration
		want  []int // how many began in all, then
	}{
		"in time":                          {100, []time.Duration{0, 9 * ms, 10 * ms, 20 * ms}, []int{1, 1, 2, 3}},
		"a bit late, and made up for":      {1000, []time.Duration{0, 21 * ms / 2, 11 * ms}, []int{1, 11, 12}},
		"long after, and not made up for":  {1000, []time.Duration{0, 2 * time.Second, 2001 * ms}, []int{1, 2, 3}},
		"slower than can be waited for":    {1e-12, []time.Duration{0, time.Hour, 24 * time.Hour}, []int{1, 1, 2}},
		"faster than can be told from now": {1e12, []time.Duration{0}, []int{1}},
	} {
		l := fixedLimit(tt.rate)
		for i, at := range tt.looks {
			if fill(&l, start.Add(at)); l.running != tt.want[i] {
				t.Errorf("%s: %d began by %v, want %d", name, l.running, at, tt.want[i])
			}
		}
	}
}

// TestLimitAfterAnOutage: rests double while nothing succeeds, and what was
// carried before is tried again soon.
func TestLimitAfterAnOutage(t *testing.T) {
	l, now := known(256, mostLimit), start
	for i, want := range []time.Duration{10, 20, 40, 80, 160, 320, 640, 1000, 1000} {
		epoch := fill(&l, now)
		for l.running > 0 {
			l.refuse(now, epoch, 0)
		}
		if _, wait, _ := l.begin(now); wait != want*ms {
			t.Errorf("rest %d: got %v, want %v", i, wait, want*ms)
		}
		now = now.Add(want * ms)
	}
	if l.allowed != 1 {
		t.Errorf("%d are allowed while nothing succeeds, want 1", l.allowed)
	}
	successes := 0
	for ; l.allowed < 128; successes++ {
		l.succeed(fill(&l, now), ms)
	}
	if want := 127 * growth; successes != want {
		t.Errorf("it took %d successes to come to half of what was, want %d", successes, want)
	}
	l.refuse(now, fill(&l, now), 0)
	if _, wait, _ := l.begin(now); wait != firstRest {
		t.Errorf("the rest after the next refusal is %v, want %v again", wait, firstRest)
	}
}

// TestLimitKeepsItsBounds whatever happens, and always lets somebody begin.
func TestLimitKeepsItsBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l, now := newLimit(), start
		var epochs []int // of those under way
		for range rapid.IntRange(1, 400).Draw(t, "steps") {
			switch end := rapid.IntRange(0, 6).Draw(t, "step"); {
			case end > 3 || len(epochs) == 0:
				if e, _, ok := l.begin(now); ok {
					epochs = append(epochs, e)
				}
			default:
				i := rapid.IntRange(0, len(epochs)-1).Draw(t, "who")
				e := epochs[i]
				epochs = append(epochs[:i], epochs[i+1:]...)
				switch end {
				case 0, 1:
					l.succeed(e, time.Duration(rapid.Int64Range(0, int64(time.Minute)).Draw(t, "took")))
				case 2:
					l.refuse(now, e, time.Duration(rapid.Int64Range(0, int64(time.Hour)).Draw(t, "after")))
				case 3:
					l.leave()
				}
			}
			now = now.Add(time.Duration(rapid.Int64Range(0, int64(time.Second)).Draw(t, "passes")))
			if l.allowed < 1 || l.allowed > mostLimit || l.running != len(epochs) || l.rest < firstRest || l.rest > mostRest {
				t.Fatalf("out of bounds: %+v with %d under way", l, len(epochs))
			}
			if rest := l.until.Sub(now); rest > mostPatience {
				t.Fatalf("a rest of %v", rest)
			}
		}
		for range epochs {
			l.leave()
		}
		if _, _, ok := l.begin(now.Add(mostPatience)); !ok {
			t.Fatalf("nothing is under way, everybody has rested, and nobody may begin: %+v", l)
		}
	})
}
