package interop

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/wsimg/wsimg/loadgen/payload"
	"github.com/wsimg/wsimg/loadgen/record"
)

// picture makes a JPEG of 100 KB, and returns where it is and what it holds.
func picture(t *testing.T) (path string, image []byte) {
	t.Helper()
	source, err := payload.Synthetic(t.Context(), 100_000, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	image = source.Images()[0]
	path = filepath.Join(t.TempDir(), "image.jpg")
	if err := os.WriteFile(path, image, 0o600); err != nil {
		t.Fatal(err)
	}
	return path, image
}

// TestPair has Autobahn at one end and wsimg at the other.
func TestPair(t *testing.T) {
	if raceEnabled {
		t.Skip("the programs are others, and not built with -race")
	}
	python, wsimg := python(t), build(t)
	path, image := picture(t)

	t.Run("a client that sends one text message", func(t *testing.T) {
		folder := t.TempDir()
		url := startTarget(t, wsimg, "--dir", folder)
		finish(t, python, script(t, "echo_client.py"), url, path)
		wantSaved(t, folder, image)
	})
	t.Run("a client that fragments, pings and compresses", func(t *testing.T) {
		folder := t.TempDir()
		url := startTarget(t, wsimg, "--dir", folder, "--deflate")
		finish(t, python, script(t, "busy_client.py"), url, path)
		wantSaved(t, folder, image, image, image)
	})
	t.Run("a client that inflates with a window of 512 bytes", func(t *testing.T) {
		url := startTarget(t, wsimg, "--store", "off", "--deflate")
		finish(t, python, script(t, "window_client.py"), url, path, "9")
	})
	t.Run("a server under wsimg run", func(t *testing.T) {
		folder := t.TempDir()
		saved, out := filepath.Join(folder, "saved.jpg"), filepath.Join(folder, "run.json")
		url := serve(t, nil, python, script(t, "echo_server.py"), saved)
		finish(t, wsimg, "run", "--url", url, "--mode", "text", "--images", path, "--clients", "2", "--duration", "1s", "--out", out, "--quiet")
		wantFaultless(t, out, 1)
		wantSaved(t, saved, image)
	})
	t.Run("a server under wsimg bench", func(t *testing.T) {
		folder := t.TempDir()
		out := filepath.Join(folder, "run.json")
		url := serve(t, nil, python, script(t, "echo_server.py"), filepath.Join(folder, "saved.jpg"))
		finish(t, wsimg, "bench", "--url", url, "--loads", "closed,single", "--sizes", "10KB,100KB", "--clients", "2",
			"--rounds", "6", "--duration", "30ms", "--distinct", "2", "--warmup", "100ms", "--out", out, "--quiet")
		wantFaultless(t, out, 2*2*2)
	})
}

// startTarget starts wsimg target, which an interrupt ends.
func startTarget(t *testing.T, wsimg string, flags ...string) (url string) {
	t.Helper()
	interrupt := func(p *os.Process) error { return p.Signal(os.Interrupt) }
	return serve(t, interrupt, wsimg, slices.Concat([]string{"target", "--addr", "127.0.0.1:0"}, flags)...)
}

// wantSaved compares what is saved at path, a file or a folder of them, to
// images.
func wantSaved(t *testing.T, path string, images ...[]byte) {
	t.Helper()
	var saved [][]byte
	if err := filepath.WalkDir(path, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || strings.HasPrefix(d.Name(), ".") {
			return err
		}
		image, err := os.ReadFile(path)
		saved = append(saved, image)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if !slices.EqualFunc(saved, images, bytes.Equal) {
		t.Errorf("got %d images saved, want the %d that were sent, byte for byte", len(saved), len(images))
	}
}

// wantFaultless reads a saved run, all of whose cells must have images and no
// errors.
func wantFaultless(t *testing.T, path string, cells int) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	run, err := record.Read(f)
	if err != nil {
		t.Fatal(err)
	}
	if len(run.Cells) != cells {
		t.Errorf("got %d cells, want %d", len(run.Cells), cells)
	}
	for _, cell := range run.Cells {
		var images uint64
		for _, sample := range cell.Samples {
			images += sample.BlockImages
			if len(sample.Errors) > 0 || sample.Redials > 0 {
				t.Errorf("%s, %d bytes: got errors %v and %d redials, want none", cell.Mode, cell.SizeBytes, sample.Errors, sample.Redials)
			}
		}
		if images == 0 || len(cell.WarmupErrors) > 0 || cell.Failed != "" {
			t.Errorf("%s, %d bytes: got %d images back, errors %v warming up, failure %q; want images alone", cell.Mode, cell.SizeBytes, images, cell.WarmupErrors, cell.Failed)
		}
	}
}
