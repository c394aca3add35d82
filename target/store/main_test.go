package store

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

// childEnv names what a child process of a test does in place of testing.
const childEnv = "WSIMG_STORE_TEST_CHILD"

func TestMain(m *testing.M) {
	if task := os.Getenv(childEnv); task != "" {
		os.Exit(runChild(task, os.Args[1]))
	}
	goleak.VerifyTestMain(m)
}
