package target

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/wsimg/wsimg/target/store"
)

// roleVariable makes this test binary play a part in a test of children
// instead of running tests.
const roleVariable = "WSIMG_TARGET_TEST_ROLE"

// promptly is for the race detector of the children: by itself each waits a
// second before it ends well.
const promptly = "atexit_sleep_ms=10"

func TestMain(m *testing.M) {
	os.Setenv("GORACE", strings.TrimSpace(os.Getenv("GORACE")+" "+promptly))
	switch role := os.Getenv(roleVariable); role {
	case "":
		goleak.VerifyTestMain(m)
	case "child":
		exit(ServeChild(context.Background(), Settings{Store: store.Latest}, os.Stdin, os.Stdout))
	case "late child":
		exit(ServeChild(context.Background(), Settings{Store: store.Latest}, os.Stdin, lateWriter{}))
	case "failing child":
		exit(fmt.Errorf("no luck today"))
	case "silent child":
		time.Sleep(time.Minute)
	case "parent":
		exit(playParent())
	default:
		exit(fmt.Errorf("no such role: %q", role))
	}
}

// lateWriter is a standard output on which nothing comes for a second.
type lateWriter struct{}

func (lateWriter) Write(p []byte) (int, error) {
	time.Sleep(time.Second)
	return os.Stdout.Write(p)
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// playParent starts a child, says so, and waits to be killed.
func playParent() error {
	c, err := Start(context.Background(), testChild("child"))
	if err != nil {
		return err
	}
	if err := json.NewEncoder(os.Stdout).Encode(c.ready); err != nil {
		return err
	}
	select {}
}

// testChild returns settings that start this test binary in a role.
func testChild(role string) ChildSettings {
	return ChildSettings{Args: []string{}, Env: []string{roleVariable + "=" + role}}
}
