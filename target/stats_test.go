package target

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/HdrHistogram/hdrhistogram-go"
	"github.com/google/go-cmp/cmp"
	"github.com/gorilla/websocket"

	"github.com/wsimg/wsimg/target/internal/tally"
	"github.com/wsimg/wsimg/target/store"
)

// getStats reads the side channel as a client does.
func getStats(t *testing.T, srv testServer, query string) Stats {
	t.Helper()
	resp, err := http.Get("http" + strings.TrimPrefix(srv.url, "ws") + "/stats" + query)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	var s Stats
	if err := json.Unmarshal(body, &s); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	return s
}

func TestStatsAddUp(t *testing.T) {
	const clients, each, size = 8, 5, 10_000
	for _, tc := range []struct {
		store                store.Kind
		reply                Reply
		saved                uint64 // of each mode
		savedStage, decoding uint64 // counts of those stages, text
	}{
		{store.Files, Echo, clients * each, clients * each, clients * each},
		{store.Discard, Echo, clients * each, clients * each, clients * each},
		{store.Off, Echo, 0, 0, 0},
		{store.Files, Ack, clients * each, clients * each, clients * each},
		{store.Off, Ack, 0, 0, 0},
	} {
		t.Run(string(tc.store)+"/"+string(tc.reply), func(t *testing.T) {
			srv := newTestServer(t, Settings{Store: tc.store, Reply: tc.reply, Version: "v1", MaxImage: 2 * size})
			image := photograph(size)
			var wg sync.WaitGroup
			for range clients {
				conn := srv.dial(t, "")
				wg.Go(func() {
					for range each {
						send(t, conn, websocket.BinaryMessage, image)
						send(t, conn, websocket.TextMessage, asText(image))
					}
				})
			}
			wg.Wait()
			refused := srv.dial(t, "")
			refused.WriteMessage(websocket.BinaryMessage, photograph(3*size))
			readClose(t, refused)

			// What was received and saved is exact at once; see Stats.
			const images = clients * each
			before := getStats(t, srv, "")
			if got, want := before.Images.Received, uint64(2*images+1); got != want {
				t.Errorf("received: got %d, want %d", got, want)
			}
			eventually(t, "all replies are counted", func() bool { return srv.Stats().Images.Echoed == 2*images })
			s := getStats(t, srv, "?hist=1")
			text := ImageCounts{Received: images, Saved: tc.saved, Echoed: images}
			binary := ImageCounts{Received: images + 1, Saved: tc.saved, Echoed: images, Refused: 1}
			want := ImageStats{ImageCounts: text.plus(binary), Text: text, Binary: binary}
			if diff := cmp.Diff(want, s.Images); diff != "" {
				t.Errorf("images (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(ByteStats{Received: 2 * images * size, Saved: 2 * tc.saved * size, Echoed: 2 * images * size}, s.Bytes); diff != "" {
				t.Errorf("bytes (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(map[int]uint64{1009: 1}, s.CloseCodes); diff != "" {
				t.Errorf("close codes (-want +got):\n%s", diff)
			}
			for _, c := range []struct {
				stage     string
				got       Stage
				histogram string
				want      uint64
			}{
				{"text receive", s.Stages.Text.Receive, s.Histograms.Text.Receive, images},
				{"text decode", s.Stages.Text.Decode, s.Histograms.Text.Decode, tc.decoding},
				{"text save", s.Stages.Text.Save, s.Histograms.Text.Save, tc.savedStage},
				{"text echo", s.Stages.Text.Echo, s.Histograms.Text.Echo, images},
				{"binary receive", s.Stages.Binary.Receive, s.Histograms.Binary.Receive, images},
				{"binary decode", s.Stages.Binary.Decode, s.Histograms.Binary.Decode, 0},
				{"binary save", s.Stages.Binary.Save, s.Histograms.Binary.Save, tc.savedStage},
				{"binary echo", s.Stages.Binary.Echo, s.Histograms.Binary.Echo, images},
			} {
				if c.got.Count != c.want || (c.got.TotalNs > 0) != (c.want > 0) {
					t.Errorf("stage %s: got %d times in %d ns, want %d times", c.stage, c.got.Count, c.got.TotalNs, c.want)
				}
				h, err := hdrhistogram.Decode([]byte(c.histogram))
				if err != nil {
					t.Errorf("histogram of %s: %v", c.stage, err)
				} else if got := h.TotalCount(); got != int64(c.want) {
					t.Errorf("histogram of %s: got %d values, want %d", c.stage, got, c.want)
				}
			}
			if s.Connections.Total != clients+1 {
				t.Errorf("connections: got %d in total, want %d", s.Connections.Total, clients+1)
			}
			if s.Wsimg != "v1" || s.Store != string(tc.store) || s.Codec != "simd" || s.Reply != string(tc.reply) || s.MaxImageBytes != 2*size || s.Go != runtime.Version() {
				t.Errorf("got settings %q %q %q %q %d %q", s.Wsimg, s.Store, s.Codec, s.Reply, s.MaxImageBytes, s.Go)
			}
		})
	}
}

func TestStatsKeepTheirShape(t *testing.T) {
	ns, resident := int64(7), uint64(8)
	s := Stats{Schema: StatsSchema, CPUNs: &ns, Memory: MemoryStats{&resident}, CloseCodes: map[int]uint64{1007: 2}, Refused: map[int]uint64{401: 1}, Images: ImageStats{ImageCounts: ImageCounts{Received: 1}}}
	s.Environment = Environment{
		OS: "linux", Arch: "amd64", Kernel: "6.12", CPU: "model", Cores: 4, GOMAXPROCS: 2, MemoryBytes: 5,
		Virtualization: "kvm", Governor: "performance", OpenFiles: 9, Container: &Container{CPUs: 1.5, MemoryBytes: 3},
	}
	s.Audit = &Audit{Instance: "one", Connections: 1, Parts: map[int]tally.Part{7: {Count: 2, Sum: tally.Sum{Hi: 1, Lo: 2}}}}
	got, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	const counts = `"received":%d,"saved":0,"echoed":0,"refused":0,"in_hand":0`
	const none = `{"count":0,"total_ns":0}`
	const stages = `{"receive":` + none + `,"inflate":` + none + `,"decode":` + none + `,"save":` + none + `,"deflate":` + none + `,"echo":` + none + `}`
	want := `{"schema":"wsimg.stats/1","wsimg":"","go":"","pid":0,"instance":"","store":"","codec":"","reply":"","deflate":false,"max_image_bytes":0,"uptime_seconds":0,` +
		`"environment":{"os":"linux","arch":"amd64","kernel":"6.12","cpu":"model","cores":4,"gomaxprocs":2,"memory_bytes":5,` +
		`"virtualization":"kvm","governor":"performance","open_files":9,"container":{"cpus":1.5,"memory_bytes":3}},"cpu_ns":7,"memory":{"resident_bytes":8},` +
		`"limits":{"connections":0,"per_address":0,"new_per_address":0,"in_flight_bytes":0,"max_image_bytes":0,` +
		`"handshake_seconds":0,"message_seconds":0,"idle_seconds":0,"write_seconds":0,"memory_bytes":0},` +
		`"connections":{"open":0,"total":0,"cut":0},"refused":{"401":1},"in_flight_bytes":0,` +
		`"images":{` + fmt.Sprintf(counts, 1) + `,"text":{` + fmt.Sprintf(counts, 0) + `},"binary":{` + fmt.Sprintf(counts, 0) + `}},` +
		`"bytes":{"received":0,"saved":0,"echoed":0},"close_codes":{"1007":2},"stages":{"text":` + stages + `,"binary":` + stages + `},` +
		`"audit":{"instance":"one","connections":1,"parts":{"7":{"count":2,"sum":"00000000000000010000000000000002"}}}}`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("JSON (-want +got):\n%s", diff)
	}
}

func TestCPUTimeGrows(t *testing.T) {
	before, ok := processCPU()
	if !ok {
		t.Skip("this system doesn't tell")
	}
	eventually(t, "work costs CPU time", func() bool { now, _ := processCPU(); return now > before })
}

func TestResidentMemoryIsTold(t *testing.T) {
	srv := newTestServer(t, Settings{Store: store.Off})
	if got := getStats(t, srv, "").Memory.ResidentBytes; got == nil || *got < 1<<20 {
		t.Errorf("got %v, want the memory of a Go program", got)
	}
}

// BenchmarkStats is the cost of one reading, of which two surround every block:
// the handler alone, which has to stay far below 50 µs, and with HTTP and the
// client, which are most of the whole, as beside it /healthz shows.
func BenchmarkStats(b *testing.B) {
	srv, err := New(Settings{Store: store.Off})
	if err != nil {
		b.Fatal(err)
	}
	defer srv.Shutdown(b.Context())
	handler := srv.Handler()
	for _, path := range []string{"/stats", "/healthz"} {
		req := httptest.NewRequest("GET", path, nil)
		b.Run("handler of "+path, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				handler.ServeHTTP(httptest.NewRecorder(), req)
			}
		})
		b.Run("over HTTP, client included, "+path, func(b *testing.B) {
			web := httptest.NewServer(handler)
			defer web.Close()
			start, _ := processCPU()
			for b.Loop() {
				resp, err := web.Client().Get(web.URL + path)
				if err != nil {
					b.Fatal(err)
				}
				io.Copy(io.Discard, resp.Body)
				resp.Body.Close()
			}
			end, _ := processCPU()
			b.ReportMetric(float64(end-start)/float64(b.N), "cpu-ns/op")
		})
	}
}

// BenchmarkLaps is what the stages of one message cost to count.
func BenchmarkLaps(b *testing.B) {
	srv, err := New(Settings{Store: store.Off})
	if err != nil {
		b.Fatal(err)
	}
	defer srv.Shutdown(b.Context())
	c := session{server: srv, count: srv.counters.shard(1)}
	for b.Loop() {
		for s := range stages {
			c.lap(text, s)
		}
	}
}
