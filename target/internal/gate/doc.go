// Package gate decides who may come in.
//
// A connection passes three of them on its way to becoming a session:
//
//	Listener   connections that are no sessions yet, in all and by address; the
//	           silent make room for others
//	Access     the token, the Host and the Origin of its request: HTTP 401, 403
//	Gate       sessions in all, by address, and new ones a second: HTTP 503, 429
//
// The listener belongs to one [http.Server], whose ConnState tells it what becomes
// of the connections it handed out:
//
//	l := gate.NewListener(inner, 1024, log)
//	server := &http.Server{ConnState: l.ConnState, …}
//	server.Serve(l)
//
// and the handler asks the other two before it upgrades a request:
//
//	if refused := access.Check(r); refused != nil {
//		refused.Write(w)
//		return
//	}
//	leave, refused := g.Enter(gate.Remote(r))
//	if refused != nil {
//		refused.Write(w)
//		return
//	}
//	…leave() when the session has ended, or did not begin…
//
// What is counted by address counts an IPv6 network of 64 bits as one address,
// because that is what one customer gets, and an IPv4-mapped address as the IPv4
// address it is. Loopback addresses are exempt from it. Where a proxy is in front,
// all come from its address, and the limits by address are the proxy's task.
//
// Reasons tell what to do, and never repeat what the client sent.
package gate
