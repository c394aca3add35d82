package site

import (
	"errors"
	"testing"

	"github.com/wsimg/wsimg/loadgen/machine"
)

func TestAllows(t *testing.T) {
	soft, _, ok := machine.OpenFiles()
	if !ok || soft > 1<<30 {
		t.Skip("no limit to meet here")
	}
	limit := int(soft)
	for name, c := range map[string]struct {
		connections int
		bundled     bool
		ok          bool
	}{
		"one client":                             {1, true, true},
		"all there are":                          {limit - spareFiles, false, true},
		"one more":                               {limit - spareFiles + 1, false, false},
		"as many, and a target that keeps files": {limit - spareFiles, true, false},
		"as many as leave it its files":          {limit - spareFiles - storeFiles, true, true},
	} {
		if c.connections < 1 {
			continue // so low a limit has no such case
		}
		if err := Allows(c.connections, c.bundled); (err == nil) != c.ok || err != nil && !errors.Is(err, ErrLimit) {
			t.Errorf("%s: got %v, want ErrLimit: %v", name, err, !c.ok)
		}
	}
}
