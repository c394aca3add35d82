package calibrate

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/wsimg/wsimg/target"
	"github.com/wsimg/wsimg/target/store"
)

// TestMain makes the test binary serve as what Run starts.
func TestMain(m *testing.M) {
	serve := map[string]func() error{
		"calibrate": func() error { return ServeChild(context.Background(), os.Stdin, os.Stdout) },
		"while":     serveWhile,
		"target": func() error {
			return target.ServeChild(context.Background(), target.Settings{Store: store.Off}, os.Stdin, os.Stdout)
		},
	}
	if child := serve[os.Args[min(1, len(os.Args)-1)]]; child != nil {
		if err := child(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	goleak.VerifyTestMain(m)
}

// serveWhile serves as the yardstick as long as the file named by the second
// argument is there.
func serveWhile() error {
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		for {
			if _, err := os.Stat(os.Args[2]); err != nil {
				cancel()
				return
			}
			time.Sleep(time.Millisecond)
		}
	}()
	return ServeChild(ctx, os.Stdin, os.Stdout)
}
