package target

import (
	"testing"

	"github.com/wsimg/wsimg/target/store"
)

func TestDefaultsThatTheMachineDecides(t *testing.T) {
	const gb = 1_000_000_000
	roomy := Environment{OpenFiles: 20_000, MemoryBytes: 64 * gb}
	for _, tc := range []struct {
		name                  string
		machine               Environment
		store                 store.Kind
		connections, inFlight int64
	}{
		{"files bound connections", roomy, store.Files, 20_000 - 64 - 512, gb},
		{"store latest has files of its own", roomy, store.Latest, 20_000 - 64 - 512 - 1024, gb},
		{"a limit of files that is tiny", Environment{OpenFiles: 256, MemoryBytes: 64 * gb}, store.Off, fewestConnections, gb},
		{"no limit of files", Environment{MemoryBytes: 64 * gb}, store.Off, unknownFiles, gb},
		{"nothing known", Environment{}, store.Off, unknownFiles, gb},
		{"little memory", Environment{OpenFiles: 20_000, MemoryBytes: 2 * gb}, store.Off, 2000, gb / 2},
		{"little memory in a container", Environment{OpenFiles: 20_000, MemoryBytes: 64 * gb, Container: &Container{MemoryBytes: 2 * gb}}, store.Off, 2000, gb / 2},
		{"a container that limits only its cores", Environment{OpenFiles: 20_000, MemoryBytes: 64 * gb, Container: &Container{CPUs: 1}}, store.Off, 20_000 - 64 - 512, gb},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := Settings{Store: tc.store, MaxImage: 1_000_000}.on(tc.machine)
			if s.Limits.InFlight != tc.inFlight {
				t.Errorf("in flight: got %d bytes, want %d", s.Limits.InFlight, tc.inFlight)
			}
			got := int64(s.Limits.Connections)
			if tc.connections == 2000 { // as many as there is memory for
				if memory := memoryOf(tc.machine); s.memoryBound() > memory || s.memoryBound() < memory-memory/100 {
					t.Errorf("%d connections: got a bound of %d bytes, want hardly less than %d", got, s.memoryBound(), memory)
				}
				return
			}
			if got != tc.connections {
				t.Errorf("got %d connections, want %d", got, tc.connections)
			}
		})
	}
	set := Settings{Limits: Limits{Connections: 7, InFlight: 8}}.on(roomy).Limits
	if set.Connections != 7 || set.InFlight != 8 {
		t.Errorf("got %d connections and %d bytes in flight, want what is set, 7 and 8", set.Connections, set.InFlight)
	}
}

// TestFilesAreSharedOut: sessions come first, and the store gets of the rest.
func TestFilesAreSharedOut(t *testing.T) {
	const files, all = 20_000, 20_000 - 64 - 512
	roomy := Environment{OpenFiles: files, MemoryBytes: 1 << 40}
	for _, tc := range []struct {
		name              string
		machine           Environment
		settings          Settings
		connections, kept int
		fits              bool
	}{
		{"nobody in particular", roomy, Settings{Store: store.Latest}, all - 1024, 1024, true},
		{"a store without files of its own", roomy, Settings{Store: store.Files}, all, 0, true},
		{"19,000 are expected", roomy, Settings{Store: store.Latest, expected: 19_000}, all - 212, 212, true},
		{"a few are expected", roomy, Settings{Store: store.Latest, expected: 16}, all - 1024, 1024, true},
		{"all but the fewest files", roomy, Settings{Store: store.Latest, expected: all - 16}, all - 16, 16, true},
		{"more are expected than can be", roomy, Settings{Store: store.Latest, expected: files}, all - 16, 16, true},
		{"19,000 are allowed", roomy, Settings{Store: store.Latest, Limits: Limits{Connections: 19_000}}, 19_000, 212, true},
		{"as many as can be are allowed", roomy, Settings{Store: store.Latest, Limits: Limits{Connections: all - 16}}, all - 16, 16, true},
		{"more are allowed than can be", roomy, Settings{Store: store.Latest, Limits: Limits{Connections: all - 15}}, all - 15, 16, false},
		{"more are allowed than can be, without a store", roomy, Settings{Store: store.Off, Limits: Limits{Connections: all + 1}}, all + 1, 0, false},
		{"hardly any files", Environment{OpenFiles: 256, MemoryBytes: 1 << 40}, Settings{Store: store.Latest}, fewestConnections, 16, true},
		{"no limit of files", Environment{}, Settings{Store: store.Latest, expected: 100_000}, 100_000, 1024, true},
		{"expected beyond the memory at their worst", Environment{OpenFiles: files, MemoryBytes: 2e9}, Settings{Store: store.Off, MaxImage: 1e6, expected: 19_000}, 19_000, 0, true},
	} {
		s := tc.settings.on(tc.machine)
		if got := s.Limits.Connections; got != tc.connections {
			t.Errorf("%s: got %d connections, want %d", tc.name, got, tc.connections)
		}
		if s.Store == store.Latest && s.keptFiles != tc.kept {
			t.Errorf("%s: got %d files for the store, want %d", tc.name, s.keptFiles, tc.kept)
		}
		if err := s.fits(tc.machine); (err == nil) != tc.fits {
			t.Errorf("%s: got error %v, want one: %v", tc.name, err, !tc.fits)
		}
	}
}

func TestMemoryBoundGrowsWithWhatTakesMemory(t *testing.T) {
	small := Settings{MaxImage: 1000, Limits: Limits{Connections: 10, InFlight: 1 << 20}}.on(Environment{})
	base := small.memoryBound()
	for _, tc := range []struct {
		name   string
		change func(*Settings)
		more   int64
	}{
		{"a connection", func(s *Settings) { s.Limits.Connections++ }, 2 * connectionBytes},
		{"4 bytes in flight", func(s *Settings) { s.Limits.InFlight += 4 }, 2 * 5},
		{"an image of 3 bytes more", func(s *Settings) { s.MaxImage += 3 }, 2 * 2 * 4},
	} {
		s := small
		tc.change(&s)
		if got := s.memoryBound() - base; got != tc.more {
			t.Errorf("%s: got %d bytes more, want %d", tc.name, got, tc.more)
		}
	}
	deflate := small
	deflate.Deflate = true
	if deflate.memoryBound() <= base {
		t.Error("compression takes no memory")
	}
}

// TestPromisesAreWorthLittleWhenMemoryIsShort has clients promise 4 MB and send
// a byte.
func TestPromisesAreWorthLittleWhenMemoryIsShort(t *testing.T) {
	srv := newTestServer(t, Settings{Store: store.Discard, Limits: Limits{InFlight: 40 << 20}})
	const promised, clients = 4 << 20, 100
	beginning := clientFrame(2, make([]byte, promised))[:20]
	for range clients {
		srv.dial(t, "").NetConn().Write(beginning)
	}
	eventually(t, "all have begun their messages", func() bool {
		begun := 0
		srv.each(func(c *session) {
			if ph, _ := c.progress.get(); ph != waiting && c.state.Load() == busy {
				begun++
			}
		})
		return begun == clients
	})
	eventually(t, "all have some memory", func() bool { return srv.budget.InUse() >= 20<<20+80*4096 })
	if got := srv.budget.Waiting(); got != 0 || srv.budget.InUse() > 25<<20 {
		t.Errorf("got %d waiting and %d bytes in flight, want none, and half of the limit and a little", got, srv.budget.InUse())
	}
	send(t, srv.dial(t, ""), 2, photograph(100_000))
}
