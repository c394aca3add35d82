//go:build slow

package siege

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"flag"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wsimg/wsimg/cmd/wsimg/internal/outcome"
)

var killsFlag = flag.Int("kills", 10, "how often Kill kills the target")

// fingerprint identifies an image.
type fingerprint = [sha256.Size]byte

// album is the images that were sent, and which of them were acknowledged.
type album struct {
	mu    sync.Mutex
	sent  map[fingerprint]bool
	acked map[fingerprint]bool
}

// TestKill kills the target in the middle of its work, and looks whether what it
// acknowledged is there, before and after it is started again in the same folder.
func TestKill(t *testing.T) {
	p := newProgram(t)
	folder := t.TempDir()
	images := &album{sent: map[fingerprint]bool{}, acked: map[fingerprint]bool{}}
	o := &outcome.Outcome{Program: "Kill", Header: []string{"kill", "reply", "acknowledged so far", "there at once", "torn", "unfinished", "after the restart", "torn", "unfinished"}}
	for round := range *killsFlag {
		reply := []string{"ack", "echo"}[round%2]
		victim := p.serve(t, anyPort, "--store", "files", "--dir", folder, "--reply", reply)
		ctx, stop := context.WithCancel(p.Context())
		var senders sync.WaitGroup
		for range 16 {
			senders.Go(func() {
				if err := images.send(ctx, victim.addr, reply); err != nil {
					t.Error(err)
				}
			})
		}
		sleep(p.Context(), 200*time.Millisecond+rand.N(300*time.Millisecond))
		victim.kill()
		stop()
		senders.Wait()
		killed := images.look(t, folder)
		reborn := p.serve(t, anyPort, "--store", "files", "--dir", folder, "--reply", reply)
		restarted := images.look(t, folder)
		reborn.kill()
		o.Row(round+1, reply, len(images.acked), killed.acked, killed.torn, killed.parts, restarted.acked, restarted.torn, restarted.parts)
		for when, l := range map[string]looked{"before": killed, "after": restarted} {
			if l.acked < len(images.acked) {
				o.Missf("kill %d: %d acknowledged images are missing %s the restart", round+1, len(images.acked)-l.acked, when)
			}
			if l.torn > 0 {
				o.Missf("kill %d: %d files hold no image that was sent, %s the restart", round+1, l.torn, when)
			}
		}
		if restarted.parts > 0 {
			o.Missf("kill %d: %d unfinished files are left after the restart", round+1, restarted.parts)
		}
	}
	if len(images.acked) == 0 {
		o.Missf("no image was acknowledged")
	}
	o.Setting = p.setting("SIGKILL %d times while 16 clients send; %d images sent, each one of its own, %d acknowledged", *killsFlag, len(images.sent), len(images.acked))
	p.Finish(t, o, place)
}

// send sends images over one connection, each as soon as the one before was
// acknowledged, until it breaks.
func (a *album) send(ctx context.Context, addr, reply string) error {
	l, err := dial(ctx, addr)
	if err != nil {
		return err
	}
	defer l.hangUp()
	if err := l.upgrade("/?reply="+reply, ""); err != nil {
		return err
	}
	image := make([]byte, 20_000)
	for {
		for i := 0; i < len(image); i += 8 {
			binary.LittleEndian.PutUint64(image[i:], rand.Uint64())
		}
		name := fingerprint(sha256.Sum256(image))
		a.mu.Lock()
		a.sent[name] = true
		a.mu.Unlock()
		if err := l.send(final|binaryImage, image); err != nil {
			return nil // it was killed, as it should be
		}
		if opcode, _, err := l.next(); err != nil || opcode >= closing {
			return nil
		}
		a.mu.Lock()
		a.acked[name] = true
		a.mu.Unlock()
	}
}

// looked is what was found in a folder.
type looked struct {
	acked int // images that were acknowledged
	torn  int // files that hold none of the images sent
	parts int // files with temporary names
}

func (a *album) look(t *testing.T, folder string) (l looked) {
	t.Helper()
	files, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if strings.HasSuffix(f.Name(), ".part") {
			l.parts++
			continue
		}
		if strings.HasPrefix(f.Name(), ".") {
			continue
		}
		data, err := os.ReadFile(filepath.Join(folder, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		switch name := fingerprint(sha256.Sum256(data)); {
		case a.acked[name]:
			l.acked++
		case !a.sent[name]:
			l.torn++
		}
	}
	return l
}
