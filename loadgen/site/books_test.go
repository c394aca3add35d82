package site

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// booked answers /stats, and /stats?audit=1 with the book.
func booked(stats, book string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body := `{"schema":"wsimg.stats/1","pid":7,"wsimg":"0.3.0","connections":{"open":3,"total":9},` + stats
		if r.URL.RawQuery == "audit=1" {
			body += book
		}
		saying(body+`"cpu_ns":5}`)(w, r)
	}
}

func TestAudit(t *testing.T) {
	const one = "00112233445566778899aabbccddeeff"
	part := func(sum string) string {
		return `"audit":{"connections":2,"parts":{"17":{"count":3,"sum":"` + sum + `"}}},`
	}
	for name, c := range map[string]struct {
		stats, book string
		want        Books
		says        string // the error; empty: there is none
		none        bool   // the error wraps ErrAudit
	}{
		"some images": {book: part(one), want: Books{PID: 7, Open: 3, Connections: 2, Parts: map[uint8]Part{
			17: {Count: 3, Sum: Sum{0, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff}}}}},
		"a target that tells which process it is": {book: `"audit":{"instance":"4f1c","connections":0,"parts":{}},`,
			want: Books{PID: 7, Instance: "4f1c", Open: 3, Parts: map[uint8]Part{}}},
		"no image yet":           {book: `"audit":{"connections":0,"parts":{}},`, want: Books{PID: 7, Open: 3, Parts: map[uint8]Part{}}},
		"an older target":        {says: "wsimg 0.3.0 keeps no book there; start a newer one", none: true},
		"a target with no store": {stats: `"store":"off",`, book: part(one), says: "with --store off it saves nothing; choose another store", none: true},
		"a sum cut short":        {book: part(one[1:]), says: "not wsimg.stats/1"},
		"a sum of other digits":  {book: part("g" + one[1:]), says: "not wsimg.stats/1"},
		"a part too many":        {book: strings.Replace(part(one), "17", "256", 1), says: "not wsimg.stats/1"},
		"a count below nothing":  {book: strings.Replace(part(one), ":3", ":-3", 1), says: "not wsimg.stats/1"},
	} {
		s := Survey(t.Context(), serve(t, booked(c.stats, c.book)), "v1", Access{})
		ctx, cancel := context.WithCancel(t.Context())
		cancel() // an interrupted run is audited, too
		got, err := s.Audit(ctx)
		s.Close()
		if c.says == "" && err != nil || c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says)) {
			t.Errorf("%s: got error %v, want %q", name, err, c.says)
		}
		if errors.Is(err, ErrAudit) != c.none {
			t.Errorf("%s: got %v, want ErrAudit: %v", name, err, c.none)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestAuditOfAnotherServer(t *testing.T) {
	s := Survey(t.Context(), serve(t, http.NotFound), "v1", Access{})
	defer s.Close()
	_, err := s.Audit(t.Context())
	if !errors.Is(err, ErrAudit) || !strings.Contains(err.Error(), "HTTP 404") || !strings.Contains(err.Error(), "wsimg target") {
		t.Errorf("got %v, want ErrAudit, why, and what to do", err)
	}
}

func TestAuditOfATargetThatWantsAToken(t *testing.T) {
	const give = "give the one it was started with, by --token or WSIMG_TOKEN"
	deny := func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) }
	for token, says := range map[string]string{
		"":          "it wants a token and was shown none",
		"wrongHush": "it does not take the token that it was shown",
	} {
		s := Survey(t.Context(), serve(t, deny), "v1", Access{Token: token})
		_, err := s.Audit(t.Context())
		s.Close()
		if !errors.Is(err, ErrAudit) {
			t.Fatalf("token %q: got %v, want ErrAudit", token, err)
		}
		got := err.Error()
		if !strings.Contains(got, says) || !strings.Contains(got, "HTTP 401") || !strings.HasSuffix(got, give) {
			t.Errorf("token %q: got %q, want %q, HTTP 401 and %q", token, got, says, give)
		}
		if strings.Contains(got, "no wsimg target") || strings.Contains(got, "Hush") {
			t.Errorf("token %q: got %q: there is one, and its token is nobody's business", token, got)
		}
	}
}
