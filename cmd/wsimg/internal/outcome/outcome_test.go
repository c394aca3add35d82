package outcome

import "testing"

func TestMarkdown(t *testing.T) {
	o := &Outcome{Program: "Idle", Setting: "Today.", Header: []string{"what", "bytes"}}
	o.Row("heap", 4626)
	o.Row("µ", 1)
	o.Notef("Of %d clients.", 3)
	const found = "Today.\n\n| what | bytes |\n| ---- | ----: |\n| heap |  4626 |\n| µ    |     1 |\n\nOf 3 clients.\n\n"
	if got, want := o.Markdown(), found+"**All bars cleared.**\n"; got != want {
		t.Errorf("nothing missed: got\n%s\nwant\n%s", got, want)
	}
	o.Missf("%d of %d", 8, 40)
	o.Missf("another")
	if got, want := o.Markdown(), found+"**Missed:** 8 of 40; another.\n"; got != want {
		t.Errorf("two bars missed: got\n%s\nwant\n%s", got, want)
	}
}
