package audit

import (
	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/site"
)

// Settle compares the books of a run with what the target's grew by between two
// readings, the one before the run's first of dialed connections, the other
// after its last. Dialed counts those that failed too: it is the most the
// target can have seen of this run.
//
// It is pure. There is a fault unless every part of the target's book grew by
// the verified images and a choice of the unsettled ones. Choices are tried up
// to a bound, reached only where three and more different images in one part of
// 256 are unsettled often; beyond it there is a fault, which says so. With k
// such images, each unsettled n times, the bound is 67 million for n to the
// power of k−2.
func Settle(before, after site.Books, dialed uint64, books ...*Book) record.Audit {
	f := findings{connections: after.Connections - before.Connections, dialed: dialed}
	f.restarted = !follows(after, before)
	var s search
	for i, a := range accounts(books) {
		f.verified += a.verified.count
		f.unsettled += a.unsettled()
		if !f.restarted {
			f.add(grown(before, after, uint8(i)), a, &s)
		}
	}
	settled := record.Audit{Verified: f.verified, Unsettled: f.unsettled, Saved: f.saved, Fault: f.fault()}
	if settled.Fault == "" {
		settled.UnsettledSaved = f.unsettledSaved
	}
	return settled
}

// follows reports whether after can be a later reading of the same process: its
// counters only grow.
func follows(after, before site.Books) bool {
	if after.PID != before.PID || after.Instance != before.Instance || after.Connections < before.Connections {
		return false
	}
	for i, p := range before.Parts {
		if after.Parts[i].Count < p.Count {
			return false
		}
	}
	return true
}

// grown returns what one part of a target's book grew by.
func grown(before, after site.Books, i uint8) part {
	b, a := before.Parts[i], after.Parts[i]
	return part{a.Count, told(a.Sum)}.minus(part{b.Count, told(b.Sum)})
}

// add settles one part.
func (f *findings) add(grown part, a account, s *search) {
	f.saved += grown.count
	if grown.count < a.verified.count {
		f.missing += a.verified.count - grown.count
		return
	}
	rest := grown.minus(a.verified)
	if unsettled := a.unsettled(); rest.count > unsettled {
		f.surplus += rest.count - unsettled
		return
	}
	switch s.decide(rest, a.open) {
	case yes:
		f.unsettledSaved += rest.count
	case no:
		f.unlike++
	case undecided:
		f.undecided += a.unsettled()
	}
}
