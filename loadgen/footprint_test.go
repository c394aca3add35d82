package loadgen

import (
	"errors"
	"net/http"
	"runtime"
	"runtime/metrics"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/wsimg/wsimg/loadgen/payload"
	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/schedule"
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

// mostGrown is what an image may add to a client's stack, in bytes: one that
// doubled it, from 2 KiB, would for good.
const mostGrown = 1000

// TestImageLeavesStacksAsTheyWere waits for the rest of a reply that comes in
// many pieces no deeper in calls than for the next reply.
func TestImageLeavesStacksAsTheyWere(t *testing.T) {
	if RaceEnabled {
		t.Skip("the race detector's frames are larger")
	}
	const clients = 200
	source, err := payload.Synthetic(t.Context(), 400_000, 4, 1)
	if err != nil {
		t.Fatal(err)
	}
	traffic, err := NewTraffic(source, payload.Mode{Kind: payload.Binary}, Live, record.Echo, clients)
	if err != nil {
		t.Fatal(err)
	}
	fleet, err := Dial(t.Context(), Settings{URL: startChild(t, "pinger"), Clients: clients})
	if err != nil {
		t.Fatal(err)
	}
	defer fleet.Close()
	before := stacks()
	// Who reads sends as well where the next image is due already, and has the stack
	// for it: here none is.
	load := Load{Plan: schedule.Steady(clients/2, 2*time.Second), Arrivals: schedule.Constant}
	sample, examples, err := fleet.Run(t.Context(), Block{Traffic: traffic, Load: load})
	if err != nil || sample.BlockImages != clients {
		t.Fatal(sample.BlockImages, err, examples)
	}
	if grown := (stacks() - before) / clients; grown > mostGrown {
		t.Errorf("an image added %d bytes to a client's stack, want at most %d", grown, mostGrown)
	}
}

// stacks returns the bytes of all stacks, which halve once a collection.
func stacks() int {
	for range 3 {
		runtime.GC()
	}
	s := []metrics.Sample{{Name: "/memory/classes/heap/stacks:bytes"}}
	metrics.Read(s)
	return int(s[0].Value.Uint64())
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
