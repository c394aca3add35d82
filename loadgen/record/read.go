package record

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// MaxBytes is the most that Read takes, which then takes about twice as much
// memory. A run of an hour, second by second, has some 10 MB.
const MaxBytes = 256 << 20

// Read reads one saved run, to the end of r. It takes whatever this package
// has ever written under [Schema], and refuses everything else: what is cut
// off, of another schema, or so inconsistent that figures from it would be
// wrong. Its errors say what it is that was given, and what to give instead.
func Read(r io.Reader) (*Run, error) { return read(r, MaxBytes) }

func read(r io.Reader, limit int64) (*Run, error) {
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("read the run: %w: %s", err, giveRun)
	case int64(len(data)) > limit:
		return nil, fmt.Errorf("more than %d MB is no saved run: %s", limit>>20, giveRun)
	case len(bytes.TrimSpace(data)) == 0:
		return nil, errors.New("empty: " + giveRun)
	}
	if err := recognize(data); err != nil {
		return nil, err
	}
	run := new(Run)
	if err := json.Unmarshal(data, run); err != nil {
		return nil, fmt.Errorf("not a whole %s: %w: %s", Schema, err, giveRun)
	}
	if err := run.check(); err != nil {
		return nil, fmt.Errorf("a damaged %s: %w: %s", Schema, err, giveRun)
	}
	return run, nil
}

// giveRun is what to do about a file that is no saved run.
const giveRun = "give a file that wsimg saved with --out"

// others are what may be taken for a saved run, by schema.
var others = map[string]string{
	"wsimg.report/1":  "a report, which can't be turned back into the run it was made from",
	CalibrationSchema: "the ceilings of a machine, as wsimg calibrate prints them",
	"wsimg.stats/1":   "the counters of a target",
}

// recognize returns an error that says what data is, unless it is a run that
// this version can read.
func recognize(data []byte) error {
	var head struct {
		Schema string `json:"schema"`
	}
	err := json.Unmarshal(data, &head)
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		if syntax.Offset >= int64(len(data)) && bytes.TrimSpace(data)[0] == '{' {
			return fmt.Errorf("cut off after %d bytes: %s that is whole", len(data), giveRun)
		}
		return fmt.Errorf("not JSON (%w): %s", err, giveRun)
	}
	if head.Schema == Schema {
		return nil
	}
	if what, ok := others[head.Schema]; ok {
		return fmt.Errorf("this is %s (%s): %s", what, head.Schema, giveRun)
	}
	family, mine := cutVersion(Schema)
	if of, version := cutVersion(head.Schema); of == family && version > mine {
		return fmt.Errorf("saved by a newer wsimg (%s, and this one reads %s): update wsimg", head.Schema, Schema)
	}
	return fmt.Errorf("JSON, but no run of wsimg: %s", giveRun)
}

// cutVersion splits "wsimg.run/1" into its name and its version, 0 where there
// is none.
func cutVersion(schema string) (name string, version int) {
	name, number, _ := strings.Cut(schema, "/")
	version, err := strconv.Atoi(number)
	if err != nil {
		return name, 0
	}
	return name, version
}
