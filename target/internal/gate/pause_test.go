package gate

import (
	"bytes"
	"log/slog"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// logged returns a logger, and how many lines it has written once all goroutines of
// the test wait.
func logged() (log *slog.Logger, lines func() int) {
	var written bytes.Buffer
	return slog.New(slog.NewTextHandler(&written, nil)), func() int {
		synctest.Wait()
		return strings.Count(written.String(), "\n")
	}
}

func TestAcceptPausesWithoutDescriptors(t *testing.T) {
	for name, errno := range map[string]syscall.Errno{
		"of the process":          syscall.EMFILE,
		"of the system":           syscall.ENFILE,
		"without buffers":         syscall.ENOBUFS,
		"without memory":          syscall.ENOMEM,
		"of the process, Windows": windowsEMFILE,
		"without buffers Windows": windowsENOBUFS,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				inner := newFakeListener()
				log, lines := logged()
				l := NewListener(inner, 10, log)
				defer l.Close()
				inner.exhaust(errno)
				inner.arrive("127.0.0.1", 1)
				accepted := serve(t, l)
				time.Sleep(time.Minute)
				wantAccepted(t, accepted, 0)
				// 5 ms, 10 ms, … 640 ms, and then every second.
				if got := inner.accepts.Load(); got < 60 || got > 68 {
					t.Errorf("accepting was tried %d times in a minute, want 9 times in the first two seconds and then once a second", got)
				}
				if got := lines(); got != 1 {
					t.Errorf("%d lines were logged, want 1 a pause", got)
				}
				inner.exhaust(0)
				time.Sleep(longestPause)
				wantAccepted(t, accepted, 1)

				time.Sleep(time.Minute)
				inner.exhaust(errno)
				inner.arrive("127.0.0.1", 1)
				time.Sleep(time.Minute)
				if got := lines(); got != 2 {
					t.Errorf("%d lines were logged after a second pause, want 2", got)
				}
			})
		})
	}
}

func TestAFreeDescriptorEndsThePause(t *testing.T) {
	for name, free := range map[string]func(*Listener){
		"a session ended":     func(l *Listener) { l.Freed() },
		"a connection closed": func(l *Listener) { l.ConnState(&fakeConn{from: "127.0.0.1"}, http.StateClosed) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				inner := newFakeListener()
				l := NewListener(inner, 10, silent())
				defer l.Close()
				inner.exhaust(syscall.EMFILE)
				inner.arrive("127.0.0.1", 1)
				accepted := serve(t, l)
				time.Sleep(time.Minute + 1)
				inner.exhaust(0)
				wantAccepted(t, accepted, 0)
				now := time.Now()
				free(l)
				wantAccepted(t, accepted, 1)
				if took := time.Since(now); took != 0 {
					t.Errorf("the pause went on for %v, want it to end at once", took)
				}
			})
		})
	}
}

// Descriptors that become free one by one, each taken at once, are one shortage.
func TestAShortageThatGoesOnIsToldOfOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const ends = 100
		inner := newFakeListener()
		log, lines := logged()
		l := NewListener(inner, 2*ends, log)
		defer l.Close()
		inner.exhaust(syscall.EMFILE)
		accepted := serve(t, l)
		for range ends {
			time.Sleep(100 * time.Millisecond)
			inner.arrive("127.0.0.1", 1)
			inner.exhaust(0)
			l.Freed()
			synctest.Wait() // one is accepted, the next Accept waits
			inner.exhaust(syscall.EMFILE)
			inner.arrive("127.0.0.1", 1)
			synctest.Wait()
		}
		if got := lines(); got != 1 {
			t.Errorf("%d lines were logged, want 1", got)
		}
		if got, most := inner.accepts.Load(), int64(10*ends); got > most {
			t.Errorf("accepting was tried %d times for %d connections that ended, want at most %d", got, ends, most)
		}
		wantAccepted(t, accepted, 2*ends)
	})
}
