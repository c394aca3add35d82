package main

import (
	"errors"
	"fmt"

	"github.com/wsimg/wsimg/target"
)

// What the process exits with; the first that applies.
const (
	exitUsage       = 2   // wrong usage, or it cannot start
	exitInterrupted = 130 // by a signal; what was measured is kept
	exitFailed      = 1   // an error, a mismatch or an incomplete run
	exitVoid        = 3   // the measurement is void
	exitUnmet       = 4   // objectives that can't be met
)

// exitError is an error that knows its exit code.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string { return e.err.Error() }
func (e *exitError) Unwrap() error { return e.err }
func (e *exitError) ExitCode() int { return e.code }

// usagef is wrong usage.
func usagef(format string, args ...any) error {
	return &exitError{exitUsage, fmt.Errorf(format, args...)}
}

// exitCode returns what the process should exit with after err.
func exitCode(err error) int {
	var coded interface{ ExitCode() int }
	switch {
	case err == nil:
		return 0
	case errors.As(err, &coded):
		return coded.ExitCode()
	case errors.Is(err, target.ErrCannotStart):
		return exitUsage
	default:
		return exitFailed
	}
}
