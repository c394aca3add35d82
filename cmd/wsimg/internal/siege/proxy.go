package siege

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
)

// proxy is the network between clients and a target: it forwards TCP connections
// and can be told to go wrong. Its methods are safe for concurrent use.
type proxy struct {
	listener *net.TCPListener
	upstream string // host:port
	running  sync.WaitGroup
	weather  sync.RWMutex // write-locked while nothing gets through

	mu    sync.Mutex
	over  bool
	links map[*link]struct{}
}

// link is one connection through the proxy: two, in truth.
type link struct {
	proxy          *proxy
	client, server *net.TCPConn
	// severed is set to have the link reset in the middle of what comes next.
	severed atomic.Bool
	// frozen is set to have all that comes swallowed: each end finds the other
	// one silent, and hears nothing of its end.
	frozen atomic.Bool
	// carried is how much came from the client, in bytes.
	carried atomic.Int64
}

// newProxy forwards to host:port until it is closed.
func newProxy(upstream string) (*proxy, error) {
	l, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return nil, fmt.Errorf("start a proxy: %w", err)
	}
	p := &proxy{listener: l, upstream: upstream, links: map[*link]struct{}{}}
	p.running.Go(p.accept)
	return p, nil
}

// addr is where clients connect to, as host:port.
func (p *proxy) addr() string { return p.listener.Addr().String() }

// close ends all connections, and returns when nothing is left.
func (p *proxy) close() {
	p.listener.Close()
	p.mu.Lock()
	p.over = true
	for l := range p.links {
		l.reset()
	}
	p.mu.Unlock()
	p.running.Wait()
}

func (p *proxy) accept() {
	for {
		client, err := p.listener.AcceptTCP()
		if err != nil {
			return
		}
		p.running.Go(func() { p.serve(client) })
	}
}

// serve forwards one connection until both its directions have ended.
func (p *proxy) serve(client *net.TCPConn) {
	server, err := net.DialTimeout("tcp", p.upstream, dialTimeout)
	if err != nil {
		client.SetLinger(0)
		client.Close()
		return
	}
	l := &link{proxy: p, client: client, server: server.(*net.TCPConn)}
	defer l.reset()
	p.mu.Lock()
	if p.over {
		p.mu.Unlock()
		return
	}
	p.links[l] = struct{}{}
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		delete(p.links, l)
		p.mu.Unlock()
	}()
	var ways sync.WaitGroup
	ways.Go(func() { l.forward(l.server, l.client) })
	ways.Go(func() { l.forward(l.client, l.server) })
	ways.Wait()
}

// forward carries one direction until it ends.
func (l *link) forward(to, from *net.TCPConn) {
	buf := make([]byte, 64<<10)
	for {
		n, err := from.Read(buf)
		if from == l.client {
			l.carried.Add(int64(n))
		}
		if n > 0 && !l.frozen.Load() {
			if l.breaks() {
				to.Write(buf[:n/2])
				l.reset()
				return
			}
			if _, err := to.Write(buf[:n]); err != nil {
				l.reset()
				return
			}
		}
		switch {
		case err == nil:
		case l.frozen.Load():
			return
		case err == io.EOF:
			to.CloseWrite()
			return
		default:
			l.reset()
			return
		}
	}
}

// breaks waits until things get through, and reports whether the link has been
// severed by then. It is not for the weather to wait for a write, which may hang.
func (l *link) breaks() bool {
	l.proxy.weather.RLock()
	defer l.proxy.weather.RUnlock()
	return l.severed.Load()
}

// reset ends both connections without a farewell. What was closed in good order
// is past that.
func (l *link) reset() {
	for _, c := range []*net.TCPConn{l.client, l.server} {
		c.SetLinger(0)
		c.Close()
	}
}

// busy is what a connection has carried by which to tell a session from a look
// at /stats, which is no fair prey, in bytes.
const busy = 4 << 10

// pick returns up to n busy links at random.
func (p *proxy) pick(n int) []*link {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := make([]*link, 0, len(p.links))
	for l := range p.links {
		if l.carried.Load() >= busy {
			all = append(all, l)
		}
	}
	rand.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all[:min(n, len(all))]
}

// sever resets up to n busy connections, each in the middle of what comes next.
func (p *proxy) sever(n int) {
	for _, l := range p.pick(n) {
		l.severed.Store(true)
	}
}

// freeze makes up to n busy connections half-open.
func (p *proxy) freeze(n int) {
	for _, l := range p.pick(n) {
		l.frozen.Store(true)
	}
}

// stall lets nothing through until the function that is returned is called,
// once. The proxy can't be closed before.
func (p *proxy) stall() (calm func()) {
	p.weather.Lock()
	return p.weather.Unlock
}
