package loadgen

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/schedule"
)

// TestExamplesKeepSecrets has a server hand the token back in what an example
// shows of its words.
func TestExamplesKeepSecrets(t *testing.T) {
	const token = "tok\"enHush1" // which is quoted otherwise than it is written
	for name, tt := range map[string]struct {
		kind, reply string
		conduct     func(*session, message)
	}{
		"the reason of a close frame": {"closed-1008", record.Echo, func(s *session, _ message) {
			s.ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.ClosePolicyViolation, "token "+token+" expired"), time.Now().Add(time.Second))
			s.drop()
		}},
		"what is no acknowledgement": {Rejected, record.Ack, func(s *session, _ message) {
			s.send(websocket.TextMessage, []byte("expired: "+token))
		}},
		"an acknowledgement that rejects": {Rejected, record.Ack, func(s *session, _ message) {
			s.send(websocket.TextMessage, []byte(`{"ok":false,"token":"`+strings.ReplaceAll(token, `"`, "")+`"}`))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				shown := token
				if strings.Contains(name, "rejects") {
					shown = strings.ReplaceAll(token, `"`, "")
				}
				v := newVirtual(t, tt.conduct)
				load := Load{Plan: schedule.Steady(5, time.Second), Arrivals: schedule.Constant}
				got := play(t, v, Settings{Clients: 1, Token: shown}, Block{Load: load, Traffic: newNumbers(t, tt.reply, 1)})
				said := got.examples[tt.kind].Detail
				if !strings.Contains(said, "redacted") || strings.Contains(said, "Hush") {
					t.Errorf("got %q, want it without the token", said)
				}
			})
		})
	}
}
