package site

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"
)

// Sessions of clients that have just left may still be counted: so long it is
// waited for them to end, and looked so often.
const (
	leaving     = 2 * time.Second
	leavingStep = 50 * time.Millisecond
)

// Admits finds out whether the target takes what a run asks for, as far as it tells
// its limits: connections, those that are there already counted, from one address
// and in a second where addresses count, and the size of images. The error wraps
// ErrLimit and has a sentence for each that is exceeded: what is asked for, what
// there is, and what to change. It takes no time, but for at most 2 s when clients
// that are leaving may make room. The error is ctx's when that ends meanwhile.
func (s *Site) Admits(ctx context.Context, d Demand) error {
	if s.channel == nil {
		return nil
	}
	told := s.channel.first
	if d.mayFit(told) {
		told = s.thinned(ctx, d)
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("wait for other clients to leave the target: %w", err)
		}
	}
	return limited("the target", d.connectionsFault(told), d.addressesFault(told.Limits, s.source), d.imageFault(told.Limits))
}

// thinned looks again and again whether those who leave have made room, and
// returns what the target told last.
func (s *Site) thinned(ctx context.Context, d Demand) Stats {
	ctx, cancel := context.WithTimeout(ctx, leaving)
	defer cancel()
	step := time.NewTicker(leavingStep)
	defer step.Stop()
	for told := s.channel.first; ; {
		if now, err := s.channel.read(ctx); err == nil {
			told = now
		}
		if !d.mayFit(told) {
			return told
		}
		select {
		case <-step.C:
		case <-ctx.Done():
			return told
		}
	}
}

// mayFit reports whether there is no room for want of those who are there now.
func (d Demand) mayFit(told Stats) bool {
	most := int64(told.Limits.Connections)
	return int64(d.Connections) <= most && int64(d.Connections) > most-told.Connections.Open
}

// connectionsFault judges how many sessions there may be.
func (d Demand) connectionsFault(told Stats) error {
	most, files := int64(told.Limits.Connections), told.Environment.OpenFiles
	switch {
	case most == 0 && files > 0 && uint64(d.Connections) > files: // an old one, which tells nothing else
		return fmt.Errorf("%s connections take as many open files and its process may have %s: raise its limit with ulimit -n, or ask for fewer clients",
			count(d.Connections), count(files))
	case most == 0 || int64(d.Connections) <= most-told.Connections.Open:
		return nil
	case told.Connections.Open > 0:
		return fmt.Errorf("%s connections are asked for and it takes %s, of which others have %s: raise its --max-connections, wait for them to leave, or ask for fewer clients",
			count(d.Connections), count(most), count(told.Connections.Open))
	default:
		return fmt.Errorf("%s connections are asked for and it takes %s: raise its --max-connections and, if it says so, its limit of open files, or ask for fewer clients",
			count(d.Connections), count(most))
	}
}

// addressesFault judges what one source address may have. A connection from
// loopback counts for none.
func (d Demand) addressesFault(l Limits, chosen netip.Addr) error {
	sources := d.sources(chosen)
	busiest := 0
	counts := make(map[netip.Addr]int)
	for _, a := range sources {
		if a = network(a); a.IsValid() && !a.IsLoopback() {
			counts[a]++
			busiest = max(busiest, counts[a])
		}
	}
	share := min(d.Connections, busiest*d.share(len(sources)))
	if share == 0 {
		return nil
	}
	var faults []error
	if l.PerAddress > 0 && share > l.PerAddress {
		faults = append(faults, fmt.Errorf("%s connections come from one address and it takes %s: raise its --max-per-address, give more addresses of this machine by --local-addr, or ask for fewer clients",
			count(share), count(l.PerAddress)))
	}
	// A second's worth may come at once; what comes above the rate eats it up.
	rate := d.ConnectRate * float64(share) / float64(d.Connections)
	if l.NewPerAddress > 0 && rate > l.NewPerAddress && float64(share)*(1-l.NewPerAddress/rate) > l.NewPerAddress {
		faults = append(faults, fmt.Errorf("%s connections a second come from one address and it takes %s: lower --connect-rate to %.6g/s, or leave it out, or raise its --max-new-per-address",
			perSecond(rate), perSecond(l.NewPerAddress), d.ConnectRate*l.NewPerAddress/rate))
	}
	return errors.Join(faults...)
}

// network is what a target counts an address as: of version 6, what one customer
// gets.
func network(a netip.Addr) netip.Addr {
	a = a.Unmap()
	if p, err := a.Prefix(64); err == nil && a.Is6() && !a.IsLoopback() {
		return p.Addr()
	}
	return a
}

// imageFault judges the largest image.
func (d Demand) imageFault(l Limits) error {
	if l.MaxImageBytes == 0 || d.ImageBytes <= l.MaxImageBytes {
		return nil
	}
	return fmt.Errorf("the largest image has %s bytes and it takes %s: raise its --max-image, or send smaller ones", count(d.ImageBytes), count(l.MaxImageBytes))
}
