package outcome

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const document = `# Programs

Before.

<!-- outcome of AA -->
old
<!-- end of AA -->

<!-- outcome of Power -->
kept
<!-- end of Power -->
`

// written returns the path of a document with this text.
func written(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "README.md")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestUpdateReplacesOneOutcome(t *testing.T) {
	path := written(t, document)
	o := &Outcome{Program: "AA", Setting: "One run."}
	for _, note := range []string{"First.", "Second."} {
		o.Notes = []string{note}
		if err := o.Update(path); err != nil {
			t.Fatal(err)
		}
		want := strings.Replace(document, "old\n", o.Markdown(), 1)
		if got, err := os.ReadFile(path); err != nil || string(got) != want {
			t.Errorf("%s got\n%s\n(%v), want\n%s", note, got, err, want)
		}
	}
}

func TestADocumentWithoutPlaceIsRefusedAndStaysAsItIs(t *testing.T) {
	for _, c := range []struct{ name, document, program, want string }{
		{"no mark", document, "Effect", `no line "<!-- outcome of Effect -->"`},
		{"no end", strings.Replace(document, "<!-- end of AA -->", "", 1), "AA", `no line "<!-- end of AA -->"`},
		{"two places", document + document, "AA", "two places"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := written(t, c.document)
			for what, err := range map[string]error{
				"Update": (&Outcome{Program: c.program}).Update(path),
				"Places": Places(path, "Power", c.program),
			} {
				if err == nil || !strings.Contains(err.Error(), c.want) {
					t.Errorf("%s: got %v, want an error with %q", what, err, c.want)
				}
			}
			if got, err := os.ReadFile(path); err != nil || string(got) != c.document {
				t.Errorf("the document is now\n%s\n(%v)", got, err)
			}
		})
	}
}

func TestPlacesFindsEveryPlace(t *testing.T) {
	if err := Places(written(t, document), "AA", "Power"); err != nil {
		t.Errorf("got %v, want nothing amiss", err)
	}
}
