package target

import (
	"bytes"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"
)

// holdAll takes all memory there is and overdraws, so that others wait, and
// returns what gives it back.
func holdAll(srv *Server) (release func()) {
	all, over := srv.budget.Lease(), srv.budget.Lease()
	all.TryReserve(srv.settings.Limits.InFlight - srv.budget.InUse())
	over.Reserve(1, nil, nil)
	return func() { all.Release(); over.Release() }
}

// crowd has somebody wait for memory for as long as the test lasts, or until it is
// stopped.
func crowd(srv *Server) (stop func()) {
	release := holdAll(srv)
	waiting, stopped := srv.budget.Lease(), make(chan struct{})
	var waits sync.WaitGroup
	waits.Go(func() { waiting.Reserve(1, stopped, nil) })
	synctest.Wait()
	return func() { close(stopped); waits.Wait(); release() }
}

func TestPaceWhileOthersWait(t *testing.T) {
	const size = 300_000
	image := photograph(size)
	message := clientFrame(websocket.BinaryMessage, image)
	for _, tc := range []struct {
		name    string
		crowded bool
		first   int // bytes that come at once
		rate    int // of the rest, bytes a second
		after   time.Duration
	}{
		{"slowly, and nobody waits", false, 0, 32_000, 0},
		{"twice as fast as it must", true, 0, 128_000, 0},
		{"a little faster than it must", true, 0, 70_000, 0},
		{"at half of the pace", true, 0, 32_000, 1900 * time.Millisecond},
		{"not at all", true, 100, 0, time.Second},
		{"all but the last byte", true, len(message) - 1, 0, time.Second},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				srv := virtualTarget(t, Settings{MaxImage: 1_000_000, Limits: Limits{InFlight: 32 << 20}})
				conn := srv.connect(t)
				var client sync.WaitGroup
				client.Go(func() {
					conn.Write(message[:max(20, tc.first)])
					synctest.Wait()
					if tc.crowded {
						defer crowd(srv)()
					}
					if tc.rate > 0 {
						drip(conn, message[20:], tc.rate/20, time.Second/20)
					}
					if tc.after > 0 {
						time.Sleep(time.Minute)
					}
				})
				if tc.after == 0 {
					if first, echo := readFrame(t, conn); first != 0x82 || !bytes.Equal(echo, image) {
						t.Errorf("got %d bytes in a frame that begins %#x, want the echo", len(echo), first)
					}
				} else {
					end := readEnding(t, conn)
					if end.code != 1008 || !strings.Contains(end.reason, "64 KB/s while others waited") {
						t.Errorf("got close %d %q, want 1008 that names the pace", end.code, end.reason)
					}
					// The pulse finds out of the queue within a second.
					if latest := tc.after + 1500*time.Millisecond; end.after < tc.after || end.after > latest {
						t.Errorf("closed after %v, want %v to %v", end.after, tc.after, latest)
					}
				}
				conn.Close()
				client.Wait()
			})
		})
	}
}

func TestWaitingForMemoryIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const limit, clients = 10 * time.Second, 5
		srv := virtualTarget(t, Settings{Limits: Limits{Message: limit, InFlight: 1 << 20}})
		release := holdAll(srv)
		var all sync.WaitGroup
		for range clients {
			all.Go(func() {
				conn := srv.connect(t)
				go conn.Write(clientFrame(websocket.BinaryMessage, photograph(1000)))
				// All at the same time, and not one after the other.
				if end := readEnding(t, conn); end.code != 1013 || !strings.Contains(end.reason, "try again later") || end.after != limit {
					t.Errorf("got close %d %q after %v, want 1013 that says to try again later, after %v", end.code, end.reason, end.after, limit)
				}
				conn.Close()
			})
		}
		all.Wait()
		release()
		synctest.Wait()
		if s := srv.Stats(); s.Images.Received != clients || s.Images.Refused != clients || s.InFlightBytes != 0 {
			t.Errorf("got %d images received, %d refused, %d bytes in flight, want %d, as many, none", s.Images.Received, s.Images.Refused, s.InFlightBytes, clients)
		}
	})
}

// TestHostileSendersDontHoldUpHonestOnes has clients send all but the last byte of
// large images and come back when they are closed, in a tenth of the memory that
// they would take. One after the other, each to the end of its time, they would
// take minutes.
func TestHostileSendersDontHoldUpHonestOnes(t *testing.T) {
	for _, hostile := range []int{1, 5, 30} {
		synctest.Test(t, func(t *testing.T) {
			srv := virtualTarget(t, Settings{MaxImage: 1_000_000, Limits: Limits{Message: 10 * time.Second, InFlight: 1_000_000}})
			whole := clientFrame(websocket.BinaryMessage, photograph(900_000))
			var (
				clients sync.WaitGroup
				stop    = make(chan struct{})
				mu      sync.Mutex
				conns   = map[net.Conn]bool{}
			)
			visit := func() {
				client, server := net.Pipe()
				defer client.Close()
				mu.Lock()
				conns[client] = true
				mu.Unlock()
				if !srv.begin(newSession(srv, server, wishes{codec: SIMD, reply: Echo}, func() {})) {
					return
				}
				go client.Write(whole[:len(whole)-1])
				io.Copy(io.Discard, client)
			}
			for range hostile {
				clients.Go(func() {
					for {
						select {
						case <-stop:
							return
						default:
							visit()
						}
					}
				})
			}
			time.Sleep(time.Second)
			image := photograph(10_000)
			for n := range 20 {
				conn, begun := srv.connect(t), time.Now()
				go conn.Write(clientFrame(websocket.BinaryMessage, image))
				first, echo := readFrame(t, conn)
				if first != 0x82 || !bytes.Equal(echo, image) {
					t.Errorf("%d hostile clients, image %d: got %q in a frame that begins %#x, want the echo", hostile, n, echo[:min(len(echo), 100)], first)
				}
				if took := time.Since(begun); took > 4*time.Second {
					t.Errorf("%d hostile clients, image %d: it took %v, want at most 4s", hostile, n, took)
				}
				conn.Close()
				time.Sleep(100 * time.Millisecond)
			}
			close(stop)
			mu.Lock()
			for c := range conns {
				c.Close()
			}
			mu.Unlock()
			clients.Wait()
			synctest.Wait()
		})
	}
}
