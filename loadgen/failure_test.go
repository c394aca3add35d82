package loadgen

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gorilla/websocket"

	"github.com/wsimg/wsimg/loadgen/connect"
	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/schedule"
)

// TestKindOfWhatCannotBeMade names errors that a test does not get from a
// connection without changing the machine.
func TestKindOfWhatCannotBeMade(t *testing.T) {
	dial := func(err error) error {
		return fmt.Errorf("connect to ws://host: %w", &net.OpError{Op: "dial", Net: "tcp", Err: err})
	}
	system := func(call string, errno syscall.Errno) error { return dial(os.NewSyscallError(call, errno)) }
	for _, tt := range []struct {
		name   string
		err    error
		kind   string
		remedy string
	}{
		{"a name nobody knows", dial(&net.DNSError{Err: "no such host", Name: "host", IsNotFound: true}), DNS, "--url"},
		{"a resolver that does not answer", dial(&net.DNSError{Err: "i/o timeout", IsTimeout: true}), DNS, "resolution"},
		{"no port left", system("connect", syscall.EADDRNOTAVAIL), NoPorts, "28,000 ports"},
		{"a source address of another machine", system("bind", syscall.EADDRNOTAVAIL), NoPorts, "correct --local-addr"},
		{"no file left for the process", system("socket", syscall.EMFILE), NoFiles, "ulimit -n"},
		{"no file left for the machine", system("socket", syscall.ENFILE), NoFiles, "ulimit -n"},
		{"no answer to a SYN", system("connect", syscall.ETIMEDOUT), Timeout, "reached"},
		{"no answer in the time given", dial(context.DeadlineExceeded), Timeout, "--connect-rate"},
		{"a read past its deadline", &net.OpError{Op: "read", Err: os.ErrDeadlineExceeded}, Timeout, "holds it up"},
		{"a certificate of nobody's", fmt.Errorf("TLS handshake: %w", &tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}), TLS, "--ca"},
		{"no version in common", fmt.Errorf("TLS handshake: %w", errors.New("tls: no supported versions satisfy MinVersion and MaxVersion")), TLS, "speaks TLS"},
		{"an alert of the server's", fmt.Errorf("TLS handshake: %w", &net.OpError{Op: "remote error", Err: tls.AlertError(42)}), TLS, "speaks TLS"},
		{"a write to a connection that was reset", &net.OpError{Op: "write", Err: os.NewSyscallError("write", syscall.EPIPE)}, Reset, "still runs"},
		{"an end before the handshake's", fmt.Errorf("connect to ws://host: %w", io.EOF), Dropped, "still runs"},
		{"a server that declines", fmt.Errorf("%w (it answered %q)", ErrDeclined, "x"), Declined, "+deflate"},
		{"an extension that was not offered", fmt.Errorf("%w (it answered %q)", errUnoffered, "x"), Protocol, "correct the server"},
		{"data that do not inflate", fmt.Errorf("%w (%w)", errGarbled, io.ErrUnexpectedEOF), Protocol, "RFC 7692"},
		{"a host that can't be reached", system("connect", syscall.EHOSTUNREACH), Other, "log"},
		{"what nobody foresaw", errors.New("out of luck"), Other, "log"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := Kind(tt.err); got != tt.kind {
				t.Errorf("kind: got %s, want %s", got, tt.kind)
			}
			if got := remedyOf(tt.err); !strings.Contains(got, tt.remedy) {
				t.Errorf("remedy: got %q, want it to say %q", got, tt.remedy)
			}
			if got := explain(tt.err); got == "" || strings.Contains(got, remedyOf(tt.err)) {
				t.Errorf("got %q in words, want what happened and not what to do, %q", got, remedyOf(tt.err))
			}
		})
	}
}

// TestEveryKindHasARemedy has something to say to each but those of which
// nothing is known.
func TestEveryKindHasARemedy(t *testing.T) {
	unknown := remedy(Other)
	for _, kind := range []string{Foreign, Misplaced, Doubled, Unasked, Short, Long, Flipped, Retyped, Rejected,
		Late, Unanswered, Lost, Unsent, DNS, Refused, TLS, Declined, NoPorts, NoFiles, Timeout, Reset, Dropped, TooLarge, Protocol,
		"handshake-301", "handshake-401", "handshake-403", "handshake-404", "handshake-429", "handshake-502", "handshake-503",
		"closed-1000", "closed-1001", "closed-1002", "closed-1003", "closed-1007", "closed-1008", "closed-1011", "closed-1012", "closed-1013", "closed-1014", "closed-4000",
	} {
		if got := remedy(kind); got == unknown || len(got) < 20 {
			t.Errorf("%s: got %q, want what to do", kind, got)
		}
	}
}

// TestCloseCodesHaveNames looks at what a report shows of a code.
func TestCloseCodesHaveNames(t *testing.T) {
	for _, tt := range []struct {
		code   int
		reason string
		want   string
	}{
		{1013, "", "the server closed the connection with code 1013 (try again later) and no reason"},
		{1011, "disk full", `the server closed the connection with code 1011 (internal server error): "disk full"`},
		{1014, "", "the server closed the connection with code 1014 (bad gateway) and no reason"},
		{4000, "", "the server closed the connection with code 4000 and no reason"},
		{1005, "", "the server closed the connection without a code"},
		{1006, "unexpected EOF", "the server ended the connection without a close frame"},
	} {
		if got := explain(&websocket.CloseError{Code: tt.code, Text: tt.reason}); got != tt.want {
			t.Errorf("code %d: got %q, want %q", tt.code, got, tt.want)
		}
	}
}

// TestOnlyTheFirstIsPutIntoWords counts who is asked for them.
func TestOnlyTheFirstIsPutIntoWords(t *testing.T) {
	var f failures
	asked := 0
	for range 1000 {
		f.add(failure{kind: Unanswered, n: 2, say: func() string { asked++; return "in words" }})
	}
	got := f.take()
	if asked != 1 || got.all[Unanswered] != 2000 || got.examples[Unanswered].Detail != "in words" {
		t.Errorf("asked %d times, got %+v; want once of 2000", asked, got)
	}
}

// TestWhatTookNoImage keeps apart images and connections of the same kind.
func TestWhatTookNoImage(t *testing.T) {
	var f failures
	f.add(failure{err: io.EOF, n: 3})
	f.addConnection(failure{err: io.EOF, n: 2})
	f.addError(0, io.EOF)
	f.add(failure{kind: Lost, n: 1})
	got := f.take()
	if diff := cmp.Diff(map[string]uint64{Dropped: 6, Lost: 1}, got.all); diff != "" {
		t.Errorf("all (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]uint64{Dropped: 3}, got.connections); diff != "" {
		t.Errorf("connections (-want +got):\n%s", diff)
	}
}

// TestFailuresThatTellMore have a remedy of their own, not that of their kind.
func TestFailuresThatTellMore(t *testing.T) {
	for name, tt := range map[string]struct {
		err          error
		says, remedy string
	}{
		"a message that does not inflate": {fmt.Errorf("read: %w", errGarbled), "does not inflate", "RFC 7692"},
		"a server that speaks TLS":        {fmt.Errorf("connect to ws://host: %w", &connect.GarbledError{TLS: true}), "with TLS", "wss://"},
		"a server that says so":           {&HandshakeError{Status: 400, WantsTLS: true}, "HTTP 400", "wss://"},
		"a refusal":                       {&HandshakeError{Status: 401}, "HTTP 401", "--token"},
	} {
		var f failures
		f.add(failure{err: tt.err, n: 1})
		e := f.take().examples[Kind(tt.err)]
		if !strings.Contains(e.Detail, tt.says) || !strings.Contains(e.Remedy, tt.remedy) || strings.Contains(e.Detail, e.Remedy) {
			t.Errorf("%s: got %+v, want %q and what to do with %q, once", name, e, tt.says, tt.remedy)
		}
	}
}

// TestAdviceAfterTheServerDied: what was not sent then is no matter of the rate.
func TestAdviceAfterTheServerDied(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVirtual(t, serial(always(time.Millisecond)))
		time.AfterFunc(time.Second, v.fall)
		load := Load{Plan: schedule.Steady(20, 3*time.Second), Arrivals: schedule.Constant}
		got, _ := playFor(t.Context(), t, v, Settings{Clients: 4}, watched(Block{Load: load, Redial: true}))
		e := got.examples[Unsent]
		if !strings.Contains(e.Remedy, "other failures") || !strings.Contains(e.Detail, "no connection") {
			t.Errorf("got %+v, want it to point at what became of the connection", e)
		}
	})
}

// TestWaitIsToldWithItsGrace: an image is waited for somewhat longer than the
// timeout, and who asked for that is told so.
func TestWaitIsToldWithItsGrace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVirtual(t, func(*session, message) {})
		load := Load{Plan: schedule.Steady(1, time.Second), Arrivals: schedule.Constant}
		got := play(t, v, Settings{Clients: 1, Timeout: 2 * time.Second}, Block{Load: load})
		if said := got.examples[Unanswered].Detail; !strings.Contains(said, "in 2.5") || !strings.Contains(said, "the timeout, and 500ms in which") {
			t.Errorf("got %q, want what the time is made of", said)
		}
	})
}

// TestFirstFailureIsKeptWhole has 15,000 clients fail at once, and others
// after them.
func TestFirstFailureIsKeptWhole(t *testing.T) {
	near, far := net.Pipe()
	defer near.Close()
	defer far.Close()
	clk := newClock()
	clients := make(roster, 3)
	clients[2].Store(&client{wire: newWire(near, clk)})
	f := failures{clock: clk, roster: clients}
	f.addError(2, &websocket.CloseError{Code: 1013, Text: "full"})
	f.begin(clk.now(), nil)
	var all sync.WaitGroup
	for range 15 {
		all.Go(func() {
			for client := range 1000 {
				f.addError(3+client, &net.OpError{Op: "dial", Addr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 9}, Err: syscall.ECONNREFUSED})
			}
		})
	}
	all.Wait()
	f.add(failure{kind: Lost, client: 1, n: 7, detail: "its connection was cut"})
	if got := f.since()[Lost]; got != 7 {
		t.Errorf("lost, before all is taken: got %d, want 7", got)
	}
	taken := f.take()
	counts, examples := taken.all, taken.examples
	if diff := cmp.Diff(map[string]uint64{"closed-1013": 1, Refused: 15_000, Lost: 7}, counts); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
	refused := examples[Refused]
	if refused.AtSeconds <= 0 || refused.AtSeconds > time.Minute.Seconds() {
		t.Errorf("refused: got it after %v s, want some time since the beginning", refused.AtSeconds)
	}
	refused.Client, refused.AtSeconds = 0, 0 // whoever came first
	want := record.Example{Detail: "dial 127.0.0.1:9: connection refused", Remedy: remedy(Refused), Remote: "127.0.0.1:9"}
	if diff := cmp.Diff(want, refused); diff != "" {
		t.Errorf("refused (-want +got):\n%s", diff)
	}
	closed := record.Example{Client: 2, Detail: explain(&websocket.CloseError{Code: 1013, Text: "full"}),
		Remedy: remedy("closed-1013"), Local: "pipe", Remote: "pipe"}
	if diff := cmp.Diff(closed, examples["closed-1013"]); diff != "" {
		t.Errorf("what failed before the beginning (-want +got):\n%s", diff)
	}
	if again := f.take(); len(again.all)+len(again.connections)+len(again.examples) > 0 {
		t.Errorf("taken again: got %+v, want nothing", again)
	}
}

// TestUnsentWithoutAConnection: who had none has no ends to tell.
func TestUnsentWithoutAConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVirtual(t, serial(always(swift)))
		time.AfterFunc(time.Second+lead, v.fall)
		load := Load{Plan: schedule.Steady(100, 3*time.Second), Arrivals: schedule.Constant}
		got := play(t, v, Settings{Clients: 4, Forsake: true}, Block{Load: load})
		e := got.examples[Unsent]
		if got.Errors[Unsent] == 0 || !strings.Contains(e.Detail, "had no connection") || e.Local != "" || e.Remote != "" {
			t.Errorf("got %d unsent, first %+v; want some, without connection and without ends of one", got.Errors[Unsent], e)
		}
	})
}
