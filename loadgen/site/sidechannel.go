package site

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/wsimg/wsimg/loadgen/payload"
	"github.com/wsimg/wsimg/loadgen/record"
)

// statsSchema is the version of a target's stats that is understood.
const statsSchema = "wsimg.stats/1"

// sideChannel reads GET /stats of a bundled target, over one connection that
// stays open. Any other server has none, and is measured without. Not safe for
// concurrent use.
type sideChannel struct {
	url    string
	client *http.Client
	first  Stats
}

// Stats is what a target tells of itself; counters only grow. The zero value
// is of a server without a side channel.
type Stats struct {
	Schema string                             `json:"schema"`
	Wsimg  string                             `json:"wsimg"`
	Go     string                             `json:"go"`
	Store  string                             `json:"store"`
	Codec  string                             `json:"codec"`
	Reply  string                             `json:"reply"`
	CPUNs  *int64                             `json:"cpu_ns"`
	Stages map[string]map[string]record.Stage `json:"stages"` // by mode, by stage
}

// openSideChannel returns nil when the server at a WebSocket URL has none.
func openSideChannel(ctx context.Context, ws string) *sideChannel {
	u, err := url.Parse(ws)
	if err != nil {
		return nil
	}
	u.Scheme = map[string]string{"ws": "http", "wss": "https"}[u.Scheme]
	u.Path, u.RawQuery = "/stats", ""
	s := &sideChannel{
		url: u.String(),
		client: &http.Client{
			Transport:     &http.Transport{MaxIdleConns: 1},
			Timeout:       2 * time.Second,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
	if s.first, err = s.read(ctx); err != nil {
		s.close()
		return nil
	}
	return s
}

func (s *sideChannel) read(ctx context.Context) (Stats, error) {
	var got Stats
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url, nil)
	if err != nil {
		return got, err
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return got, fmt.Errorf("read the target's stats: %w", err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return got, fmt.Errorf("read the target's stats: %w", err)
	}
	if resp.StatusCode != http.StatusOK {
		return got, fmt.Errorf("read the target's stats: HTTP %d", resp.StatusCode)
	}
	if err := json.Unmarshal(body, &got); err != nil || got.Schema != statsSchema {
		return got, fmt.Errorf("read the target's stats: not %s", statsSchema)
	}
	return got, nil
}

// target is what is recorded of it.
func (s *sideChannel) target() *record.Target {
	return &record.Target{Wsimg: s.first.Wsimg, Go: s.first.Go, Store: s.first.Store, Codec: s.first.Codec, Reply: s.first.Reply}
}

// Since puts what the target spent between two readings, on images of a mode,
// into a sample; nothing if one of the two is missing.
func (after Stats) Since(before Stats, mode payload.Mode, into *record.Sample) {
	if before.Schema == "" || after.Schema == "" {
		return
	}
	if before.CPUNs != nil && after.CPUNs != nil {
		ns := *after.CPUNs - *before.CPUNs
		into.TargetCPUNs = &ns
	}
	kind := mode.Kind.String()
	into.Stages = make(map[string]record.Stage)
	for name, a := range after.Stages[kind] {
		b := before.Stages[kind][name]
		into.Stages[name] = record.Stage{Count: a.Count - b.Count, TotalNs: a.TotalNs - b.TotalNs}
	}
}

func (s *sideChannel) close() { s.client.CloseIdleConnections() }
