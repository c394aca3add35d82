package target

import (
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"
)

func TestAFaultIsToldWhenItBeginsAndWhenItEnds(t *testing.T) {
	log := &syncBuffer{}
	logger := slog.New(slog.NewTextHandler(log, nil))
	var f faults
	full := errors.New("disk full")
	told := func(want int, when string) {
		t.Helper()
		if got := strings.Count(log.String(), "\n"); got != want {
			t.Errorf("%s: got %d lines, want %d:\n%s", when, got, want, log)
		}
	}
	f.end(logger, 0)
	told(0, "an image saved while all is well")
	for n := range 300 {
		f.begin(logger, time.Second+time.Duration(n)*time.Millisecond, full)
		f.end(logger, time.Second+time.Duration(n)*time.Millisecond) // a small image that still fits
	}
	told(1, "300 images that were not saved, each followed by one that was")
	if said := log.String(); !strings.Contains(said, "level=ERROR") || !strings.Contains(said, "disk full") {
		t.Errorf("got %q, want an error with its cause", said)
	}
	for range 3 {
		f.end(logger, time.Minute)
	}
	told(2, "images saved after it")
	if said := log.String(); !strings.Contains(said, "level=WARN") || !strings.Contains(said, "refused=300") {
		t.Errorf("got %q, want how many images were refused", said)
	}
	f.begin(logger, 2*time.Minute, full)
	told(3, "the next fault")
	f.end(logger, 3*time.Minute)
	told(4, "the end of it")
	if !strings.Contains(log.String(), "refused=1 ") {
		t.Errorf("got %q, want one image refused by the second fault", log)
	}
}
