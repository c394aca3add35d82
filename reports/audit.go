package reports

import (
	"fmt"

	"github.com/wsimg/wsimg/loadgen/record"
)

// Audit is what the books of both ends came to.
type Audit struct {
	record.Audit
	Text string `json:"text"` // the same in words: the fault, or that there is none
}

// audited returns nil where nobody asked for an audit.
func audited(run *record.Run) *Audit {
	if run.Audit == nil {
		return nil
	}
	a := &Audit{Audit: *run.Audit}
	switch {
	case a.Fault != "":
		a.Text = a.Fault
	case a.Verified == 0:
		a.Text = "no image was verified"
	case a.Verified == 1:
		a.Text = "the 1 verified image was saved exactly once and intact"
	default:
		a.Text = fmt.Sprintf("all %s verified images were saved exactly once and intact", FormatCount(a.Verified))
	}
	if a.Fault == "" && a.Unsettled > 0 {
		a.Text += fmt.Sprintf("; of %s sent and not verified, %s", FormatCount(a.Unsettled), wasSaved(a.UnsettledSaved))
	}
	return a
}

func wasSaved(n uint64) string {
	switch n {
	case 0:
		return "none was saved"
	case 1:
		return "1 was saved"
	}
	return FormatCount(n) + " were saved"
}

// conclude puts that there is a fault before the conclusion of a run: whatever
// was measured, the images are not safe there. What it is stands in the heading.
func (a *Audit) conclude(conclusion string) string {
	if a == nil || a.Fault == "" {
		return conclusion
	}
	return "The audit found a fault. " + conclusion
}
