package loadgen

import (
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gorilla/websocket"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/schedule"
)

// TestImagesInFlight counts what is unanswered at the server, which is never
// more than allowed. That a closed loop has as many all the time follows from
// its rate: images in flight = rate · service time (Little's law).
func TestImagesInFlight(t *testing.T) {
	const clients, latency, length = 3, 20 * time.Millisecond, 4 * time.Second
	// A line that delays every image by itself.
	delay := func(s *session, m message) {
		time.Sleep(time.Until(m.at.Add(latency)))
		s.echo(m)
	}
	for _, tt := range []struct {
		name     string
		inFlight int
		load     Load
		most     int
		rate     float64 // images/s
	}{
		{"closed, 1", 1, Load{}, 1, clients * 50},
		{"closed, 4", 4, Load{}, 4, clients * 4 * 50},
		// 200 a second and client, each 20 ms on its way: 4 at any time.
		{"open, as much as 4 carry", 4, Load{Plan: schedule.Steady(clients*200, length), Arrivals: schedule.Constant}, 4, clients * 200},
		{"open, twice what 4 carry", 4, Load{Plan: schedule.Steady(clients*400, length), Arrivals: schedule.Constant}, 4, clients * 200},
		{"open, little", 4, Load{Plan: schedule.Steady(clients*10, length), Arrivals: schedule.Constant}, 1, clients * 10},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v := newVirtual(t, delay)
				b := Block{Load: tt.load}
				if !tt.load.Open() {
					b.Length = length
				}
				got := play(t, v, Settings{Clients: clients, InFlight: tt.inFlight, Timeout: time.Minute}, b)
				if len(got.Errors) > 0 {
					t.Errorf("failures: got %v, want none", got.examples)
				}
				if v.most != tt.most {
					t.Errorf("unanswered at the server: got up to %d, want %d", v.most, tt.most)
				}
				if rate := got.Credit / got.Seconds; math.Abs(rate/tt.rate-1) > 0.01 {
					t.Errorf("got %.1f images/s, want %.1f", rate, tt.rate)
				}
				if service := opened(t, got.Service); !within(0.001, time.Duration(service.Max()), latency) {
					t.Errorf("service time: got up to %v, want %v", time.Duration(service.Max()), latency)
				}
				if tt.load.Open() {
					return
				}
				if wait := opened(t, got.Wait).Max(); wait != 0 {
					t.Errorf("wait: got up to %v; in a closed loop an image is due when its connection is free", time.Duration(wait))
				}
			})
		})
	}
}

// TestRepliesOutOfOrder has a server with four images at hand answer the second
// before the first.
func TestRepliesOutOfOrder(t *testing.T) {
	for _, tt := range []struct {
		name string
		swap bool
		want map[string]uint64
	}{
		{"in order", false, nil},
		{"swapped once", true, map[string]uint64{Misplaced: 1, Lost: 3}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var held *message
				swapped := !tt.swap
				v := newVirtual(t, func(s *session, m message) {
					time.Sleep(time.Until(m.at.Add(10 * time.Millisecond)))
					switch {
					case !swapped && m.n == 40:
						held = &m
						return
					case !swapped && held != nil:
						swapped = true
						s.echo(m)
						s.echo(*held)
						return
					}
					s.echo(m)
				})
				got := play(t, v, Settings{Clients: 1, InFlight: 4}, Block{Length: time.Second})
				if diff := cmp.Diff(tt.want, got.Errors); diff != "" {
					t.Errorf("failures (-want +got):\n%s%v", diff, got.examples)
				}
				if got.Images == 0 {
					t.Error("no image was verified")
				}
			})
		})
	}
}

// TestThinkTime looks at when images come: a think time after the reply to the
// one before, to the nanosecond, and it is part of no time measured.
func TestThinkTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const think, work, length = 200 * time.Millisecond, 50 * time.Millisecond, 10 * time.Second
		var replied time.Time
		v := newVirtual(t, func(s *session, m message) {
			if pause := m.at.Sub(replied); m.n > 0 && pause != think {
				t.Errorf("image %d came %v after a reply, want %v", m.n, pause, think)
			}
			time.Sleep(work)
			replied = time.Now()
			s.echo(m)
		})
		got := play(t, v, Settings{Clients: 1}, Block{Load: Load{Think: think}, Length: length})
		if got.Images != 40 || len(got.Errors) > 0 {
			t.Errorf("got %d images and failures %v, want 40 images of 250 ms in %v", got.Images, got.Errors, length)
		}
		// Thinking is no part of a round trip, so credit is not all of it.
		for name, h := range map[string]record.Histogram{"response": got.Response, "service": got.Service} {
			if d := time.Duration(opened(t, h).Max()); !within(0.001, d, work) {
				t.Errorf("%s time: got up to %v, want %v", name, d, work)
			}
		}
		for name, h := range map[string]record.Histogram{"wait": got.Wait, "lateness": got.Lateness} {
			if d := time.Duration(opened(t, h).Max()); d != 0 {
				t.Errorf("%s: got up to %v, want none", name, d)
			}
		}
	})
}

// TestAcknowledgements meets a server that answers with a text of its own. One
// that says it took an image counts; what it says beside is ignored.
func TestAcknowledgements(t *testing.T) {
	for _, tt := range []struct {
		name  string
		reply string
		typ   int
		kind  string // empty: verified
		says  string
	}{
		{"taken", `{"ok":true,"bytes":8}`, websocket.TextMessage, "", ""},
		{"taken, without a number", `{"ok":true}`, websocket.TextMessage, "", ""},
		{"taken, with more to say", `{"id":"7f","ok":true,"bytes":8,"width":640}`, websocket.TextMessage, "", ""},
		{"rejected", `{"ok":false,"error":"not an image"}`, websocket.TextMessage, Rejected, "not an image"},
		{"short", `{"ok":true,"bytes":7}`, websocket.TextMessage, Short, "8 bytes and 7"},
		{"long", `{"ok":true,"bytes":9}`, websocket.TextMessage, Long, "8 bytes and 9"},
		{"in a binary message", `{"ok":true,"bytes":8}`, websocket.BinaryMessage, Retyped, "--reply echo"},
		{"not JSON", `OK`, websocket.TextMessage, Rejected, `"OK"`},
		{"other JSON", `{"status":"done"}`, websocket.TextMessage, Rejected, "--reply echo"},
		{"nothing", ``, websocket.TextMessage, Rejected, "--reply echo"},
		{"JSON without an end", strings.Repeat(`{"ok":true,"bytes":8,"more":`, 1000), websocket.TextMessage, Rejected, "--reply echo"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v := newVirtual(t, func(s *session, m message) {
					time.Sleep(time.Millisecond)
					if m.n == 5 {
						s.send(tt.typ, []byte(tt.reply))
						return
					}
					s.send(websocket.TextMessage, []byte(`{"ok":true,"bytes":8}`))
				})
				// Ten images of one client. A server's no is not timed.
				load := Load{Plan: schedule.Steady(10, time.Second), Arrivals: schedule.Constant}
				got := play(t, v, Settings{Clients: 1}, Block{Load: load, Traffic: newNumbers(t, record.Ack, 1)})
				var want map[string]uint64
				images := uint64(10)
				if tt.kind != "" {
					want, images = map[string]uint64{tt.kind: 1}, 9
				}
				if diff := cmp.Diff(want, got.Errors); diff != "" {
					t.Errorf("failures (-want +got):\n%s%v", diff, got.examples)
				}
				if n := uint64(opened(t, got.Response).TotalCount()); got.Images != images || n != images {
					t.Errorf("got %d images and %d response times, want %d", got.Images, n, images)
				}
				if says := got.examples[tt.kind].Detail; !strings.Contains(says, tt.says) {
					t.Errorf("got %q, want it to say %q", says, tt.says)
				}
			})
		})
	}
}
