package target

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/gorilla/websocket"

	"github.com/wsimg/wsimg/target/internal/tally"
	"github.com/wsimg/wsimg/target/store"
)

func TestAuditedSessionsEnterTheBooks(t *testing.T) {
	srv := newTestServer(t, Settings{Store: store.Latest})
	audited, other := srv.dial(t, "?audit=1"), srv.dial(t, "")
	var book tally.Tally
	book.Begin()
	for n := range 50 {
		image := photograph(n + 1)
		send(t, audited, websocket.BinaryMessage, image)
		send(t, audited, websocket.TextMessage, asText(image))
		send(t, other, websocket.BinaryMessage, photograph(n+100))
		book.Add(image)
		book.Add(image)
	}
	audited.WriteMessage(websocket.BinaryMessage, nil) // refused, so not saved
	readClose(t, audited)
	books := book.Stats()
	books.Instance = srv.instance
	want, err := json.Marshal(books)
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Audit json.RawMessage `json:"audit"`
	}
	_, body, _ := get(t, srv, "/stats?audit=1", nil)
	if err := json.Unmarshal([]byte(body), &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got.Audit)); diff != "" {
		t.Errorf("the books (-want +got):\n%s", diff)
	}
	if other := newTestServer(t, Settings{Store: store.Discard}); len(other.instance) != 16 || other.instance == srv.instance {
		t.Errorf("got the instances %q and %q, want two of 16 digits", srv.instance, other.instance)
	}
	if _, body, _ := get(t, srv, "/stats", nil); strings.Contains(body, `"audit"`) {
		t.Error("statistics without ?audit=1 have the books")
	}
}

func TestAuditsThatCannotBe(t *testing.T) {
	for _, tc := range []struct {
		store store.Kind
		query string
		want  string
	}{
		{store.Discard, "?audit=yes", "audit=1"},
		{store.Off, "?audit=1", "store off"},
	} {
		srv := newTestServer(t, Settings{Store: tc.store})
		if status, body, _ := get(t, srv, "/"+tc.query, nil); status != 400 || !strings.Contains(body, tc.want) {
			t.Errorf("%s with store %s: got %d %q, want 400 and %q", tc.query, tc.store, status, body, tc.want)
		}
	}
}
