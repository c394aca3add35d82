package main

import (
	"context"
	"fmt"
	"time"

	"github.com/wsimg/wsimg/loadgen/payload"
	"github.com/wsimg/wsimg/target"
)

// startTarget starts the bundled target for a run. The context it returns is
// done when ctx is, or when the target has ended by itself; release stops the
// target and must be called.
func startTarget(ctx context.Context, settings target.ChildSettings, sources ...*payload.Source) (context.Context, *target.Child, func(), error) {
	for _, s := range sources {
		settings.MaxImage = max(settings.MaxImage, target.DefaultMaxImage, s.MaxBytes())
	}
	child, err := target.Start(ctx, settings)
	if err != nil {
		return nil, nil, nil, interruptible(ctx, &exitError{exitUsage, err})
	}
	measuring, cancel := context.WithCancelCause(ctx)
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		select {
		case <-child.Exited():
			cancel(died(child))
		case <-measuring.Done():
		}
	}()
	release := func() {
		cancel(nil)
		<-watched
		patient, done := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer done()
		_ = child.Stop(patient) // what it measured is in the run already
	}
	return measuring, child, release, nil
}

// died is the error of a target that ended by itself.
func died(child *target.Child) error {
	return fmt.Errorf("%v, in mid-run: see whether memory or disk ran out, and run again", child.Err())
}

// blame returns the death of the target as the cause of err, if it has died:
// the clients may notice before anybody tells them.
func blame(child *target.Child, err error) error {
	if err == nil {
		return nil
	}
	select {
	case <-child.Exited():
		return died(child)
	case <-time.After(500 * time.Millisecond):
		return err
	}
}
