package calibrate

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/target"
)

// quick is a calibration that takes about a second.
func quick(t *testing.T) Settings {
	t.Helper()
	return Settings{Sizes: []int64{3_000, 1_000}, Dir: t.TempDir(), Clients: 2, Budget: time.Second}
}

func empty(t *testing.T, dir string) {
	t.Helper()
	left, err := os.ReadDir(dir)
	if err != nil || len(left) > 0 {
		t.Errorf("left in the folder: %v (%v), want nothing", left, err)
	}
}

func TestRunMeasuresEveryCeiling(t *testing.T) {
	s := quick(t)
	found, err := Run(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	empty(t, s.Dir)
	if found.Folder != s.Dir || found.Clients != 2 || found.Cores < 1 || found.Seconds <= 0 || found.Incomplete != "" {
		t.Errorf("got %+v", found)
	}
	kinds := map[string]int{}
	for _, c := range found.Ceilings {
		kinds[c.Kind]++
		if c.Name == "" || c.Note == "" || c.Cores < 1 || len(c.Allows)+len(c.Figures) == 0 {
			t.Errorf("it says too little: %+v", c)
		}
		if c.Allows != nil && (len(c.Allows) != 2 || c.Allows[0].SizeBytes != 1_000 || c.Allows[1].SizeBytes != 3_000) {
			t.Errorf("%s: got %+v, want both sizes, ascending", c.Name, c.Allows)
		}
		for _, a := range c.Allows {
			if a.Low <= 0 || a.Low > a.ImagesPerS || a.ImagesPerS > a.High || a.Repetitions < 1 ||
				a.BytesPerS != a.ImagesPerS*float64(a.SizeBytes) {
				t.Errorf("%s: got %+v", c.Name, a)
			}
		}
		for _, f := range c.Figures {
			if f.Low <= 0 || f.Low > f.High || f.Repetitions < 1 || f.Unit == "" {
				t.Errorf("%s: got %+v", c.Name, f)
			}
		}
	}
	for kind, want := range map[string]int{
		record.YardstickCeiling: 2, record.EchoCeiling: 3, record.CodecCeiling: 6,
		record.StoreCeiling: 3, record.TimerCeiling: 2, record.ConnectCeiling: 2,
	} {
		if kinds[kind] != want {
			t.Errorf("%s: got %d ceilings, want %d", kind, kinds[kind], want)
		}
	}
}

func TestRunInterruptedKeepsWhatItMeasured(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	s := quick(t)
	slots := 0
	s.Progress = func(p Progress) {
		if p.Phase != "measuring" {
			return
		}
		if slots++; slots == 4 {
			interrupt()
		}
	}
	found, err := Run(ctx, s)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v, want %v", err, context.Canceled)
	}
	if found == nil || len(found.Ceilings) != 2 || found.Incomplete == "" {
		t.Fatalf("got %+v, want the two ceilings that were measured, marked incomplete", found)
	}
	empty(t, s.Dir)
}

func TestRunTellsThatAServerDied(t *testing.T) {
	t.Setenv("GORACE", "atexit_sleep_ms=0") // or under -race it takes a second to die
	alive := filepath.Join(t.TempDir(), "alive")
	if err := os.WriteFile(alive, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s := quick(t)
	s.Yardstick = []string{"while", alive}
	s.Progress = func(p Progress) {
		if p.Phase == "measuring" {
			os.Remove(alive)
		}
	}
	_, err := Run(t.Context(), s)
	if err == nil || !strings.Contains(err.Error(), "the yardstick ended by itself, in the middle") {
		t.Errorf("got error %v, want one that says who died", err)
	}
	empty(t, s.Dir)
}

func TestRunFailsBeforeItMeasures(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*Settings)
		want   string
	}{
		{"no such folder", func(s *Settings) { s.Dir = filepath.Join(s.Dir, "nowhere") }, "give a folder that exists"},
		{"the yardstick is no yardstick", func(s *Settings) { s.Yardstick = []string{"-test.run", "^$", "-test.badflag"} }, "start the yardstick"},
		{"the target is no target", func(s *Settings) { s.Target = target.ChildSettings{Args: []string{"-test.badflag"}} }, "start the target"},
		{"a size too large", func(s *Settings) { s.Sizes = []int64{MaxSize + 1} }, "choose one from 512B to 10MB"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := quick(t)
			dir := s.Dir
			tt.change(&s)
			found, err := Run(t.Context(), s)
			if found != nil || err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v and error %v, want an error with %q", found, err, tt.want)
			}
			empty(t, dir)
		})
	}
}

func TestValidateNamesEveryFault(t *testing.T) {
	s := Settings{Sizes: []int64{1, 1_000, 1_000, 2_000, 3_000, 4_000, 5_000}, Clients: -1, Budget: -1}
	err := s.Validate()
	if err == nil {
		t.Fatal("got no error")
	}
	for _, want := range []string{"7 sizes", "size 1B", "named twice", "-1 clients", "budget of -1ns"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in: %v", want, err)
		}
	}
	if err := (Settings{}).Validate(); err != nil {
		t.Errorf("the zero value: got %v, want no error", err)
	}
	if got := (Settings{}).withDefaults().Sizes; !slices.Equal(got, DefaultSizes()) {
		t.Errorf("sizes: got %v, want %v", got, DefaultSizes())
	}
}
