package bench

import (
	"testing"
	"time"

	"github.com/wsimg/wsimg/loadgen/payload"
	"github.com/wsimg/wsimg/loadgen/record"
)

// comparing returns settings of one source and those modes.
func comparing(t *testing.T, modes ...string) Settings {
	t.Helper()
	parsed, err := payload.ParseModes(modes)
	if err != nil {
		t.Fatal(err)
	}
	s := Settings{Sources: []*payload.Source{nil}, Modes: parsed, Clients: 16, Version: "1.2.0"}
	return s.withDefaults()
}

// TestConnectingTellsHowLongItTakes where connections are begun at a fixed rate.
func TestConnectingTellsHowLongItTakes(t *testing.T) {
	modes, err := payload.ParseModes([]string{"text", "binary"})
	if err != nil {
		t.Fatal(err)
	}
	s := Settings{Modes: modes, Sources: make([]*payload.Source, 1), Clients: 99, Loads: []string{record.Closed, record.Single}}
	if got := s.connecting(0).Remaining; got != 0 {
		t.Errorf("at whatever rate is taken: got %v to go, want nothing said", got)
	}
	s.ConnectRate = 2
	for connected, want := range map[int]time.Duration{0: 50 * time.Second, 99: time.Second / 2} {
		if got := s.connecting(connected); got.Remaining != want || got.Done != float64(connected)/100 {
			t.Errorf("%d connected: got %v to go and %g done, want %v of 100 connections", connected, got.Remaining, got.Done, want)
		}
	}
}

// TestConnectionsThatFailWhileSettling count with the block that follows, as what
// they are.
func TestConnectionsThatFailWhileSettling(t *testing.T) {
	c := &cell{Cell: &record.Cell{Samples: []record.Sample{{Errors: map[string]uint64{"late": 1}}}}}
	refused := map[string]uint64{"refused": 2}
	b := &bench{owed: map[line]failed{c.line: {counts: refused, connections: refused}}}
	b.settled(c)
	if got := c.Samples[0]; got.Errors["refused"] != 2 || got.Errors["late"] != 1 || got.ConnectionErrors["refused"] != 2 {
		t.Errorf("got errors %v, of connections %v, want two refused in both", got.Errors, got.ConnectionErrors)
	}
}

func TestWhatNegotiatesDifferentlyHasConnectionsOfItsOwn(t *testing.T) {
	for _, tt := range []struct {
		name        string
		modes       []string
		change      func(*Settings)
		connections int
		agents      []string // of each mode
	}{
		{"text and binary share theirs", []string{"text", "binary"}, nil, 17,
			[]string{"wsimg/1.2.0 (text, binary)", "wsimg/1.2.0 (text, binary)"}},
		{"the codec", []string{"binary", "text+codec=std"}, nil, 34,
			[]string{"wsimg/1.2.0 (binary)", "wsimg/1.2.0 (text+codec=std)"}},
		{"compression", []string{"binary", "text+deflate", "binary+deflate"}, nil, 34,
			[]string{"wsimg/1.2.0 (binary)", "wsimg/1.2.0 (text+deflate, binary+deflate)", "wsimg/1.2.0 (text+deflate, binary+deflate)"}},
		{"its level", []string{"binary", "text+deflate", "text+deflate=6"}, nil, 51,
			[]string{"wsimg/1.2.0 (binary)", "wsimg/1.2.0 (text+deflate)", "wsimg/1.2.0 (text+deflate=6)"}},
		{"a copy", []string{"binary", "binary"}, nil, 34,
			[]string{"wsimg/1.2.0 (binary)", "wsimg/1.2.0 (binary#2)"}},
		{"one client is the single load's as well", []string{"binary"}, func(s *Settings) { s.Clients = 1 }, 1,
			[]string{"wsimg/1.2.0 (binary)"}},
		{"but not with images in flight", []string{"binary"}, func(s *Settings) { s.Clients, s.InFlight = 1, 4 }, 2,
			[]string{"wsimg/1.2.0 (binary)"}},
		{"the closed load alone", []string{"text", "binary"}, func(s *Settings) { s.Loads = []string{record.Closed} }, 16,
			[]string{"wsimg/1.2.0 (text, binary)", "wsimg/1.2.0 (text, binary)"}},
		{"two sources", []string{"text", "binary"}, func(s *Settings) { s.Sources = make([]*payload.Source, 2) }, 34,
			[]string{"wsimg/1.2.0 (text, binary)", "wsimg/1.2.0 (text, binary)"}},
		{"defaults", []string{"text", "binary"}, func(s *Settings) { s.Clients, s.Loads = 0, nil }, DefaultClients + 1,
			[]string{"wsimg/1.2.0 (text, binary)", "wsimg/1.2.0 (text, binary)"}},
		{"no version", []string{"binary"}, func(s *Settings) { s.Version = "" }, 17,
			[]string{"wsimg (binary)"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := comparing(t, tt.modes...)
			if tt.change != nil {
				tt.change(&s)
			}
			if got := s.Connections(); got != tt.connections {
				t.Errorf("got %d connections, want %d", got, tt.connections)
			}
			for i, want := range tt.agents {
				if got := s.userAgent(s.line(0, record.Closed, s.Modes[i])); got != want {
					t.Errorf("%s: got user agent %q, want %q", tt.modes[i], got, want)
				}
			}
		})
	}
}
