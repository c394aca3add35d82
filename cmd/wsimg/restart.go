package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/wsimg/wsimg/loadgen/machine"
	"github.com/wsimg/wsimg/loadgen/record"
)

// restartVariable tells a process that was begun again which CPUs it might use
// before.
const restartVariable = "WSIMG_CPUS_BEFORE"

// restart is the error of a command that wants this process begun again, kept to
// some CPUs. Nothing is wrong, and nothing was done yet.
type restart struct {
	cpus, before record.CPUs
}

// Error is empty: there is nothing to print.
func (r *restart) Error() string { return "" }

// restarted begins the process again when err asks for that, and so returns only
// where it does not, with err, or where it can't be done. It is not for tests that
// run commands: it would begin the test again.
func restarted(ctx context.Context, err error, stderr io.Writer) error {
	wanted, ok := errors.AsType[*restart](err)
	switch {
	case !ok:
		return err
	case ctx.Err() != nil:
		return &exitError{exitInterrupted, errInterrupted}
	}
	if _, again := os.LookupEnv(restartVariable); again {
		err = errors.New("it is kept to others, though it was begun again for them")
	} else if err = os.Setenv(restartVariable, wanted.before.String()); err == nil {
		err = machine.Restart(wanted.cpus)
	}
	err = usagef("--generator-cpus %s: this process can't be kept to them: %w; it may use %s", wanted.cpus, err, wanted.before.Words())
	fmt.Fprintf(stderr, "wsimg: %v\n", err)
	return err
}
