package connect

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// addrsOf reads addresses for a test.
func addrsOf(all ...string) []netip.Addr {
	addrs := make([]netip.Addr, len(all))
	for i, s := range all {
		addrs[i] = netip.MustParseAddr(s)
	}
	return addrs
}

func TestNamesAreAskedForOnceASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		n := newNames(func(context.Context, string, string) ([]netip.Addr, error) {
			asked++ // by one at a time: that is what is tested
			time.Sleep(50 * time.Millisecond)
			return addrsOf("::ffff:192.0.2.1"), nil
		})
		for round, want := range []int{1, 1, 2} {
			var all sync.WaitGroup
			for range 1000 {
				all.Go(func() {
					addrs, err := n.lookup(t.Context(), "example.test")
					if err != nil || len(addrs) != 1 || addrs[0] != netip.MustParseAddr("192.0.2.1") {
						t.Errorf("got %v, %v", addrs, err)
					}
				})
			}
			all.Wait()
			if asked != want {
				t.Errorf("round %d: the resolver was asked %d times, want %d", round, asked, want)
			}
			time.Sleep(600 * time.Millisecond)
		}
	})
}

func TestFailedLookUpsAreSharedAndForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked, fail := 0, true
		n := newNames(func(context.Context, string, string) ([]netip.Addr, error) {
			asked++
			time.Sleep(50 * time.Millisecond)
			if fail {
				return nil, &net.DNSError{Err: "server misbehaving", Name: "example.test", IsTemporary: true}
			}
			return addrsOf("192.0.2.1"), nil
		})
		var all sync.WaitGroup
		for range 100 {
			all.Go(func() {
				_, err := n.lookup(t.Context(), "example.test")
				if _, ok := errors.AsType[*net.DNSError](err); !ok {
					t.Errorf("got %v, want the resolver's error", err)
				}
			})
		}
		all.Wait()
		fail = false
		if _, err := n.lookup(t.Context(), "example.test"); err != nil || asked != 2 {
			t.Errorf("got %v after %d look-ups, want none after 2", err, asked)
		}
	})
}

// TestWhoGivesUpDoesNotTakeTheAnswerFromOthers: a look-up is under way for many.
func TestWhoGivesUpDoesNotTakeTheAnswerFromOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNames(func(ctx context.Context, _, _ string) ([]netip.Addr, error) {
			select {
			case <-time.After(time.Second):
				return addrsOf("192.0.2.1"), nil
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		})
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		var first error
		var all sync.WaitGroup
		all.Go(func() { _, first = n.lookup(ctx, "example.test") })
		synctest.Wait()
		if _, err := n.lookup(t.Context(), "example.test"); err != nil {
			t.Errorf("got %v for who went on waiting", err)
		}
		all.Wait()
		if !errors.Is(first, context.DeadlineExceeded) || !Passing(first) {
			t.Errorf("got %v for who gave up, want that the time was up", first)
		}
	})
}
