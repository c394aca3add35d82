package record_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wsimg/wsimg/loadgen/record"
)

// valid is a small run that Read takes.
const valid = `{"schema": "wsimg.run/1", "started": "2026-11-22T12:00:00Z", "seconds": 1.5,
 "environment": {"wsimg": "0.1.0", "cores": 2, "target": {"store": "latest"}},
 "settings": {"command": "bench", "modes": ["text", "binary"], "baseline": "binary", "clients": 2, "seed": 18446744073709551615,
  "seconds": 30, "active": 1, "churn": {"lifetime_images": 50, "backoff_seconds": 0.1, "max_backoff_seconds": 5, "cuts_seconds": [10]}},
 "idle": {"clients": 1, "before": {"generator_bytes": 100}, "with": {"generator_bytes": 200}, "alone": [{"seconds": 3}]},
 "cells": [{"size_bytes": 1000, "source": "synthetic", "distinct": 4, "mode": "text", "load": "closed", "clients": 2,
   "connecting": {"dialed": 3, "connected": 2, "seconds": 0.5, "vacant": 0},
   "samples": [
    {"round": 0, "seconds": 0.1, "images": 7, "credit": 7.5, "generator_cpu_ns": 100, "target_cpu_ns": 90, "errors": {"flipped": 1},
     "stages": {"save": {"count": 7, "total_ns": 5}}, "disturbance": {"span_seconds": 1.2, "steal": 0, "throttled": 0, "foreign": 0.1}},
    {"round": 1, "seconds": 0.1, "images": 8, "credit": 8, "series": [{"at_seconds": 1, "seconds": 1, "images": 8, "connected": 2}],
     "connections": {"dialed": 7, "connected": 6, "lost": 1, "vacant": 1}, "drain": {"seconds": 0.5, "images": 1}}],
   "examples": {"flipped": {"client": 1, "round": -1, "detail": "byte 7", "at_seconds": 0.25}}}]}`

// one is a histogram of one value.
var one = func() string {
	h := record.NewHistogram()
	_ = h.RecordValue(int64(time.Millisecond)) // within its range
	frozen, _ := record.Encode(h)
	quoted, _ := frozen.MarshalJSON()
	return strings.Trim(string(quoted), `"`)
}()

func TestReadTakesWhatWasSaved(t *testing.T) {
	run, err := record.Read(strings.NewReader(valid))
	if err != nil {
		t.Fatal(err)
	}
	if got := run.Cells[0].Samples[1].Series[0].Images; got != 8 {
		t.Errorf("the series' images: got %d, want 8", got)
	}
	unknown := strings.Replace(valid, `"seconds": 1.5`, `"seconds": 1.5, "moon": "full"`, 1)
	if _, err := record.Read(strings.NewReader(unknown)); err != nil {
		t.Errorf("with a field that a later version may add: %v", err)
	}
}

func TestReadSaysWhatItWasGiven(t *testing.T) {
	for _, tt := range []struct {
		name, given, want string
	}{
		{"nothing", "", "empty: give a file that wsimg saved with --out"},
		{"white space", " \n", "empty"},
		{"the first half", valid[:len(valid)/2], fmt.Sprintf("cut off after %d bytes", len(valid)/2)},
		{"all but the last brace", valid[:len(valid)-1], "cut off"},
		{"two runs in one", valid + valid, "not JSON"},
		{"a photograph", "\xff\xd8\xff\xe0", "not JSON"},
		{"other JSON", `{"name": "wsimg"}`, "JSON, but no run of wsimg"},
		{"a list", `[1, 2]`, "JSON, but no run of wsimg"},
		{"an odd schema", `{"schema": 7}`, "JSON, but no run of wsimg"},
		{"a report", `{"schema": "wsimg.report/1", "cells": []}`, "this is a report"},
		{"ceilings", `{"schema": "wsimg.calibration/1"}`, "this is the ceilings of a machine"},
		{"counters", `{"schema": "wsimg.stats/1"}`, "this is the counters of a target"},
		{"a newer run", `{"schema": "wsimg.run/2"}`, "saved by a newer wsimg (wsimg.run/2, and this one reads wsimg.run/1): update wsimg"},
		{"a field of another type", strings.Replace(valid, `"seconds": 1.5`, `"seconds": "long"`, 1), "not a whole wsimg.run/1"},
		{"a histogram that does not decode", strings.Replace(valid, `"credit": 8`, `"response": "HISTFAAA"`, 1), "not a whole wsimg.run/1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := record.Read(strings.NewReader(tt.given))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want an error that says %q", err, tt.want)
			}
			if err != nil && strings.Contains(err.Error(), "\n") {
				t.Errorf("the error is more than a sentence: %q", err)
			}
		})
	}
}

// TestReadRefusesInconsistentRuns: each change makes a run that nobody can
// have measured.
func TestReadRefusesInconsistentRuns(t *testing.T) {
	for _, tt := range []struct {
		name, from, to, want string
	}{
		{"no settings", `"command": "bench"`, `"command": ""`, `settings.command is ""`},
		{"no modes", `["text", "binary"]`, `[]`, "settings.modes is empty"},
		{"a baseline that was not measured", `"baseline": "binary"`, `"baseline": "morse"`, `settings.baseline is "morse"`},
		{"no clients", `"baseline": "binary", "clients": 2`, `"baseline": "binary"`, "settings.clients is 0"},
		{"no cores", `"cores": 2`, `"cores": 0`, "environment.cores is 0"},
		{"a mode that was not asked for", `"mode": "text"`, `"mode": "morse"`, `cells[0].mode is "morse"`},
		{"a load nobody knows", `"load": "closed"`, `"load": "burst"`, `cells[0].load is "burst", want one of closed, single, open`},
		{"images of no size", `"size_bytes": 1000`, `"size_bytes": -1`, "cells[0].size_bytes is -1"},
		{"a cell without clients", `"load": "closed", "clients": 2`, `"load": "closed"`, "cells[0].clients is 0"},
		{"a round twice", `"round": 1`, `"round": 0`, "cells[0].samples[1].round is 0, as that of a sample before it"},
		{"a negative round", `"round": 1`, `"round": -1`, "cells[0].samples[1].round is -1"},
		{"a window of negative length", `"round": 1, "seconds": 0.1`, `"round": 1, "seconds": -0.1`, "cells[0].samples[1].seconds is -0.1"},
		{"more images than there can be", `"images": 8, "credit"`, `"images": 18446744073709551615, "credit"`, "cells[0].samples[1].images is 18446744073709551615"},
		{"a credit too large to sum", `"credit": 8`, `"credit": 1e300`, "cells[0].samples[1].credit is 1e+300"},
		{"errors beyond counting", `"flipped": 1}`, `"flipped": 9007199254740993}`, "cells[0].samples[0].errors.flipped"},
		{"more failed connections than failures", `"flipped": 1}`, `"flipped": 1}, "connection_errors": {"flipped": 2}`, "cells[0].samples[0].connection_errors.flipped is 2 of 1 errors of that kind"},
		{"failed connections of another kind", `"flipped": 1}`, `"flipped": 1}, "connection_errors": {"reset": 1}`, "cells[0].samples[0].connection_errors.reset is 1 of 0 errors of that kind"},
		{"a stage of negative time", `"total_ns": 5`, `"total_ns": -5`, "cells[0].samples[0].stages.save.total_ns is -5"},
		{"negative CPU of the target", `"target_cpu_ns": 90`, `"target_cpu_ns": -90`, "target_cpu_ns is -90"},
		{"a series that goes back", `"at_seconds": 1`, `"at_seconds": -1`, "cells[0].samples[1].series[0].at_seconds is -1"},
		{"a disturbance beyond measure", `"foreign": 0.1`, `"foreign": 1e200`, "disturbance.foreign is 1e+200"},
		{"an example from nowhere", `"round": -1, "detail"`, `"round": -2, "detail"`, "cells[0].examples.flipped.round is -2"},
		{"an audit beyond counting", `"seconds": 1.5`, `"seconds": 1.5, "audit": {"verified": 9007199254740993}`, "audit.verified is 9007199254740993"},
		{"an audit that saved more than was sent", `"seconds": 1.5`, `"seconds": 1.5, "audit": {"verified": 5, "unsettled": 1, "saved": 7, "unsettled_saved": 2}`, "audit.unsettled_saved is 2 of 1"},
		{"an audit without a fault that lost an image", `"seconds": 1.5`, `"seconds": 1.5, "audit": {"verified": 5, "saved": 4}`, "audit.saved is 4 without a fault"},
		{"more active clients than there are", `"active": 1`, `"active": 3`, "settings.active is 3 of 2 clients"},
		{"fewer active clients than none", `"active": 1`, `"active": -1`, "settings.active is -1"},
		{"a back-off that shrinks", `"max_backoff_seconds": 5`, `"max_backoff_seconds": 0.05`, "settings.churn.max_backoff_seconds is 0.05, want at least backoff_seconds, 0.1"},
		{"a cut after the end", `[10]`, `[10, 31]`, "settings.churn.cuts_seconds[1] is 31, want it within the 30 s"},
		{"a cut before the start", `[10]`, `[-1]`, "settings.churn.cuts_seconds[0] is -1"},
		{"more idle clients than there are", `"idle": {"clients": 1`, `"idle": {"clients": 3`, "idle.clients is 3 of 2"},
		{"memory beyond counting", `"generator_bytes": 200`, `"generator_bytes": 9007199254740993`, "idle.with.generator_bytes is 9007199254740993"},
		{"too many blocks alone", `[{"seconds": 3}]`, `[{}, {}, {}]`, "idle.alone has 3 blocks"},
		{"a block alone that no block can be", `[{"seconds": 3}]`, `[{"connections": {"vacant": 9}}]`, "idle.alone[0].connections.vacant is 9 of 2 clients"},
		{"more connections than attempts", `"dialed": 3`, `"dialed": 1`, "cells[0].connecting.connected is 2 of 1 dialed"},
		{"more connections than attempts in a block", `"dialed": 7`, `"dialed": 1`, "cells[0].samples[1].connections.connected is 6 of 1 dialed"},
		{"more clients without connections than there are", `"vacant": 1`, `"vacant": 3`, "cells[0].samples[1].connections.vacant is 3 of 2 clients"},
		{"an upgrade that nothing led to", `"lost": 1`, `"upgrade": "` + one + `"`, "cells[0].samples[1].connections.upgrade counts 1 and connect 0"},
		{"a handshake that nothing led to", `"lost": 1`, `"tls": "` + one + `"`, "cells[0].samples[1].connections.tls counts 1 and connect 0"},
		{"more timed than dialed", `"dialed": 3, "connected": 2`, `"tcp": "` + one + `", "upgrade": "` + one + `", "connect": "` + one + `"`, "cells[0].connecting.connect counts 1 of 0 dialed"},
		{"more reconnected than dialed", `"dialed": 3, "connected": 2`, `"reconnect": "` + one + `"`, "cells[0].connecting.reconnect counts 1 of 0 dialed"},
		{"a drain of negative time", `"drain": {"seconds": 0.5`, `"drain": {"seconds": -0.5`, "cells[0].samples[1].drain.seconds is -0.5"},
		{"a failure before the beginning", `"at_seconds": 0.25`, `"at_seconds": -0.25`, "cells[0].examples.flipped.at_seconds is -0.25"},
		{"a merger of one", `"seconds": 1.5`, `"seconds": 1.5, "merged": 1`, "merged is 1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			changed := strings.Replace(valid, tt.from, tt.to, 1)
			if changed == valid {
				t.Fatalf("the run does not hold %q", tt.from)
			}
			_, err := record.Read(strings.NewReader(changed))
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), "a damaged wsimg.run/1") {
				t.Errorf("got %v, want that the run is damaged: %s", err, tt.want)
			}
		})
	}
}

func TestReadIsBounded(t *testing.T) {
	_, err := record.ReadAtMost(strings.NewReader(valid), int64(len(valid)))
	if err != nil {
		t.Errorf("a run as large as the limit: %v", err)
	}
	if _, err := record.ReadAtMost(strings.NewReader(valid), int64(len(valid))-1); err == nil || !strings.Contains(err.Error(), "MB is no saved run") {
		t.Errorf("a larger one: got %v, want that it is too large", err)
	}
}

func TestReadReportsWhatItsReaderSays(t *testing.T) {
	broken := errors.New("the disk is gone")
	_, err := record.Read(io.MultiReader(strings.NewReader(valid), iotest.ErrReader(broken)))
	if !errors.Is(err, broken) {
		t.Errorf("got %v, want %v", err, broken)
	}
}

// TestOldRunsStayReadable: testdata holds a file of every version that saved
// runs, and of every one since that saved more in them.
func TestOldRunsStayReadable(t *testing.T) {
	files, err := filepath.Glob("testdata/run-*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("got %d files and %v, want one of each version", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			run, err := record.Read(bytes.NewReader(data))
			if err != nil {
				t.Fatal(err)
			}
			// Nothing that was saved is lost on its way through this version.
			again, err := json.Marshal(run)
			if err != nil {
				t.Fatal(err)
			}
			var before, after any
			if err := errors.Join(json.Unmarshal(data, &before), json.Unmarshal(again, &after)); err != nil {
				t.Fatal(err)
			}
			if lost := missing(before, after, ""); len(lost) > 0 {
				t.Errorf("not kept: %s", strings.Join(lost, ", "))
			}
		})
	}
}

// missing returns the paths of what was there before and is not, or is
// another, after. A histogram that counts nothing may be written as such.
func missing(before, after any, path string) []string {
	var lost []string
	switch b := before.(type) {
	case map[string]any:
		a, _ := after.(map[string]any)
		for name, value := range b {
			lost = append(lost, missing(value, a[name], path+"."+name)...)
		}
	case []any:
		a, _ := after.([]any)
		for i, value := range b {
			if i >= len(a) {
				return append(lost, path)
			}
			lost = append(lost, missing(value, a[i], fmt.Sprintf("%s[%d]", path, i))...)
		}
	default:
		if !cmp.Equal(before, after) {
			lost = append(lost, path)
		}
	}
	return lost
}

// FuzzRead: whatever is read does not panic, and what is taken is taken again
// after it has been saved, and is the same then.
func FuzzRead(f *testing.F) {
	f.Add([]byte(valid))
	f.Add([]byte(valid[:100]))
	f.Add([]byte(`{"schema": "wsimg.run/2"}`))
	f.Add([]byte(`{"schema": "wsimg.run/1", "cells": [{"samples": [{"response": "HISTFAAAAA=="}]}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		run, err := record.Read(bytes.NewReader(data))
		if err != nil {
			if run != nil {
				t.Errorf("a run beside the error %v", err)
			}
			return
		}
		saved, err := json.Marshal(run)
		if err != nil {
			t.Fatalf("what was read can't be saved: %v", err)
		}
		again, err := record.Read(bytes.NewReader(saved))
		if err != nil {
			t.Fatalf("what was saved can't be read: %v\n%s", err, saved)
		}
		twice, err := json.Marshal(again)
		if err != nil || !bytes.Equal(saved, twice) {
			t.Errorf("saved twice it differs, error %v:\n%s\n%s", err, saved, twice)
		}
	})
}
