package record

import "fmt"

// Audit compares the books of both ends: each keeps the number and a
// commutative hash of the images, the generator of those it sent, the target
// of those it saved.
type Audit struct {
	// Verified counts the images whose replies were, warm-up included, and
	// Unsettled those that were sent and have no verified reply: what became of
	// them only the target knows.
	Verified  uint64 `json:"verified"`
	Unsettled uint64 `json:"unsettled"`
	// Saved is what the target saved meanwhile for clients that were audited,
	// and UnsettledSaved how much of that was unsettled. Saved is 0 where the
	// target's book could not be read, UnsettledSaved where there is a fault.
	Saved          uint64 `json:"saved"`
	UnsettledSaved uint64 `json:"unsettled_saved"`
	// Fault is what does not add up, and what to do; empty: every verified
	// image was saved exactly once and intact, and nothing was that was not sent.
	Fault string `json:"fault,omitempty"`
}

// check returns what doesn't add up in an audit that found nothing amiss.
func (a *Audit) check() error {
	switch {
	case a == nil || a.Fault != "":
		return nil
	case a.UnsettledSaved > a.Unsettled:
		return fmt.Errorf("unsettled_saved is %d of %d unsettled", a.UnsettledSaved, a.Unsettled)
	case a.Saved != a.Verified+a.UnsettledSaved:
		return fmt.Errorf("saved is %d without a fault, want verified and unsettled_saved together, %d", a.Saved, a.Verified+a.UnsettledSaved)
	}
	return nil
}

// plus returns the audit of two runs together, which is sound if both are.
func (a *Audit) plus(b *Audit) *Audit {
	if a == nil {
		return b
	}
	both := &Audit{
		Verified: a.Verified + b.Verified, Unsettled: a.Unsettled + b.Unsettled, Saved: a.Saved + b.Saved,
		Fault: together(a.Fault, b.Fault),
	}
	if both.Fault == "" {
		both.UnsettledSaved = a.UnsettledSaved + b.UnsettledSaved
	}
	return both
}
