package target

import (
	"context"
	"fmt"
	"time"
)

// forceAfter is how long a session interrupted in mid-message has to say
// goodbye before its connection is cut.
const forceAfter = lingerTime + 500*time.Millisecond

// Shutdown ends all sessions with close code 1001 and then closes the store;
// no session begins any more. Idle sessions end at once, others after the
// message they are at, or when ctx is done in the middle of it, of which the
// error tells.
func (s *Server) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	s.draining = true
	s.mu.Unlock()
	s.each(func(session *session) { session.drain() })

	ended := make(chan struct{})
	go func() { s.running.Wait(); close(ended) }()
	var forced error
	select {
	case <-ended:
	case <-ctx.Done():
		close(s.forced)
		cut := 0
		s.each(func(session *session) {
			if session.cut() {
				cut++
			}
		})
		if cut > 0 {
			forced = fmt.Errorf("drain: sessions cut off in the middle of a message: %d", cut)
		}
		force := time.AfterFunc(forceAfter, func() {
			s.each(func(session *session) { session.out.Cut() })
		})
		<-ended
		force.Stop()
	}
	close(s.stopped)
	s.pulsing.Wait()
	if err := s.store.Close(); err != nil {
		return fmt.Errorf("close the store: %w", err)
	}
	return forced
}

// each calls f for every session there is.
func (s *Server) each(f func(*session)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for session := range s.sessions {
		f(session)
	}
}

// begin numbers a session and runs it in a goroutine of its own. It returns
// false, and does nothing, when the server is shutting down.
func (s *Server) begin(session *session) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.draining {
		return false
	}
	s.sessions[session] = struct{}{}
	s.counters.open.Add(1)
	s.counters.total.Add(1)
	s.running.Go(session.run)
	return true
}

// end forgets a session.
func (s *Server) end(session *session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.sessions, session)
	s.counters.open.Add(-1)
	if s.listener != nil {
		s.listener.Freed()
	}
}

// number returns the id of the next session.
func (s *Server) number() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.numbered++
	return s.numbered
}
