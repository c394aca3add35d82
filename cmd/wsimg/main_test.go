package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/wsimg/wsimg/cmd/wsimg/internal/yardstick"
	"github.com/wsimg/wsimg/loadgen/machine"
)

// role tells a test binary that was started again what to be.
const role = "WSIMG_TEST_ROLE"

// promptly is for the race detector of the processes that tests start: by
// itself each waits a second before it ends well.
const promptly = "atexit_sleep_ms=10"

func TestMain(m *testing.M) {
	os.Setenv("GORACE", strings.TrimSpace(os.Getenv("GORACE")+" "+promptly))
	switch os.Getenv(role) {
	case "wsimg":
		main()
	case "yardstick":
		serveYardstick()
		return
	}
	testscript.Main(m, map[string]func(){"wsimg": main})
}

// serveYardstick prints its address and serves until standard input ends.
func serveYardstick() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(l.Addr())
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		_, _ = os.Stdin.Read(make([]byte, 1))
		cancel()
	}()
	if err := yardstick.Serve(ctx, l); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// TestScripts types commands as a user would.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Condition: func(name string) (bool, error) {
			if name != "cpus01" { // CPUs 0 and 1 are there for wsimg
				return false, fmt.Errorf("no such condition: %s", name)
			}
			cpus, _ := machine.Affinity() // none where the system does not tell
			return slices.Contains(cpus, 0) && slices.Contains(cpus, 1), nil
		},
		Setup: func(env *testscript.Env) error {
			env.Setenv(role, "wsimg") // for the target, which is the same binary again
			env.Setenv("TMPDIR", env.Cd)
			env.Setenv("GORACE", os.Getenv("GORACE"))
			return nil
		},
	})
}
