package loadgen

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"math"
	"net"
	"net/netip"
	"time"

	"github.com/wsimg/wsimg/loadgen/alarm"
	"github.com/wsimg/wsimg/loadgen/churn"
)

// Defaults of Settings.
const (
	DefaultTimeout     = 10 * time.Second
	DefaultDialTimeout = 10 * time.Second
)

// MaxInFlight bounds the images a client may have unanswered: each takes a
// place in the client's memory.
const MaxInFlight = 10_000

// beginning is how many connections are given their first image of a block at
// the same time.
const beginning = 32

// grace is how long a reply that is late is still waited for, to tell late
// from never.
const grace = 500 * time.Millisecond

// patience is how long images in flight may still take once the run has been
// interrupted.
const patience = 2 * time.Second

// Settings say how a fleet connects.
type Settings struct {
	URL     string        // of the target: ws:// or wss://
	Clients int           // connections, at least 1
	Timeout time.Duration // the longest an image may stay unanswered; 0: DefaultTimeout
	Rcvbuf  int           // SO_RCVBUF in bytes; 0: the kernel's default

	// InFlight is how many images a client may have unanswered; 0: 1. Replies
	// must come in the order of the images.
	InFlight int

	// Deflate asks for permessage-deflate (RFC 7692). To a server that
	// declines nothing is sent: Dial fails with ErrDeclined.
	Deflate bool
	// UserAgent is what the handshake names the client; empty: Go's own.
	UserAgent string

	// Token is shown in the handshake as "Authorization: Bearer …"; empty: none.
	Token string
	// TLS is for wss://; nil: the system's certificates. It is not changed.
	TLS *tls.Config

	// ConnectRate bounds how many connections are begun a second, at first and
	// whenever clients come back. 0: Grow opens as many as the server takes
	// without refusing any, and clients come back by Backoff alone, at most 1,024
	// at the same time.
	ConnectRate float64
	// LocalAddrs are the source addresses of connections, taken in turn; none:
	// the system's choice. One address has some 28,000 ports to dial from.
	LocalAddrs []netip.Addr
	// Backoff is how long a client without a connection waits before it tries
	// again; the zero value: churn.DefaultBackoff. One that was told to come again
	// later (Retry-After) waits so long beforehand.
	Backoff churn.Backoff
	// Forsake leaves clients without a connection that lose theirs in a block.
	Forsake bool
	// Storm has all clients dial at the same instant, at first and whenever
	// they have lost their connections: nothing is bounded or spread.
	Storm bool

	// For tests in virtual time: the transport, and what the pacer waits with.
	open  func(ctx context.Context, network, addr string) (net.Conn, error)
	alarm func() (alarm.Alarm, error)
}

// Validate reports everything that is wrong with s in one error.
func (s Settings) Validate() error {
	var faults []error
	if s.Clients < 1 {
		faults = append(faults, fmt.Errorf("%d clients: ask for at least 1", s.Clients))
	}
	if s.Timeout < 0 {
		faults = append(faults, fmt.Errorf("timeout %v: ask for a positive duration", s.Timeout))
	}
	if s.InFlight < 0 || s.InFlight > MaxInFlight {
		faults = append(faults, fmt.Errorf("%d images in flight: ask for at least 1 and at most %d", s.InFlight, MaxInFlight))
	}
	if s.Rcvbuf < 0 {
		faults = append(faults, fmt.Errorf("receive buffer of %d bytes: ask for 0, the kernel's default, or more", s.Rcvbuf))
	}
	if !(s.ConnectRate >= 0) || math.IsInf(s.ConnectRate, 0) {
		faults = append(faults, fmt.Errorf("%g connections a second: ask for a positive rate, or for 0, as many as the server takes", s.ConnectRate))
	}
	if s.Storm && s.ConnectRate > 0 {
		faults = append(faults, errors.New("a storm at a rate: in a storm nothing is bounded; leave one of them out"))
	}
	for _, a := range s.LocalAddrs {
		if !a.IsValid() {
			faults = append(faults, errors.New("a local address that is none: give addresses of this machine"))
		}
	}
	if s.Backoff != (churn.Backoff{}) {
		faults = append(faults, s.Backoff.Validate())
	}
	return errors.Join(faults...)
}

// gap is the time between two attempts to connect; 0: no rate is given.
func (s Settings) gap() time.Duration {
	if s.ConnectRate == 0 {
		return 0
	}
	return time.Duration(min(float64(time.Second)/s.ConnectRate, float64(24*time.Hour)))
}

// filled returns s with its defaults.
func (s Settings) filled() Settings {
	s.Timeout = cmp.Or(s.Timeout, DefaultTimeout)
	s.InFlight = cmp.Or(s.InFlight, 1)
	s.Backoff = cmp.Or(s.Backoff, churn.DefaultBackoff())
	if s.alarm == nil {
		s.alarm = alarm.New
	}
	return s
}
