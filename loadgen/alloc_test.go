package loadgen_test

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/wsimg/wsimg/loadgen"
	"github.com/wsimg/wsimg/loadgen/payload"
	"github.com/wsimg/wsimg/loadgen/record"
)

// TestRoundTripAllocatesLittle drives one client against a server that knows
// the only image there is and allocates nothing, so that what is allocated is
// the generator's doing: gorilla's reader, 128 bytes, and nothing that grows
// with the image. Inflating adds gorilla's readers, and what flate makes for
// each block that has codes of its own.
func TestRoundTripAllocatesLittle(t *testing.T) {
	if loadgen.RaceEnabled {
		t.Skip("under the race detector pools forget on purpose")
	}
	const size = 100_000
	image := make([]byte, size)
	rand.NewChaCha8([32]byte{}).Read(image)
	path := filepath.Join(t.TempDir(), "image")
	if err := os.WriteFile(path, image, 0o600); err != nil {
		t.Fatal(err)
	}
	only, err := payload.Files(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		mode, sender   string
		trips          int // that count
		objects, bytes float64
	}{
		{"binary", loadgen.Live, 2000, 1.1, 500},
		{"binary", loadgen.Prepared, 2000, 1.1, 500},
		{"text", loadgen.Live, 2000, 1.1, 500},
		{"text+codec=std", loadgen.Live, 2000, 1.1, 500},
		{"text+deflate", loadgen.Live, 300, 6.1, 5000},
		{"binary+deflate", loadgen.Live, 300, 6.1, 5000},
		{"text+deflate=-2", loadgen.Prepared, 300, 6.1, 5000},
	} {
		t.Run(tt.mode+", "+tt.sender, func(t *testing.T) {
			mode, err := payload.ParseMode(tt.mode)
			if err != nil {
				t.Fatal(err)
			}
			head, message := byte(0x82), image
			if mode.Kind == payload.Text {
				head, message = 0x81, []byte(base64.StdEncoding.EncodeToString(image))
			}
			if mode.Deflate.On {
				head |= 0x40
				if message, err = payload.NewDeflater(mode.Deflate.Level).Append(nil, message); err != nil {
					t.Fatal(err)
				}
			}
			reply := binary.BigEndian.AppendUint64([]byte{head, 127}, uint64(len(message)))
			// From the first to the last message that counts, within one block.
			const first = 200
			last := first + tt.trips
			var before, after runtime.MemStats
			ctx, enough := context.WithCancel(t.Context())
			url := parrot(t, len(message)+14, append(reply, message...), func(n int) {
				switch n {
				case first:
					runtime.ReadMemStats(&before)
				case last:
					runtime.ReadMemStats(&after)
					enough()
				}
			})
			traffic, err := loadgen.NewTraffic(only, mode, tt.sender, record.Echo, 1)
			if err != nil {
				t.Fatal(err)
			}
			fleet, err := loadgen.Dial(t.Context(), loadgen.Settings{URL: url, Clients: 1, Deflate: mode.Deflate.On})
			if err != nil {
				t.Fatal(err)
			}
			defer fleet.Close()
			_, examples, err := fleet.Run(ctx, loadgen.Block{Traffic: traffic, Length: time.Minute})
			if ctx.Err() == nil || len(examples) > 0 {
				t.Fatal(err, examples)
			}
			objects := float64(after.Mallocs-before.Mallocs) / float64(tt.trips)
			total := float64(after.TotalAlloc-before.TotalAlloc) / float64(tt.trips)
			if objects > tt.objects || total > tt.bytes {
				t.Errorf("got %.2f objects and %.0f bytes an image, want at most %.1f and %.0f", objects, total, tt.objects, tt.bytes)
			}
		})
	}
}

// parrot answers every n bytes with the same reply, whatever they are, and
// tells how often it has.
func parrot(t *testing.T, n int, reply []byte, told func(times int)) (url string) {
	t.Helper()
	ended := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer close(ended)
		up := websocket.Upgrader{EnableCompression: true} // for those who ask
		ws, err := up.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer ws.Close()
		conn, request := ws.NetConn(), make([]byte, n)
		for times := 1; ; times++ {
			if _, err := io.ReadFull(conn, request); err != nil {
				return
			}
			told(times)
			if _, err := conn.Write(reply); err != nil {
				return
			}
		}
	}))
	t.Cleanup(func() {
		srv.Close()
		<-ended
	})
	return "ws" + strings.TrimPrefix(srv.URL, "http")
}
