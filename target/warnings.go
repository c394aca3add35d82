package target

import (
	"fmt"

	"github.com/wsimg/wsimg/target/store"
)

// Warnings returns sentences for whoever started the server: what it will do
// that may not be what they meant, and what to change. None is a reason not to
// serve. They are found once, by New.
func (s *Server) Warnings() []string { return s.warnings }

// warner is a store that has something to say about its folder.
type warner interface{ Warnings() []string }

// warningsOf returns what there is to say about settings as they were asked for,
// and as they are in force on a machine.
func warningsOf(asked, inForce Settings, e Environment, st store.Store) []string {
	var said []string
	say := func(format string, args ...any) { said = append(said, fmt.Sprintf(format, args...)) }

	memory, bound := memoryOf(e), inForce.memoryBound()
	if memory > 0 && bound > memory {
		say("clients could make the target take %s of memory, and there are %s: lower --max-in-flight, --max-image or --max-connections",
			formatBytes(bound), formatBytes(memory))
	}
	connections := inForce.Limits.Connections
	files, _ := shareFiles(e, inForce.Store, int64(asked.expected))
	if asked.Limits.Connections == 0 && e.OpenFiles > 0 && int64(connections) < files {
		say("at most %d connections, though files could be opened for %d: there is no memory for more at their worst; lower --max-in-flight or --max-image, or set --max-connections",
			connections, files)
	}
	if inForce.Access.Token != "" && inForce.Access.TLS == nil && !isLoopback(inForce.Addr) {
		say("the token and all images cross the network in clear: use --tls self-signed, or --cert and --key, unless something in front does TLS")
	}
	if inForce.Lenient && inForce.Store == store.Off {
		say("--lenient changes nothing: with --store off no Base64 is decoded")
	}
	if w, ok := st.(warner); ok {
		said = append(said, w.Warnings()...)
	}
	return said
}

// formatBytes writes a size for people: three digits and a decimal unit.
func formatBytes(n int64) string {
	units := []string{"bytes", "kB", "MB", "GB", "TB"}
	value, unit := float64(n), 0
	for value >= 999.5 && unit < len(units)-1 {
		value /= 1000
		unit++
	}
	if unit == 0 {
		return fmt.Sprintf("%d bytes", n)
	}
	return fmt.Sprintf("%.3g %s", value, units[unit])
}
