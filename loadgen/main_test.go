package loadgen

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// childRole says in the environment of a child of this test binary what it is.
const childRole = "WSIMG_TEST_CHILD"

// children are processes of their own for tests that are about CPU. They end
// with their standard input.
var children = map[string]func(){
	"hog":    hog,
	"server": func() { serve(echoing(0)) },
	"pinger": func() { serve(http.HandlerFunc(pinging)) },
}

func TestMain(m *testing.M) {
	if run, ok := children[os.Getenv(childRole)]; ok {
		run()
		return
	}
	goleak.VerifyTestMain(m)
}

// startChild starts a child that ends with the test, and returns the line that
// it says when it is ready.
func startChild(t *testing.T, role string) string {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path)
	cmd.Env = append(os.Environ(), childRole+"="+role)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		if err := cmd.Wait(); err != nil {
			t.Errorf("the %s ended with %v", role, err)
		}
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("the %s did not start: %v", role, err)
	}
	return strings.TrimSpace(line)
}

// hog burns a quarter of the machine, one core at least.
func hog() {
	for range max(1, runtime.NumCPU()/4) {
		go func() {
			for began := time.Now(); time.Since(began) < time.Hour; {
			}
		}()
	}
	fmt.Println("ready")
	io.Copy(io.Discard, os.Stdin)
}

// serve serves over TCP.
func serve(h http.Handler) {
	srv := httptest.NewServer(h)
	fmt.Println("ws" + strings.TrimPrefix(srv.URL, "http"))
	io.Copy(io.Discard, os.Stdin)
	os.Exit(0)
}
