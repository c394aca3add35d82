package siege

import (
	"os"
	"strings"
	"testing"

	"github.com/wsimg/wsimg/cmd/wsimg/internal/outcome"
)

func TestReadmeHasAPlaceForEveryOutcome(t *testing.T) {
	if err := outcome.Places("README.md", "Idle", "Crowd", "Siege", "Soak", "Kill", "Scale", "Share", "Outage", "Storm"); err != nil {
		t.Error(err)
	}
}

func TestReadmeTellsOfEveryHostileKind(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	for name := range kinds {
		if name != "idle" && !strings.Contains(string(readme), "\n| "+name+" ") {
			t.Errorf("README.md does not tell of %s", name)
		}
	}
}
