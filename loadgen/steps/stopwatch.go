package steps

import "time"

// reading returns what reading a stopwatch costs: so much longer anything
// seems to take.
func reading() time.Duration {
	const times = 50
	s := start()
	for range times - 1 {
		s.elapsed()
	}
	return s.elapsed() / times
}
