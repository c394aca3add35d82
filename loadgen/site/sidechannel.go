package site

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/wsimg/wsimg/loadgen/record"
)

const (
	// statsSchema is the version of a target's stats that is understood.
	statsSchema = "wsimg.stats/1"
	// statsTimeout bounds one reading.
	statsTimeout = 2 * time.Second
	// statsBytes bounds the size of one.
	statsBytes = 1 << 20
)

// sideChannel reads GET /stats of a bundled target, over one connection that
// stays open. A target that was started anew is read over another: the first
// reading that fails costs what a refusal takes, and at most statsTimeout. Any
// other server has none, and is measured without. Not safe for concurrent use.
type sideChannel struct {
	url    string
	token  string
	client *http.Client
	first  Stats
}

// openSideChannel returns why there is none when the server at a WebSocket URL
// has none, or does not let in who comes with access.
func openSideChannel(ctx context.Context, ws string, access Access) (*sideChannel, error) {
	u, err := url.Parse(ws)
	if err != nil {
		return nil, errors.New("the url can't be read") // whatever may be in it
	}
	// Made anew: what else is in the address is not the business of another
	// resource. A token is, and goes where no log of requests has it.
	stats := url.URL{Scheme: map[string]string{"ws": "http", "wss": "https"}[u.Scheme], Host: u.Host, Path: "/stats"}
	secure := access.TLS.Clone()
	if secure != nil {
		secure.NextProtos = []string{"http/1.1"}
	}
	s := &sideChannel{
		url:   stats.String(),
		token: cmp.Or(access.Token, u.Query().Get("token")),
		client: &http.Client{
			Transport:     &http.Transport{MaxIdleConns: 1, TLSClientConfig: secure},
			Timeout:       statsTimeout,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
	if s.first, err = s.read(ctx); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// read reads what the target did so far.
func (s *sideChannel) read(ctx context.Context) (Stats, error) {
	var got Stats
	if err := s.get(ctx, "", &got); err != nil {
		return got, err
	}
	if got.Schema != statsSchema {
		return got, notStats()
	}
	return got, nil
}

// get decodes an answer.
func (s *sideChannel) get(ctx context.Context, query string, into any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+query, nil)
	if err != nil {
		return err
	}
	if s.token != "" {
		req.Header.Set("Authorization", "Bearer "+s.token)
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return fmt.Errorf("read the target's stats: %w", err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, statsBytes))
	if err != nil {
		return fmt.Errorf("read the target's stats: %w", err)
	}
	switch resp.StatusCode {
	case http.StatusOK:
	case http.StatusUnauthorized:
		return fmt.Errorf("read the target's stats: %w", &deniedError{shown: s.token != ""})
	default:
		return fmt.Errorf("read the target's stats: HTTP %d", resp.StatusCode)
	}
	if err := json.Unmarshal(body, into); err != nil {
		return notStats()
	}
	return nil
}

// deniedError is of a side channel that wants a token, or another one than it
// was shown.
type deniedError struct{ shown bool }

func (*deniedError) Error() string { return fmt.Sprintf("HTTP %d", http.StatusUnauthorized) }

func notStats() error { return fmt.Errorf("read the target's stats: not %s", statsSchema) }

// target is what is recorded of it.
func (s *sideChannel) target() *record.Target {
	t := s.first.Environment
	t.Wsimg, t.Go, t.Store, t.Codec, t.Reply = s.first.Wsimg, s.first.Go, s.first.Store, s.first.Codec, s.first.Reply
	return &t
}

func (s *sideChannel) close() { s.client.CloseIdleConnections() }
