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

const (
	// statsSchema is the version of a target's stats that is understood.
	statsSchema = "wsimg.stats/1"
	// statsTimeout bounds one reading.
	statsTimeout = 2 * time.Second
	// statsBytes bounds the size of one.
	statsBytes = 1 << 20
)

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
	PID    int                                `json:"pid"`
	CPUNs  *int64                             `json:"cpu_ns"`
	Stages map[string]map[string]record.Stage `json:"stages"` // by mode, by stage
	// Environment is what the target runs on, where it tells. What Target has
	// beside that is above.
	Environment record.Target `json:"environment"`
}

// openSideChannel returns nil when the server at a WebSocket URL has none.
func openSideChannel(ctx context.Context, ws string) *sideChannel {
	u, err := url.Parse(ws)
	if err != nil {
		return nil
	}
	// Made anew: nothing else of the address, a token least of all, is the
	// business of another resource.
	stats := url.URL{Scheme: map[string]string{"ws": "http", "wss": "https"}[u.Scheme], Host: u.Host, Path: "/stats"}
	s := &sideChannel{
		url: stats.String(),
		client: &http.Client{
			Transport:     &http.Transport{MaxIdleConns: 1},
			Timeout:       statsTimeout,
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
	body, err := io.ReadAll(io.LimitReader(resp.Body, statsBytes))
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
	t := s.first.Environment
	t.Wsimg, t.Go, t.Store, t.Codec, t.Reply = s.first.Wsimg, s.first.Go, s.first.Store, s.first.Codec, s.first.Reply
	return &t
}

// Since puts what the target spent between two readings, on images of a mode,
// into a sample; nothing if one of the two is missing, or if they are not of
// the same process: it has started anew, or there are several behind the URL.
func (after Stats) Since(before Stats, mode payload.Mode, into *record.Sample) {
	if before.Schema == "" || after.Schema == "" || before.PID != after.PID {
		return
	}
	var cpu *int64
	if before.CPUNs != nil && after.CPUNs != nil {
		ns := *after.CPUNs - *before.CPUNs
		if ns < 0 {
			return
		}
		cpu = &ns
	}
	kind := mode.Kind.String()
	stages := make(map[string]record.Stage)
	for name, a := range after.Stages[kind] {
		b := before.Stages[kind][name]
		if a.Count < b.Count || a.TotalNs < b.TotalNs {
			return
		}
		stages[name] = record.Stage{Count: a.Count - b.Count, TotalNs: a.TotalNs - b.TotalNs}
	}
	into.TargetCPUNs, into.Stages = cpu, stages
}

func (s *sideChannel) close() { s.client.CloseIdleConnections() }
