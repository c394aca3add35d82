//go:build slow

package siege

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// newcomers are honest clients that came one after the other, each for one image.
type newcomers struct {
	took   []time.Duration // from connecting to the echo, ascending
	failed int
	first  error // of those that failed
}

func (n newcomers) String() string {
	if n.failed > 0 {
		return fmt.Sprintf("%d served, %d not, the first because of: %v", len(n.took), n.failed, n.first)
	}
	if len(n.took) == 0 {
		return "none"
	}
	return fmt.Sprintf("%d, all of them served, the median in %v, the slowest in %v", len(n.took),
		n.took[len(n.took)/2].Round(time.Millisecond), n.took[len(n.took)-1].Round(time.Millisecond))
}

// welcome has newcomers come until the function that is returned is called.
func welcome(ctx context.Context, addr string) func() newcomers {
	coming, enough := context.WithCancel(ctx)
	came := make(chan newcomers, 1)
	go func() {
		var n newcomers
		for sleep(coming, 200*time.Millisecond) {
			since := time.Now()
			if err := drop(ctx, addr); err != nil {
				n.failed++
				if n.first == nil {
					n.first = err
				}
				continue
			}
			n.took = append(n.took, time.Since(since))
		}
		slices.Sort(n.took)
		came <- n
	}()
	return func() newcomers {
		enough()
		return <-came
	}
}

// drop is one newcomer's whole visit.
func drop(ctx context.Context, addr string) error {
	l, err := dial(ctx, addr)
	if err != nil {
		return err
	}
	defer l.hangUp()
	if err := l.upgrade("/", ""); err != nil {
		return fmt.Errorf("handshake: %w", err)
	}
	l.SetDeadline(time.Now().Add(dialTimeout))
	if err := l.send(final|binaryImage, make([]byte, 10_000)); err != nil {
		return err
	}
	for {
		switch opcode, _, err := l.next(); {
		case err != nil:
			return fmt.Errorf("wait for the echo: %w", err)
		case opcode == binaryImage:
			return nil
		case opcode == closing:
			return fmt.Errorf("the target closed the session")
		}
	}
}
