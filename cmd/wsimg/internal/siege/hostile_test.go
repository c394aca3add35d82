package siege

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/wsimg/wsimg/target"
	"github.com/wsimg/wsimg/target/store"
)

// besiege serves a target with short limits, and returns where. It is empty
// again when the test ends, or the test fails.
func besiege(t *testing.T) *target.Server {
	t.Helper()
	const short = 300 * time.Millisecond
	server, err := target.Listen(target.Settings{
		Addr: "127.0.0.1:0", Store: store.Discard, MaxImage: 16_000_000, Deflate: true,
		// A busy machine may take most of a second to answer a ping.
		Limits: target.Limits{Handshake: short, Message: short, Idle: 2 * time.Second, Write: short},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- server.Serve(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return server
}

// TestEveryKindEndsAsItShould has a few clients of every kind come at the same
// time. Those that a target must not end stay until all the others have been.
func TestEveryKindEndsAsItShould(t *testing.T) {
	const clients = 3
	server := besiege(t)
	staying, dismiss := context.WithCancel(t.Context())
	defer dismiss()
	leaving, stop := context.WithTimeout(t.Context(), 20*time.Second)
	defer stop()
	var stay, leave []group
	for name, k := range kinds {
		g := group{Kind: name, Clients: clients}
		if slices.Contains(k.ends, held) {
			stay = append(stay, g)
		} else {
			leave = append(leave, g)
		}
	}
	type result struct {
		tally endings
		err   error
	}
	stayed := make(chan result, 1)
	go func() {
		tally, err := horde{server.Addr().String(), stay}.run(staying, func() {})
		stayed <- result{tally, err}
	}()
	tally, err := horde{server.Addr().String(), leave}.run(leaving, func() {})
	dismiss()
	others := <-stayed
	if err != nil || others.err != nil {
		t.Fatal(err, others.err)
	}
	for _, g := range append(stay, leave...) {
		ends := tally[g.Kind]
		if ends == nil {
			ends = others.tally[g.Kind]
		}
		total := 0
		for how, n := range ends {
			total += n
			if !slices.Contains(kinds[g.Kind].ends, how) {
				t.Errorf("%s: %d connections ended with %q, want one of %q", g.Kind, n, how, kinds[g.Kind].ends)
			}
		}
		if total != clients {
			t.Errorf("%s: %d connections, want %d", g.Kind, total, clients)
		}
	}
}

func TestHordeTellsUnknownKinds(t *testing.T) {
	if _, err := (horde{Groups: []group{{Kind: "polite", Clients: 1}}}).run(t.Context(), func() {}); err == nil {
		t.Error("a kind that does not exist was taken")
	}
}

// TestHordeComesAgain has clients whose connections don't last come back.
func TestHordeComesAgain(t *testing.T) {
	server := besiege(t)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	h := horde{server.Addr().String(), []group{{Kind: "wrench", Clients: 1, Again: true}}}
	done := make(chan endings, 1)
	go func() {
		tally, err := h.run(ctx, func() {})
		if err != nil {
			t.Error(err)
		}
		done <- tally
	}()
	for server.Stats().Connections.Total < 3 && ctx.Err() == nil {
		time.Sleep(time.Millisecond)
	}
	stop()
	if got := (<-done)["wrench"][cut]; got < 2 {
		t.Errorf("one client that comes again had %d connections reset, want 2 and more", got)
	}
}

// TestHordeInAProcessOfItsOwn goes the way of the slow programs.
func TestHordeInAProcessOfItsOwn(t *testing.T) {
	endAtOnce(t)
	server := besiege(t)
	p, err := horde{server.Addr().String(), []group{{Kind: "idle", Clients: 5}}}.start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	// A target counts a session when its handshake is done, a moment after the
	// client has seen the end of it.
	counting, stop := context.WithTimeout(t.Context(), 10*time.Second)
	defer stop()
	for server.Stats().Connections.Open < 5 && sleep(counting, time.Millisecond) {
	}
	if got := server.Stats().Connections.Open; got != 5 {
		t.Errorf("%d clients are connected once the horde stands, want 5", got)
	}
	tally, err := p.dismiss()
	if err != nil || tally["idle"][held] != 5 {
		t.Errorf("dismissed: %v, %v, want 5 that were held", tally, err)
	}
}
