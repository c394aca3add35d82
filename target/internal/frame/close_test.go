package frame

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestCloseIsToldWithCodeAndReason(t *testing.T) {
	longest := strings.Repeat("é", 61) + "."
	for _, tc := range []struct {
		name    string
		payload string
		want    Closed
	}{
		{"without a code", "", Closed{}},
		{"with a code", "\x03\xe8", Closed{Code: 1000}},
		{"with a reason", "\x03\xe9leaving", Closed{Code: 1001, Reason: "leaving"}},
		{"with a reason that is not ASCII", "\x0f\xa0Zoë \U0001f5bc", Closed{Code: 4000, Reason: "Zoë \U0001f5bc"}},
		{"with the longest reason", "\x03\xe8" + longest, Closed{Code: 1000, Reason: longest}},
	} {
		for _, arrival := range arrivals {
			for where, before := range map[string]wire{"between messages": nil, "within a message": sent(0x1, "begun")} {
				t.Run(tc.name+"/"+where+"/"+arrival.name, func(t *testing.T) {
					// Nothing after a close frame is looked at.
					err := receive(arrival.conn(join(before, sent(last|0x8, tc.payload), wire{0xff, 0xff})), 16).Err
					got, ok := errors.AsType[*Closed](err)
					if !ok {
						t.Fatalf("got error %v, want %v", err, &tc.want)
					}
					if *got != tc.want {
						t.Errorf("got %v, want %v", got, &tc.want)
					}
				})
			}
		}
	}
}

func TestCloseCodesThatMayBeSent(t *testing.T) {
	for _, tc := range []struct {
		first, last int
		sendable    bool
	}{
		{0, 999, false},
		{1000, 1003, true},
		{1004, 1006, false}, // reserved; no status; abnormal
		{1007, 1014, true},
		{1015, 2999, false}, // TLS; unassigned
		{3000, 4999, true},  // libraries; applications
		{5000, 65535, false},
	} {
		t.Run(fmt.Sprintf("%d to %d", tc.first, tc.last), func(t *testing.T) {
			for code := tc.first; code <= tc.last; code++ {
				err := parseClose(binary.BigEndian.AppendUint16(nil, uint16(code)))
				switch e := err.(type) {
				case *Closed:
					if !tc.sendable {
						t.Fatalf("%d was taken, want it refused", code)
					}
					if e.Code != code {
						t.Fatalf("got code %d, want %d", e.Code, code)
					}
				case *Error:
					if tc.sendable {
						t.Fatalf("%d was refused: %v", code, e)
					}
					if e.Code != 1002 || !strings.Contains(e.Reason, fmt.Sprint(code)) {
						t.Fatalf("got %v, want 1002 and a reason with %d", e, code)
					}
				default:
					t.Fatalf("code %d: got error %v, want a close or a violation", code, err)
				}
			}
		})
	}
}
