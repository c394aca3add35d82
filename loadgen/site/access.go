package site

import "crypto/tls"

// Access is what it takes to be let in by a target, for its sessions and its
// side channel alike. The zero value is for one that lets everybody in.
type Access struct {
	// Token is shown as "Authorization: Bearer …"; empty: none, but that the side
	// channel is shown the one in the address, ?token=, so. It is never recorded.
	Token string
	// TLS is for wss://; nil: the system's certificates. It is not changed.
	TLS *tls.Config
}
