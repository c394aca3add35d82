package loadgen

import (
	"errors"
	"net/http"
	"runtime"
	"runtime/metrics"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/wsimg/wsimg/loadgen/record"
)

// mostIdle is what a client may take of this process's memory while nothing
// happens, in bytes of heap and stack: 8,000 less what the runtime keeps for the
// socket.
const mostIdle = 7500

// TestIdleClientIsSmall compares what few clients take with what many do. The
// server's share, in a process of its own, is not in it.
func TestIdleClientIsSmall(t *testing.T) {
	if RaceEnabled {
		t.Skip("the race detector has memory of its own for all there is")
	}
	url := startChild(t, "pinger")
	for _, tt := range []struct {
		name   string
		active bool
	}{
		{"since its handshake and a ping", false},
		{"since an image and another ping", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			use := func(clients int) int {
				fleet, err := Dial(t.Context(), Settings{URL: url, Clients: clients})
				if err != nil {
					t.Fatal(err)
				}
				defer fleet.Close()
				if !tt.active {
					return inUse()
				}
				sample, examples, err := fleet.Run(t.Context(), Block{Traffic: newNumbers(t, record.Echo, clients), Length: time.Nanosecond})
				if err != nil || sample.BlockImages < uint64(clients) {
					t.Fatal(sample.BlockImages, err, examples)
				}
				return inUse()
			}
			const few, many = 50, 550
			use(few) // what is made once
			base := use(few)
			if got := (use(many) - base) / (many - few); got > mostIdle {
				t.Errorf("an idle client takes %d bytes, want at most %d", got, mostIdle)
			}
		})
	}
}

// inUse returns the bytes of heap and stacks after a collection.
func inUse() int {
	for range 3 { // stacks halve once a collection
		runtime.GC()
	}
	s := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/memory/classes/heap/stacks:bytes"}}
	metrics.Read(s)
	return int(s[0].Value.Uint64() + s[1].Value.Uint64())
}

// pinging pings at once, echoes, and pings before each echo.
func pinging(w http.ResponseWriter, r *http.Request) {
	ws, err := new(websocket.Upgrader).Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer ws.Close()
	ping := func() error { return ws.WriteControl(websocket.PingMessage, nil, time.Now().Add(time.Minute)) }
	for err = ping(); err == nil; {
		var typ int
		var data []byte
		if typ, data, err = ws.ReadMessage(); err == nil {
			err = errors.Join(ping(), ws.WriteMessage(typ, data))
		}
	}
}
