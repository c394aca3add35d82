package schedule

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// MaxRate is the highest rate a plan may have, in images a second: far beyond
// what a process can send, and low enough to count in.
const MaxRate = 100_000_000

// ParseRate reads a rate such as 200/s, 12/min, 1.5k/s, 3/h, 50/d or 1/30s, in
// images a second. A bare number is refused: it could be anything.
func ParseRate(s string) (float64, error) {
	amount, per, ok := strings.Cut(strings.TrimSpace(s), "/")
	if !ok {
		return 0, fmt.Errorf("rate %q has no unit: %w", s, errNoUnit)
	}
	n, err := parseAmount(amount)
	if err != nil {
		return 0, fmt.Errorf("rate %q: %w", s, err)
	}
	seconds, err := parsePeriod(per)
	if err != nil {
		return 0, fmt.Errorf("rate %q: %w", s, err)
	}
	if rate := n / seconds; rate <= MaxRate {
		return rate, nil
	}
	return 0, fmt.Errorf("rate %q is above %g/s", s, float64(MaxRate))
}

// parseAmount reads a number with k or M behind it.
func parseAmount(s string) (float64, error) {
	unit := 1.0
	switch {
	case strings.HasSuffix(s, "k"):
		s, unit = strings.TrimSuffix(s, "k"), 1e3
	case strings.HasSuffix(s, "M"):
		s, unit = strings.TrimSuffix(s, "M"), 1e6
	}
	n, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsNaN(n) || n < 0 || math.IsInf(n, 0) {
		return 0, errNoUnit
	}
	return n * unit, nil
}

// parsePeriod reads what a rate is per: s, min, h, d, or a duration such as 30s.
func parsePeriod(s string) (seconds float64, err error) {
	switch s {
	case "s":
		return 1, nil
	case "min", "m":
		return 60, nil
	case "h":
		return 3600, nil
	case "d":
		return 86400, nil
	}
	d, err := time.ParseDuration(s)
	if err != nil || d <= 0 {
		return 0, errNoUnit
	}
	return d.Seconds(), nil
}

// ParseStages reads a plan such as 0/s..500/s:30s,500/s:2m,500/s..0/s:10s:
// stages separated by commas, each a rate, or two with .. between them, and
// how long it lasts.
func ParseStages(s string) (Plan, error) {
	var p Plan
	for i, stage := range strings.Split(s, ",") {
		parsed, err := parseStage(stage)
		if err != nil {
			return nil, fmt.Errorf("stage %d: %w", i+1, err)
		}
		p = append(p, parsed)
	}
	return p, p.Validate()
}

func parseStage(s string) (Stage, error) {
	rates, length, ok := strings.Cut(strings.TrimSpace(s), ":")
	if !ok {
		return Stage{}, fmt.Errorf("%q has no duration: %w", s, errStage)
	}
	var stage Stage
	var err error
	if stage.Length, err = time.ParseDuration(length); err != nil {
		return Stage{}, fmt.Errorf("%q has no duration: %w", s, errStage)
	}
	from, to, ramp := strings.Cut(rates, "..")
	if stage.From, err = ParseRate(from); err != nil {
		return Stage{}, err
	}
	stage.To = stage.From
	if ramp {
		stage.To, err = ParseRate(to)
	}
	return stage, err
}

// What a malformed rate or stage gets to read.
var (
	errNoUnit = errors.New("give a rate with its unit, such as 200/s, 12/min or 1.5k/s")
	errStage  = errors.New("give stages such as 0/s..500/s:30s,500/s:2m")
)
