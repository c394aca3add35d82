package compression

import (
	"net/http"
	"testing"
)

func TestAcceptable(t *testing.T) {
	for _, tc := range []struct {
		name   string
		offers []string // one header line each
		want   bool
	}{
		{"no offer", nil, false},
		{"an empty one", []string{""}, false},
		{"another extension", []string{"x-webkit-deflate-frame"}, false},
		{"an extension of a similar name", []string{"permessage-deflated"}, false},
		{"the plain one", []string{"permessage-deflate"}, true},
		{"what gorilla offers", []string{"permessage-deflate; server_no_context_takeover; client_no_context_takeover"}, true},
		{"what browsers offer", []string{"permessage-deflate; client_max_window_bits"}, true},
		{"without spaces", []string{"permessage-deflate;client_max_window_bits=10"}, true},
		{"with many", []string{"  permessage-deflate ;\tclient_max_window_bits = \"8\" ; server_no_context_takeover "}, true},

		{"a smaller window of ours", []string{"permessage-deflate; server_max_window_bits=10"}, false},
		{"the largest window, which asks for an answer all the same", []string{"permessage-deflate; server_max_window_bits=15"}, false},
		{"a smaller window, else any", []string{"permessage-deflate; server_max_window_bits=10, permessage-deflate; client_max_window_bits"}, true},
		{"a smaller window, else any, in two lines", []string{"permessage-deflate; server_max_window_bits=10", "permessage-deflate"}, true},
		{"behind another extension", []string{"mux; max-channels=4, permessage-deflate"}, true},

		{"an unknown parameter", []string{"permessage-deflate; client_max_window=10"}, false},
		{"a parameter twice", []string{"permessage-deflate; client_max_window_bits; client_max_window_bits=10"}, false},
		{"a value where there is none", []string{"permessage-deflate; client_no_context_takeover=1"}, false},
		{"a window too small", []string{"permessage-deflate; client_max_window_bits=7"}, false},
		{"a window too large", []string{"permessage-deflate; client_max_window_bits=16"}, false},
		{"a window with a leading zero", []string{"permessage-deflate; client_max_window_bits=08"}, false},
		{"a window without a size", []string{"permessage-deflate; client_max_window_bits="}, false},
		{"a window of half a quotation", []string{`permessage-deflate; client_max_window_bits="`}, false},
		{"nothing behind the semicolon", []string{"permessage-deflate;"}, false},
	} {
		header := http.Header{}
		for _, line := range tc.offers {
			header.Add("Sec-WebSocket-Extensions", line)
		}
		if got := Acceptable(header); got != tc.want {
			t.Errorf("%s: got %v, want %v", tc.name, got, tc.want)
		}
	}
}
