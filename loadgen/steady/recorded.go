package steady

import (
	"cmp"

	"github.com/wsimg/wsimg/loadgen/churn"
	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/site"
)

// record returns what of the settings is saved with the run.
func (s Settings) record() record.Settings {
	r := record.Settings{
		Command:         "run",
		URL:             site.Redacted(s.URL),
		Bundled:         s.Bundled,
		Images:          s.Images,
		Modes:           []string{s.Mode.String()},
		Baseline:        s.Mode.String(),
		Clients:         s.Clients,
		WarmupSeconds:   s.Warmup.Seconds(),
		TimeoutSeconds:  s.Timeout.Seconds(),
		Distinct:        s.Distinct,
		Seed:            s.Seed,
		Store:           s.Store,
		Sender:          s.Sender,
		RcvbufBytes:     s.Rcvbuf,
		InFlight:        s.InFlight,
		ThinkSeconds:    s.Load.Think.Seconds(),
		Reply:           s.Reply,
		Arrivals:        s.Load.Arrivals,
		Seconds:         s.length().Seconds(),
		ConnectRatePerS: s.ConnectRate,
		RampSeconds:     s.Ramp.Seconds(),
		Active:          s.Active,
		Churn:           s.churn(),
		TargetCPUs:      s.TargetCPUs,
		GeneratorCPUs:   s.GeneratorCPUs,
	}
	if len(s.Images) == 0 {
		r.SizesBytes = []int64{s.Source.SizeBytes()}
	}
	for _, addr := range s.LocalAddrs {
		r.LocalAddrs = append(r.LocalAddrs, addr.String())
	}
	if !s.staged() {
		r.RatePerS = s.Load.Plan.Mean()
		return r
	}
	for _, stage := range s.Load.Plan {
		r.Stages = append(r.Stages, record.Ramp{FromPerS: stage.From, ToPerS: stage.To, Seconds: stage.Length.Seconds()})
	}
	return r
}

// churn returns when connections end and how they come back; nil when nobody
// asked.
func (s Settings) churn() *record.Churn {
	asked := s.Lifetime.Limited() || s.Backoff != (churn.Backoff{}) || s.Forsake || s.Storm || len(s.Cuts) > 0
	if !asked {
		return nil
	}
	c := &record.Churn{
		LifetimeImages:  s.Lifetime.Images,
		LifetimeSeconds: s.Lifetime.Time.Seconds(),
		NoReconnect:     s.Forsake,
		Storm:           s.Storm,
	}
	if !s.Forsake && !s.Storm {
		b := cmp.Or(s.Backoff, churn.DefaultBackoff())
		c.BackoffSeconds, c.MaxBackoffSeconds = b.Base.Seconds(), b.Most.Seconds()
	}
	for _, at := range s.Cuts {
		c.CutsSeconds = append(c.CutsSeconds, at.Seconds())
	}
	return c
}
