package connect

import "time"

// Phases is what the parts of connecting took.
type Phases struct {
	TCP     time.Duration // dial → established; names are looked up in it
	TLS     time.Duration // handshake; 0 without TLS
	Upgrade time.Duration // request written → answer read and checked
}

// Total is what all of it took.
func (p Phases) Total() time.Duration { return p.TCP + p.TLS + p.Upgrade }
