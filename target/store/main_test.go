package store

import (
	"os"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

// childEnv names what a child process of a test does in place of testing.
const childEnv = "WSIMG_STORE_TEST_CHILD"

// promptly is for the race detector of the children: by itself each waits a
// second before it ends well.
const promptly = "atexit_sleep_ms=10"

func TestMain(m *testing.M) {
	os.Setenv("GORACE", strings.TrimSpace(os.Getenv("GORACE")+" "+promptly))
	if task := os.Getenv(childEnv); task != "" {
		os.Exit(runChild(task, os.Args[1]))
	}
	goleak.VerifyTestMain(m)
}
