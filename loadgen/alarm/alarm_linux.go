package alarm

import (
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

var _ Alarm = (*timer)(nil)

// early is how much before the instant the timer fires: most of what it takes
// to wake a sleeping core.
const early = 100 * time.Microsecond

// timer is a timerfd that the runtime's poller watches.
type timer struct {
	file *os.File
	fd   int

	mu   sync.Mutex
	at   time.Time
	cost atomic.Int64
}

// New returns the most exact alarm of this system. The caller closes it.
func New() (Alarm, error) {
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("create a timer: %w; raise the limit of open files", os.NewSyscallError("timerfd_create", err))
	}
	return &timer{file: os.NewFile(uintptr(fd), "timerfd"), fd: fd}, nil
}

func (t *timer) Set(at time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.at = at
	// A value of zero would disarm it.
	spec := unix.ItimerSpec{Value: unix.NsecToTimespec(max(1, int64(time.Until(at)-early)))}
	_ = unix.TimerfdSettime(t.fd, 0, &spec, nil) // fails only for wrong arguments
}

// Wait reads how often the timer fired since, which is not looked at. When the
// alarm was closed it returns at once.
func (t *timer) Wait() {
	var fired [8]byte
	if _, err := t.file.Read(fired[:]); err != nil {
		return
	}
	t.mu.Lock()
	at := t.at
	t.mu.Unlock()
	if time.Until(at) <= early { // else it was set anew meanwhile
		t.cost.Add(int64(yieldUntil(at)))
	}
}

func (t *timer) Cost() time.Duration { return time.Duration(t.cost.Load()) }

func (t *timer) Close() { t.file.Close() }
