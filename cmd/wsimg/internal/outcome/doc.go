// Package outcome is how the slow programs begin and end: tests that take
// minutes, judge what they found against bars, and keep it in a document.
//
// A program is a test behind the tag slow. [Start] finds or builds the wsimg that
// it is about; what it finds it writes into an [Outcome], a paragraph and a table
// and what was missed; [Program.Finish] shows it and, with a flag, puts it into
// the program's place in a document:
//
//	var place = outcome.Flags(flag.CommandLine) // -update, -write
//
//	func TestIdle(t *testing.T) {
//		p := outcome.Start(t)
//		o := &outcome.Outcome{Program: "Idle", Header: []string{"memory of a connection", "bytes"}}
//		…
//		o.Setting = p.Setting(environment, "%d clients", clients)
//		o.Row("resident", bytes)
//		if bytes > most {
//			o.Missf("a connection takes %d bytes", bytes)
//		}
//		p.Finish(t, o, place)
//	}
//
// The place is between two lines of the document, which stay:
//
//	<!-- outcome of Idle -->
//	<!-- end of Idle -->
//
// [Places] tells a fast test that none is missing.
package outcome
