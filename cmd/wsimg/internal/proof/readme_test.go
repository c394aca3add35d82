package proof

import (
	"testing"

	"github.com/wsimg/wsimg/cmd/wsimg/internal/outcome"
)

func TestReadmeHasAPlaceForEveryOutcome(t *testing.T) {
	if err := outcome.Places("README.md", "AA", "Effect", "Reproducible", "Power", "Ceiling", "Capacity"); err != nil {
		t.Error(err)
	}
}
