package proof

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const document = `# Proof

Before.

<!-- outcome of AA -->
old
<!-- end of AA -->

<!-- outcome of Power -->
kept
<!-- end of Power -->
`

func TestUpdateReplacesOneOutcome(t *testing.T) {
	path := filepath.Join(t.TempDir(), "README.md")
	if err := os.WriteFile(path, []byte(document), 0o600); err != nil {
		t.Fatal(err)
	}
	o := &outcome{program: "AA", setting: "One run.", header: []string{"metric", "runs"}}
	o.row("unloaded p50", 40)
	o.row("µ", 1)
	want := strings.Replace(document, "old\n", `One run.

| metric       | runs |
| ------------ | ---: |
| unloaded p50 |   40 |
| µ            |    1 |

**All bars cleared.**
`, 1)
	for _, time := range []string{"once", "again"} {
		if err := updateFile(path, o); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != want {
			t.Errorf("%s: got\n%s\n(%v), want\n%s", time, got, err, want)
		}
	}
}

func TestUpdateRefusesADocumentWithoutPlaceForIt(t *testing.T) {
	for _, c := range []struct{ name, document, program, want string }{
		{"no mark", document, "Effect", `no line "<!-- outcome of Effect -->"`},
		{"no end", strings.Replace(document, "<!-- end of AA -->", "", 1), "AA", `no line "<!-- end of AA -->"`},
		{"two places", document + document, "AA", "two places"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := update(c.document, c.program, "new")
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %q, %v, want an error with %q", got, err, c.want)
			}
		})
	}
}

// The document has a place for the outcome of every program.
func TestTheDocumentTakesEveryOutcome(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, program := range []string{"AA", "Effect", "Reproducible", "Power"} {
		if _, err := update(string(text), program, "new"); err != nil {
			t.Errorf("outcome of %s: %v", program, err)
		}
	}
}

func TestAnOutcomeTellsWhatItMissed(t *testing.T) {
	o := &outcome{program: "AA", notes: []string{"A note."}}
	o.missf("%d of %d", 8, 40)
	o.missf("another")
	got := o.markdown()
	for _, want := range []string{"A note.\n", "**Missed:** 8 of 40; another.\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("got %q, want it to contain %q", got, want)
		}
	}
	if strings.Contains(got, "cleared") {
		t.Errorf("got %q, want nothing cleared", got)
	}
}
