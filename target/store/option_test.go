package store

import (
	"fmt"
	"testing"
)

func TestOptions(t *testing.T) {
	for name, c := range map[string]struct {
		given []Option
		want  options
	}{
		"none":                     {nil, options{openFiles: MostOpenFiles}},
		"transient":                {[]Option{Transient()}, options{transient: true, openFiles: MostOpenFiles}},
		"few files":                {[]Option{OpenFiles(100)}, options{openFiles: 100}},
		"fewer than can be":        {[]Option{OpenFiles(-5)}, options{openFiles: LeastOpenFiles}},
		"more than are worthwhile": {[]Option{OpenFiles(1 << 20)}, options{openFiles: MostOpenFiles}},
		"both":                     {[]Option{OpenFiles(100), Transient()}, options{transient: true, openFiles: 100}},
	} {
		if got := optionsOf(c.given); got != c.want {
			t.Errorf("%s: got %+v, want %+v", name, got, c.want)
		}
	}
}

// TestFewOpenFilesLoseNothing has more connections than files that may be open:
// each finds its own again.
func TestFewOpenFilesLoseNothing(t *testing.T) {
	dir := t.TempDir()
	st, err := Open(Latest, dir, Keep{}, OpenFiles(LeastOpenFiles))
	if err != nil {
		t.Fatal(err)
	}
	const connections = 3 * LeastOpenFiles
	savers := make([]Saver, connections)
	for i := range savers {
		savers[i] = st.Session(uint64(i))
	}
	want := make(map[string]int)
	for round := range 3 {
		for i, saver := range savers {
			image := fmt.Sprintf("image %d of connection %d", round, i)
			mustSave(t, saver, []byte(image))
			if round == 2 {
				want[image]++
			}
		}
		if got := st.(*latest).open.used.Len(); got != LeastOpenFiles {
			t.Errorf("round %d: got %d open files, want %d", round, got, LeastOpenFiles)
		}
	}
	for _, saver := range savers {
		if err := saver.Close(); err != nil {
			t.Fatal(err)
		}
	}
	mustClose(t, st)
	for _, content := range contents(t, dir) {
		want[string(content)]--
	}
	for image, missing := range want {
		if missing != 0 {
			t.Errorf("got %d files too few with %q", missing, image)
		}
	}
}
