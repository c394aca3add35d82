package machine

import (
	"runtime"
	"testing"
)

func TestOpenFilesSoftIsWithinHard(t *testing.T) {
	soft, hard, ok := OpenFiles()
	if !ok {
		if runtime.GOOS != "windows" {
			t.Fatal("got ok=false")
		}
		t.Skip("no limit here")
	}
	if soft == 0 || soft > hard {
		t.Errorf("got soft %d, hard %d", soft, hard)
	}
}
