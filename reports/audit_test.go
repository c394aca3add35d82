package reports_test

import (
	"strings"
	"testing"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/reports"
	"github.com/wsimg/wsimg/reports/internal/specimen"
)

func TestAuditInWords(t *testing.T) {
	run := specimen.BackToBack()
	run.Cells = nil // it is about the whole run
	for _, tt := range []struct {
		name  string
		audit record.Audit
		want  string
	}{
		{"all is well", record.Audit{Verified: 41_208, Saved: 41_208}, "all 41,208 verified images were saved exactly once and intact"},
		{"one image", record.Audit{Verified: 1, Saved: 1}, "the 1 verified image was saved exactly once and intact"},
		{"unsettled ones, none saved", record.Audit{Verified: 5, Unsettled: 3, Saved: 5}, "all 5 verified images were saved exactly once and intact; of 3 sent and not verified, none was saved"},
		{"unsettled ones, some saved", record.Audit{Verified: 5, Unsettled: 3_000, Saved: 2_005, UnsettledSaved: 2_000}, "all 5 verified images were saved exactly once and intact; of 3,000 sent and not verified, 2,000 were saved"},
		{"nothing came back", record.Audit{Unsettled: 3, Saved: 1, UnsettledSaved: 1}, "no image was verified; of 3 sent and not verified, 1 was saved"},
		{"a fault", record.Audit{Verified: 5, Unsettled: 1, Saved: 4, Fault: "the target saved at most 4 of 5; see why"}, "the target saved at most 4 of 5; see why"},
	} {
		run.Audit = &tt.audit
		r, err := reports.Analyze(run)
		if err != nil {
			t.Fatal(err)
		}
		if r.Audit.Text != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, r.Audit.Text, tt.want)
		}
		said := strings.HasPrefix(r.Conclusion, "The audit found a fault. ")
		if want := tt.audit.Fault != ""; said != want {
			t.Errorf("%s: the conclusion tells of a fault: %v, want %v: %q", tt.name, said, want, r.Conclusion)
		}
		if tt.audit.Fault != "" && strings.Contains(r.Conclusion, tt.audit.Fault) {
			t.Errorf("%s: the conclusion says what the heading says: %q", tt.name, r.Conclusion)
		}
	}
	run.Audit = nil
	if r, err := reports.Analyze(run); err != nil || r.Audit != nil {
		t.Errorf("nobody asked for an audit: got %v, %v", r.Audit, err)
	}
}
