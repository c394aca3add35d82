package compression

import (
	"bytes"
	"net/http"
	"testing"
)

const plain = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"

func TestAgree(t *testing.T) {
	for _, tc := range []struct {
		name   string
		offers []string // one header line each
		want   string   // empty: none is accepted
	}{
		{"no offer", nil, ""},
		{"an empty one", []string{""}, ""},
		{"another extension", []string{"x-webkit-deflate-frame"}, ""},
		{"an extension of a similar name", []string{"permessage-deflated"}, ""},
		{"the plain one", []string{"permessage-deflate"}, plain},
		{"what gorilla offers", []string{"permessage-deflate; server_no_context_takeover; client_no_context_takeover"}, plain},
		{"what browsers offer", []string{"permessage-deflate; client_max_window_bits"}, plain},
		{"without spaces", []string{"permessage-deflate;client_max_window_bits=10"}, plain},
		{"with many", []string{"  permessage-deflate ;\tclient_max_window_bits = \"8\" ; server_no_context_takeover "}, plain},

		{"the smallest window of ours", []string{"permessage-deflate; server_max_window_bits=8"}, plain + "; server_max_window_bits=8"},
		{"a smaller window of ours", []string{"permessage-deflate;server_max_window_bits=\"10\"; client_max_window_bits"}, plain + "; server_max_window_bits=10"},
		{"the largest window, which asks for an answer all the same", []string{"permessage-deflate; server_max_window_bits=15"}, plain + "; server_max_window_bits=15"},
		{"a smaller window, else any", []string{"permessage-deflate; server_max_window_bits=10, permessage-deflate"}, plain + "; server_max_window_bits=10"},
		{"any, else a smaller window", []string{"permessage-deflate", "permessage-deflate; server_max_window_bits=10"}, plain},
		{"a window that there isn't, else any", []string{"permessage-deflate; server_max_window_bits=16, permessage-deflate"}, plain},
		{"a faulty one with a window, else any, in two lines", []string{"permessage-deflate; server_max_window_bits=10; x", "permessage-deflate"}, plain},
		{"behind another extension", []string{"mux; max-channels=4, permessage-deflate"}, plain},

		{"an unknown parameter", []string{"permessage-deflate; client_max_window=10"}, ""},
		{"a parameter twice", []string{"permessage-deflate; client_max_window_bits; client_max_window_bits=10"}, ""},
		{"a value where there is none", []string{"permessage-deflate; client_no_context_takeover=1"}, ""},
		{"a window too small", []string{"permessage-deflate; client_max_window_bits=7"}, ""},
		{"a window too large", []string{"permessage-deflate; client_max_window_bits=16"}, ""},
		{"a window with a leading zero", []string{"permessage-deflate; client_max_window_bits=08"}, ""},
		{"a window without a size", []string{"permessage-deflate; client_max_window_bits="}, ""},
		{"a window of half a quotation", []string{`permessage-deflate; client_max_window_bits="`}, ""},
		{"a window of ours too small", []string{"permessage-deflate; server_max_window_bits=7"}, ""},
		{"a window of ours without a size", []string{"permessage-deflate; server_max_window_bits"}, ""},
		{"a window of ours that breaks the line", []string{"permessage-deflate; server_max_window_bits=10\r\nx"}, ""},
		{"nothing behind the semicolon", []string{"permessage-deflate;"}, ""},
	} {
		header := http.Header{}
		for _, line := range tc.offers {
			header.Add("Sec-WebSocket-Extensions", line)
		}
		agreed, ok := Agree(header)
		if ok != (tc.want != "") || ok && agreed.String() != tc.want {
			t.Errorf("%s: got %q, %v, want %q", tc.name, agreed, ok, tc.want)
		}
	}
}

// TestNothingRefersBackInSmallWindows compresses what is short only where it may
// refer to a period before: no byte is more frequent than another, so coding alone
// can't make it shorter.
func TestNothingRefersBackInSmallWindows(t *testing.T) {
	period := make([]byte, 256)
	for i := range period {
		period[i] = byte(i)
	}
	message := bytes.Repeat(period, 100)
	pool := NewPool()
	for window := minWindowBits; window <= maxWindowBits; window++ {
		for asked := MinLevel; asked <= MaxLevel; asked++ {
			level := Agreement{window: window}.Level(asked)
			if window == maxWindowBits || asked == 0 {
				if level != asked {
					t.Errorf("window of %d bits: got level %d, want the %d asked for", window, level, asked)
				}
				continue
			}
			if got := len(deflated(pool, message, level)); got < len(message) {
				t.Errorf("window of %d bits, level %d asked for: %d bytes became %d, want no fewer", window, asked, len(message), got)
			}
		}
	}
	for asked := MinLevel; asked <= MaxLevel; asked++ {
		if got := (Agreement{}).Level(asked); got != asked {
			t.Errorf("no window asked for: got level %d, want the %d asked for", got, asked)
		}
	}
	if got := len(deflated(pool, message, DefaultLevel)); got > len(message)/10 {
		t.Errorf("with the largest window %d bytes became %d, want a tenth: the message proves nothing", len(message), got)
	}
}
