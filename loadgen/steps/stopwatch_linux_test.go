package steps

import (
	"runtime"
	"sync/atomic"
	"testing"
	"time"
)

// What other threads of the process do is not in a step's time.
func TestStopwatchMeasuresItsThread(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var stop atomic.Bool
	done := make(chan struct{})
	go func() {
		defer close(done)
		for !stop.Load() {
		}
	}()
	watch := start()
	time.Sleep(50 * time.Millisecond)
	took := watch.elapsed()
	stop.Store(true)
	<-done
	if took < 0 || took > 20*time.Millisecond {
		t.Errorf("a thread that slept beside a busy one took %v of CPU time, want next to none", took)
	}
}
