package proof

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if os.Getenv(hogVariable) != "" {
		beHog(os.Stdin)
		return
	}
	goleak.VerifyTestMain(m)
}
