package siege

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/pprof"

	"github.com/wsimg/wsimg/target"
	"github.com/wsimg/wsimg/target/store"
)

// patientVariable holds the treatment of the patient that a test binary is to be
// when it is started again.
const patientVariable = "WSIMG_SIEGE_PATIENT"

// patient is a target in a process of its own that lets itself be examined: it
// is wsimg target but for the command line, and tells what only the process itself
// knows.
type patient struct {
	*process
	addr string
}

// treatment is what a patient is started with; what is left out is as usual.
type treatment struct {
	Store    store.Kind
	Dir      string
	MaxImage int64
	Deflate  bool
	Limits   target.Limits
}

// settings are those of a target on a free port.
func (tr treatment) settings() target.Settings {
	return target.Settings{
		Addr: "127.0.0.1:0", Store: tr.Store, Dir: tr.Dir, MaxImage: tr.MaxImage, Deflate: tr.Deflate, Limits: tr.Limits,
	}
}

// anatomy is where the memory of a Go process is, in bytes, after a garbage
// collection that gave back to the system what could be.
type anatomy struct {
	Heap       int64 // live objects
	Spans      int64 // what they are spread over, beyond their own size
	Stacks     int64
	Runtime    int64 // the runtime's own
	Goroutines int
}

// admit starts a patient. It ends when it is released, and also when this process
// does.
func admit(ctx context.Context, tr treatment) (*patient, error) {
	p := new(patient)
	var err error
	if p.process, err = restart(ctx, patientVariable, tr, &p.addr); err != nil {
		return nil, fmt.Errorf("start a target: %w", err)
	}
	return p, nil
}

// examine has the target collect its garbage and say where its memory is.
// Unless it is empty, a heap profile goes to that file.
func (p *patient) examine(profile string) (a anatomy, err error) {
	if _, err := fmt.Fprintln(p.stdin, profile); err != nil {
		return a, fmt.Errorf("examine the target: %w", err)
	}
	if err := p.said.Decode(&a); err != nil {
		return a, fmt.Errorf("examine the target: %w", err)
	}
	return a, nil
}

// release ends the process.
func (p *patient) release() error { return p.end(nil) }

// bePatient is what such a process does. Every line on stdin is an examination.
func bePatient(order string, stdin io.Reader, stdout io.Writer) error {
	var tr treatment
	if err := json.Unmarshal([]byte(order), &tr); err != nil {
		return err
	}
	server, err := target.Listen(tr.settings())
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	served := make(chan error, 1)
	go func() { served <- server.Serve(ctx) }()
	say := json.NewEncoder(stdout)
	if err := say.Encode(server.Addr().String()); err != nil {
		return err
	}
	for lines := bufio.NewScanner(stdin); lines.Scan(); {
		a, err := examined(lines.Text())
		if err != nil {
			return err
		}
		if err := say.Encode(a); err != nil {
			return err
		}
	}
	stop()
	return <-served
}

// examined looks at this process.
func examined(profile string) (anatomy, error) {
	for range 3 { // pools let go at the second collection
		debug.FreeOSMemory()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	a := anatomy{
		Heap:       int64(m.HeapAlloc),
		Spans:      int64(m.HeapInuse - m.HeapAlloc),
		Stacks:     int64(m.StackSys),
		Runtime:    int64(m.MSpanInuse + m.MCacheInuse + m.BuckHashSys + m.GCSys + m.OtherSys),
		Goroutines: runtime.NumGoroutine(),
	}
	if profile == "" {
		return a, nil
	}
	f, err := os.Create(profile)
	if err != nil {
		return a, err
	}
	return a, errors.Join(pprof.WriteHeapProfile(f), f.Close())
}
