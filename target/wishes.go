package target

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"

	"github.com/wsimg/wsimg/target/internal/compression"
	"github.com/wsimg/wsimg/target/store"
)

// wishes are what a client asks of its session, in its URL.
type wishes struct {
	codec   Codec
	reply   Reply
	level   int  // of compressed echoes
	audit   bool // enter its images in the books
	deflate bool // its offer of permessage-deflate, if it is accepted
}

// wishesIn returns what a query asks for, the server's own settings where it asks
// for nothing, or all that is wrong with it.
func (s *Server) wishesIn(query url.Values) (wishes, error) {
	codec, codecErr := asked(query, "codec", ParseCodec, s.settings.Codec)
	reply, replyErr := asked(query, "reply", ParseReply, s.settings.Reply)
	level, levelErr := asked(query, "deflate", parseLevel, compression.DefaultLevel)
	audit, auditErr := asked(query, "audit", s.parseAudit, false)
	return wishes{codec: codec, reply: reply, level: level, audit: audit}, errors.Join(codecErr, replyErr, levelErr, auditErr)
}

// asked returns what a query asks for, otherwise when it asks for nothing.
func asked[T any](query url.Values, name string, parse func(string) (T, error), otherwise T) (T, error) {
	if value := query.Get(name); value != "" {
		return parse(value)
	}
	return otherwise, nil
}

// parseLevel returns the level of compression that s names.
func parseLevel(s string) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil || n < compression.MinLevel || n > compression.MaxLevel || strconv.Itoa(n) != s {
		return 0, fmt.Errorf("unknown deflate level %q: choose %d (Huffman coding only) to %d", s, compression.MinLevel, compression.MaxLevel)
	}
	return n, nil
}

// parseAudit returns whether s, which isn't empty, asks for an audit.
func (s *Server) parseAudit(value string) (bool, error) {
	switch {
	case value != "1":
		return false, fmt.Errorf("unknown audit %q: ask for audit=1, or leave it out", value)
	case s.settings.Store == store.Off:
		return false, errors.New("store off saves nothing that could be audited: start the target with another --store")
	}
	return true, nil
}
