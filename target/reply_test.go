package target

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"github.com/wsimg/wsimg/target/internal/frame"
	"github.com/wsimg/wsimg/target/store"
)

// ackOf is the whole ack of an image of n bytes.
func ackOf(n int) string { return fmt.Sprintf(`{"ok":true,"bytes":%d}`, n) }

func TestParseReply(t *testing.T) {
	for _, want := range []Reply{Echo, Ack} {
		if got, err := ParseReply(string(want)); got != want || err != nil {
			t.Errorf("%q: got %q, %v", want, got, err)
		}
	}
	for _, s := range []string{"", "Ack", "nack"} {
		if got, err := ParseReply(s); got != "" || err == nil || !strings.Contains(err.Error(), "choose echo or ack") {
			t.Errorf("%q: got %q, %v; want an error that names what there is", s, got, err)
		}
	}
}

// TestAcksCountTheRawBytesOfTheImage also shows that an ack never comes before
// its image is saved: the files are looked at right after the last.
func TestAcksCountTheRawBytesOfTheImage(t *testing.T) {
	for _, kind := range store.Kinds() {
		t.Run(string(kind), func(t *testing.T) {
			srv := newTestServer(t, Settings{Store: kind, Reply: Ack})
			conn := srv.dial(t, "")
			var want [][]byte
			for _, n := range sizes {
				image := photograph(n)
				for mode, message := range map[int][]byte{websocket.BinaryMessage: image, websocket.TextMessage: asText(image)} {
					got, reply := send(t, conn, mode, message)
					if got != websocket.TextMessage || string(reply) != ackOf(n) {
						t.Fatalf("%d bytes in a frame of type %d: got %.99q in one of type %d, want %s as text", len(message), mode, reply, got, ackOf(n))
					}
					want = append(want, image)
				}
			}
			switch kind {
			case store.Latest:
				want = want[len(want)-1:]
			case store.Discard, store.Off:
				want = nil
			}
			checkFiles(t, srv.dir, want)
		})
	}
}

func TestAcksOfWhatStoreOffDoesNotLookAt(t *testing.T) {
	srv := newTestServer(t, Settings{Store: store.Off, Reply: Ack})
	conn := srv.dial(t, "")
	for _, tc := range []struct {
		name, message string
		bytes         int
	}{
		{"nothing", "", 0},
		{"padding alone", "==", 0},
		{"no Base64", "not Base64", 7},
	} {
		if _, got := send(t, conn, websocket.TextMessage, []byte(tc.message)); string(got) != ackOf(tc.bytes) {
			t.Errorf("%s: got %s, want %s", tc.name, got, ackOf(tc.bytes))
		}
	}
}

func TestAckLongerThanAnyImageTaken(t *testing.T) {
	srv := newTestServer(t, Settings{MaxImage: 1, Reply: Ack})
	conn := srv.dial(t, "")
	for range 3 {
		if _, got := send(t, conn, websocket.TextMessage, []byte("AA==")); string(got) != ackOf(1) {
			t.Errorf("got %s, want %s", got, ackOf(1))
		}
	}
}

func TestOnlySavedImagesAreAcked(t *testing.T) {
	for _, tc := range []struct {
		name    string
		save    error
		message string
		code    int
	}{
		{"no Base64", nil, "AAAA*AAA", 1007},
		{"a full disk", store.ErrNoSpace, "AAAA", 1011},
	} {
		t.Run(tc.name, func(t *testing.T) {
			srv := newTestServer(t, Settings{Reply: Ack})
			srv.store = faultyStore{func() error { return tc.save }}
			conn := srv.dial(t, "")
			if err := conn.WriteMessage(websocket.TextMessage, []byte(tc.message)); err != nil {
				t.Fatal(err)
			}
			if _, got, err := conn.ReadMessage(); !websocket.IsCloseError(err, tc.code) {
				t.Errorf("got %q and %v, want close %d at once", got, err, tc.code)
			}
		})
	}
}

func TestConnectionsChooseTheirReply(t *testing.T) {
	image := photograph(1000)
	for _, tc := range []struct {
		server Reply
		query  string
		want   string
	}{
		{"", "", string(image)},
		{"", "?reply=ack", ackOf(1000)},
		{Echo, "?codec=std&reply=ack", ackOf(1000)},
		{Ack, "", ackOf(1000)},
		{Ack, "?codec=std", ackOf(1000)},
		{Ack, "?reply=echo", string(image)},
	} {
		t.Run(fmt.Sprintf("%q, of a server that answers with %q", tc.query, tc.server), func(t *testing.T) {
			srv := newTestServer(t, Settings{Reply: tc.server})
			if _, got := send(t, srv.dial(t, tc.query), websocket.BinaryMessage, image); string(got) != tc.want {
				t.Errorf("got %.30q…, want %.30q…", got, tc.want)
			}
		})
	}
}

func TestRepliesAllocateNothing(t *testing.T) {
	message := make([]byte, frame.Room+1000)
	for _, reply := range []Reply{Echo, Ack} {
		compose := newReplier(reply)
		if got := testing.AllocsPerRun(100, func() { compose(text, message, 1<<40) }); got != 0 {
			t.Errorf("%s: got %v allocations, want none", reply, got)
		}
	}
}
