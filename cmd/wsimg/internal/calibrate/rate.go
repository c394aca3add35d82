package calibrate

import (
	"runtime"
	"sync"
	"time"
)

// timed does op for about d and returns how often a second; op is told how
// often it has been done before. It looks at the clock rarely enough not to
// measure the clock.
func timed(d time.Duration, op func(i int) error) (float64, error) {
	start := time.Now()
	for done, batch := 0, 1; ; {
		for range batch {
			if err := op(done); err != nil {
				return 0, err
			}
			done++
		}
		took := time.Since(start)
		switch {
		case took >= d:
			return float64(done) / took.Seconds(), nil
		case took < d/16:
			batch *= 2
		}
	}
}

// parallel runs one(0), one(1), … at the same time, one for each core, and
// returns the sum of what they return and an error if there was one.
func parallel(one func(core int) (float64, error)) (float64, error) {
	rates := make([]float64, runtime.GOMAXPROCS(0))
	errs := make([]error, len(rates))
	var running sync.WaitGroup
	for core := range rates {
		running.Go(func() { rates[core], errs[core] = one(core) })
	}
	running.Wait()
	var sum float64
	for core, err := range errs {
		if err != nil {
			return 0, err
		}
		sum += rates[core]
	}
	return sum, nil
}
