package target

import (
	"crypto/tls"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/wsimg/wsimg/target/store"
)

// warningStore has something to say.
type warningStore struct{ faultyStore }

func (warningStore) Warnings() []string { return []string{"others may write to the folder"} }

func TestWarnings(t *testing.T) {
	const gb = 1_000_000_000
	machine := Environment{OpenFiles: 20_000, MemoryBytes: 16 * gb}
	for _, tc := range []struct {
		name     string
		settings Settings
		machine  Environment
		store    store.Store
		want     []string // in each sentence
	}{
		{"the defaults", Settings{}, machine, nil, nil},
		{"nothing known of the machine", Settings{Limits: Limits{InFlight: 900 * gb}}, Environment{}, nil, nil},
		{"more in flight than there is memory", Settings{Limits: Limits{InFlight: 900 * gb, Connections: 100}}, machine, nil, []string{"and there are 16 GB: lower --max-in-flight"}},
		{"so large images that memory is for few", Settings{MaxImage: 2 * gb}, machine, nil, []string{"though files could be opened for 19424"}},
		{"a token in clear", Settings{Addr: "0.0.0.0:9000", Access: Access{Token: "secret"}}, machine, nil, []string{"in clear"}},
		{"a token under TLS", Settings{Addr: "0.0.0.0:9000", Access: Access{Token: "secret", TLS: &tls.Config{}}}, machine, nil, nil},
		{"a token on loopback", Settings{Access: Access{Token: "secret"}}, machine, nil, nil},
		{"lenient, and nothing is decoded", Settings{Lenient: true, Store: store.Off}, machine, nil, []string{"--lenient changes nothing"}},
		{"what the store says", Settings{}, machine, warningStore{}, []string{"others may write"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := warningsOf(tc.settings, tc.settings.on(tc.machine), tc.machine, tc.store)
			if !slices.EqualFunc(got, tc.want, strings.Contains) {
				t.Errorf("got %q, want sentences with %q", got, tc.want)
			}
			for _, said := range got {
				if strings.Contains(said, "secret") {
					t.Errorf("got %q, which has the token", said)
				}
			}
		})
	}
}

func TestMoreConnectionsThanOpenFiles(t *testing.T) {
	machine := Environment{OpenFiles: 20_000}
	for _, tc := range []struct {
		name        string
		connections int
		machine     Environment
		fits        bool
	}{
		{"by default", 0, machine, true},
		{"as many as there can be", 20_000 - 64 - 512, machine, true},
		{"one more", 20_000 - 64 - 512 + 1, machine, false},
		{"the fewest there are by default", 0, Environment{OpenFiles: 100}, true},
		{"any number, without a limit", 99_999_999, Environment{}, true},
	} {
		err := Settings{Limits: Limits{Connections: tc.connections}}.on(tc.machine).fits(tc.machine)
		if (err == nil) != tc.fits {
			t.Errorf("%s: got error %v, want none: %v", tc.name, err, tc.fits)
		}
		if err != nil && (!strings.Contains(err.Error(), "ulimit -n") || !strings.Contains(err.Error(), "--max-connections to 19424")) {
			t.Errorf("%s: got error %v, want one that says what to do", tc.name, err)
		}
	}
}

func TestATargetThatCantHaveItsConnectionsDoesNotStart(t *testing.T) {
	settings := Settings{Addr: "127.0.0.1:0", Store: store.Discard, Limits: Limits{Connections: 1 << 40}}
	srv, err := Listen(settings)
	if err == nil { // no limit of open files here
		srv.Shutdown(t.Context())
		srv.listener.Close()
		t.Skip("this system tells no limit of open files")
	}
	if !errors.Is(err, ErrCannotStart) {
		t.Errorf("got error %v, want one that wraps %v", err, ErrCannotStart)
	}
}

func TestSizesForPeople(t *testing.T) {
	for n, want := range map[int64]string{0: "0 bytes", 999: "999 bytes", 1000: "1 kB", 1_000_000: "1 MB", 999_700: "1 MB", 16_800_000_000: "16.8 GB", 5_000_000_000_000_000: "5e+03 TB"} {
		if got := formatBytes(n); got != want {
			t.Errorf("%d: got %q, want %q", n, got, want)
		}
	}
}
