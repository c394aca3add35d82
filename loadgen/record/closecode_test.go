package record_test

import (
	"testing"

	"github.com/wsimg/wsimg/loadgen/record"
)

func TestCloseCodesHaveNames(t *testing.T) {
	for code, want := range map[int]string{
		999:  "",
		1000: "normal closure",
		1006: "abnormal closure",
		1011: "internal server error",
		1013: "try again later",
		1014: "bad gateway",
		1015: "TLS handshake",
		1016: "",
		3000: "unauthorized",
		3001: "",
		4000: "",
		-1:   "",
	} {
		if got := record.CloseName(code); got != want {
			t.Errorf("code %d: got %q, want %q", code, got, want)
		}
	}
}
