package budget

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// begun returns a lease whose message began at a time.
func begun(b *Budget, at time.Duration) *Lease {
	l := b.Lease()
	l.Begin(at)
	return &l
}

// reserve is for what must be had at once.
func reserve(t *testing.T, l *Lease, n int64) {
	t.Helper()
	result := later(l, n, nil)
	synctest.Wait()
	select {
	case err := <-result:
		if err != nil {
			t.Fatalf("reserving %d bytes: %v", n, err)
		}
	default:
		t.Fatalf("reserving %d bytes waits", n)
	}
}

// later reserves in a goroutine of its own, which ends with the result.
func later(l *Lease, n int64, stop <-chan struct{}) <-chan error {
	result := make(chan error, 1)
	go func() { result <- l.Reserve(n, stop, nil) }()
	return result
}

// wait waits until all goroutines of the test wait, and checks how the budget
// stands.
func wait(t *testing.T, b *Budget, used int64, waiting int) {
	t.Helper()
	synctest.Wait()
	if b.InUse() != used || b.Waiting() != waiting {
		t.Fatalf("%d bytes in use and %d waiting, want %d and %d", b.InUse(), b.Waiting(), used, waiting)
	}
}

func TestWhatFitsIsHadAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := New(100)
		first, second := begun(b, 1), begun(b, 2)
		reserve(t, first, 40)
		reserve(t, first, 20)
		reserve(t, second, 40)
		wait(t, b, 100, 0)
		if !second.TryReserve(0) {
			t.Error("nothing more doesn't fit a full budget")
		}
		if second.TryReserve(1) {
			t.Error("one byte more fits a full budget")
		}
		first.Release()
		first.Release()
		wait(t, b, 40, 0)
		second.Release()
		wait(t, b, 0, 0)
	})
}

func TestOnlyOneOverdraws(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := New(100)
		leases := []*Lease{begun(b, 0), begun(b, 1), begun(b, 2)}
		for _, l := range leases {
			reserve(t, l, 30)
		}
		reserve(t, leases[1], 50) // overdraws
		wait(t, b, 140, 0)
		oldest := later(leases[0], 50, nil)
		wait(t, b, 140, 1)
		youngest := later(leases[2], 50, nil)
		wait(t, b, 140, 2)
		reserve(t, leases[1], 1000) // goes on overdrawing, although an older one waits
		wait(t, b, 1140, 2)

		leases[1].Release()
		<-oldest
		wait(t, b, 110, 1)
		leases[0].Release()
		<-youngest
		wait(t, b, 80, 0)
		leases[2].Release()
		wait(t, b, 0, 0)
	})
}

func TestAnOverdraftMadeGoodByOthersIsAnothersToHave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := New(100)
		done, slow, next := begun(b, 0), begun(b, 1), begun(b, 2)
		reserve(t, done, 60)
		reserve(t, slow, 70)
		granted := later(next, 80, nil)
		wait(t, b, 130, 1)
		done.Release() // 70 are in use, and slow doesn't owe any more
		<-granted
		wait(t, b, 150, 0)
		waits := later(slow, 10, nil)
		wait(t, b, 150, 1)
		next.Release()
		<-waits
		slow.Release()
		wait(t, b, 0, 0)
	})
}

func TestThoseThatWaitGoInTheOrderTheyBegan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := New(10)
		holder := begun(b, 0)
		reserve(t, holder, 20)
		var (
			mu  sync.Mutex
			got []time.Duration
		)
		want := []time.Duration{1, 2, 3, 4, 5, 6, 7, 8}
		for _, at := range []time.Duration{5, 3, 8, 1, 7, 2, 6, 4} {
			go func() {
				l := begun(b, at)
				defer l.Release()
				if err := l.Reserve(20, nil, nil); err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				got = append(got, at)
			}()
			synctest.Wait()
		}
		wait(t, b, 20, len(want))
		holder.Release()
		synctest.Wait()
		if !slices.Equal(got, want) {
			t.Errorf("served in the order %v, want %v", got, want)
		}
	})
}

func TestASmallOneDoesNotOvertakeThoseThatWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := New(100)
		holder, over, large, small := begun(b, 0), begun(b, 1), begun(b, 2), begun(b, 3)
		reserve(t, holder, 80)
		reserve(t, over, 30)
		waitsLarge := later(large, 90, nil)
		wait(t, b, 110, 1)
		waitsSmall := later(small, 1, nil)
		wait(t, b, 110, 2)
		holder.Release() // large overdraws: small would fit, but came later
		<-waitsLarge
		wait(t, b, 120, 1)
		over.Release()
		<-waitsSmall
		wait(t, b, 91, 0)
		large.Release()
		small.Release()
	})
}

func TestStopEndsTheWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := New(10)
		holder, stopped, patient := begun(b, 0), begun(b, 1), begun(b, 2)
		reserve(t, stopped, 5)
		reserve(t, holder, 20)
		stop := make(chan struct{})
		first, second := later(stopped, 5, stop), later(patient, 5, nil)
		wait(t, b, 25, 2)
		close(stop)
		if err := <-first; !errors.Is(err, ErrStopped) {
			t.Errorf("the one that was stopped got %v, want %v", err, ErrStopped)
		}
		wait(t, b, 25, 1)
		if got := stopped.Held(); got != 5 {
			t.Errorf("the one that was stopped holds %d bytes, want the 5 it had", got)
		}
		if err := stopped.Reserve(5, stop, nil); !errors.Is(err, ErrStopped) {
			t.Errorf("stopped beforehand it got %v, want %v", err, ErrStopped)
		}
		stopped.Release()
		holder.Release()
		<-second
		patient.Release()
		wait(t, b, 0, 0)
		// The same lease, for its next message.
		stopped.Begin(3)
		reserve(t, stopped, 5)
		stopped.Release()
	})
}

func TestTooLongAWaitEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := New(10)
		holder, hurried := begun(b, 0), begun(b, 1)
		reserve(t, holder, 20)
		begun, result := time.Now(), make(chan error, 1)
		go func() { result <- hurried.Reserve(5, nil, time.After(time.Minute)) }()
		wait(t, b, 20, 1)
		if err := <-result; !errors.Is(err, ErrLate) || time.Since(begun) != time.Minute || hurried.Held() != 0 {
			t.Errorf("got %v after %v, holding %d bytes, want %v after 1m0s, holding none", err, time.Since(begun), hurried.Held(), ErrLate)
		}
		wait(t, b, 20, 0)
		holder.Release()
		wait(t, b, 0, 0)
	})
}

// A grant that comes at the same instant as the word to stop is kept, or the next
// message would take it for its own.
func TestAGrantIsNotLostToStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for range 50 {
			b := New(10)
			holder, both := begun(b, 0), begun(b, 1)
			reserve(t, holder, 20)
			stop := make(chan struct{})
			result := later(both, 5, stop)
			wait(t, b, 20, 1)
			b.mu.Lock()
			close(stop)
			b.used.Add(-holder.held)
			b.settle()
			b.mu.Unlock()
			if err := <-result; err != nil || both.Held() != 5 || len(both.granted) != 0 {
				t.Fatalf("got %v, holding %d bytes, want 5 bytes that were granted", err, both.Held())
			}
		}
	})
}

func TestReservingAtOnceAddsUp(t *testing.T) {
	b := New(1 << 40)
	var all sync.WaitGroup
	for n := range int64(8) {
		all.Go(func() {
			l := b.Lease()
			for range 5000 {
				if !l.TryReserve(n) {
					t.Error("an almost endless budget has no room")
				}
				l.Release()
			}
		})
	}
	all.Wait()
	if got := b.InUse(); got != 0 {
		t.Errorf("%d bytes in use when all is given back, want 0", got)
	}
}

func TestRoomy(t *testing.T) {
	b := New(100)
	l := begun(b, 0)
	for _, step := range []struct {
		used  int64
		roomy bool
	}{{0, true}, {49, true}, {50, false}, {100, false}} {
		l.Release()
		if !l.TryReserve(step.used) {
			t.Fatalf("%d bytes don't fit", step.used)
		}
		if got := b.Roomy(); got != step.roomy {
			t.Errorf("with %d of 100 bytes in use: roomy is %t, want %t", step.used, got, step.roomy)
		}
	}
	l.Release()
	if !New(math.MaxInt64).Roomy() || New(0).Roomy() {
		t.Error("an endless budget is not roomy, or an empty one is")
	}
}

// A deadlock, or a byte not given back, ends this test: in its bubble nothing can
// wait for ever unnoticed.
func TestManyMessagesUnderATightLimit(t *testing.T) {
	const (
		sessions = 64
		messages = 40
		limit    = 1000
		largest  = 900
		steps    = 5
	)
	synctest.Test(t, func(t *testing.T) {
		b := New(limit)
		began := time.Now()
		for seed := range uint64(sessions) {
			go func() {
				random := rand.New(rand.NewPCG(seed, 5))
				lease := b.Lease()
				for range messages {
					lease.Begin(time.Since(began))
					for range 1 + random.IntN(steps) {
						if err := lease.Reserve(random.Int64N(largest/steps+1), nil, nil); err != nil {
							t.Error(err)
						}
						if used := b.InUse(); used > limit+largest {
							t.Errorf("%d bytes in use, want at most the limit of %d and the %d of one message", used, limit, largest)
						}
						if random.IntN(4) == 0 {
							time.Sleep(time.Duration(random.IntN(100)))
						}
					}
					lease.Release()
				}
			}()
		}
		time.Sleep(time.Hour)
		wait(t, b, 0, 0)
		if b.overdrawer != nil {
			t.Error("with nothing in use somebody overdraws")
		}
	})
}
