package plan

import (
	"fmt"
	"math"
	"strings"

	"github.com/wsimg/wsimg/loadgen/verdict"
	"github.com/wsimg/wsimg/reports"
)

// maker is an Input whose every number is known, with what it rests on.
type maker struct {
	input  Input
	ledger *ledger
	size   float64 // bytes of an image, raw

	meanRate, peakRate quantity // images/s of all users
	connections        quantity
	headroom, spare    quantity
	nic, mtu           quantity // bits/s, bytes
	retention          quantity // days

	reply, measuredReply string  // record.Echo or Ack
	held                 int     // connections that a server was seen to hold
	perServer            float64 // the most connections that one may hold; 0: not bounded

	// What figures rest on besides numbers.
	even         basis // how servers share the load
	oneServer    basis // what the measured server is to the fleet's
	wireBasis    basis // how bytes become packets
	link         basis // what packets are on the link
	remembered   basis // how memory grows
	stored       basis // what is kept
	month        basis // what a month is
	interpolated basis // nothing, at a size that was measured

	perConnection basis // what connections take, of those that were opened
}

// newMaker resolves in, at the size that the plan is for.
func newMaker(in Input, size float64, runs []*reports.Report, all []evidence, l *ledger) *maker {
	m := &maker{input: in, ledger: l, size: size, held: held(runs), perServer: in.ConnectionsPerServer.Value}
	m.measuredReply = replyOf(runs[0])
	m.reply = m.measuredReply
	if in.Reply != "" {
		m.reply = in.Reply
	}
	m.onServers(runs)
	m.onSize(all)
	m.onInput()
	m.onNetwork(runs)
	m.remembered = l.assume("memory", "Memory that images take beyond idle connections grows with the load, and is shared out as the load is.")
	m.perConnection = onConnections(l, runs)
	m.stored = l.assume("stored", fmt.Sprintf("Every image is kept once, raw, as a file of whole blocks of %s bytes.", grouped(blockBytes)))
	if len(runs[0].Settings.Images) > 0 {
		m.stored = on(m.stored, m.alike())
	}
	m.month = l.assume("month", "A month has 30 days, all with the same mean rate; egress is billed by the bytes of IP packets from servers to clients.")
	return m
}

// onServers makes what the measured server is to those of the fleet.
func (m *maker) onServers(runs []*reports.Report) {
	m.even = m.ledger.assume("even", "Servers share the load evenly, and each carries what the measured one did: nothing they have in common holds them back.")
	for _, r := range runs {
		if r.Verdict.Kind == verdict.Valid {
			continue
		}
		text := "A server carries what target and generator reached together on one machine; alone it may carry more, and over a network less."
		if r.Verdict.Kind == verdict.Void {
			text = "A server carries what a void run measured: " + reason(r) + "."
		}
		m.oneServer = on(m.oneServer, m.ledger.assume(text, text))
	}
	s := runs[0].Settings
	if s.Bundled {
		m.oneServer = on(m.oneServer, m.ledger.assume("bundled", fmt.Sprintf(
			"The fleet's servers do what wsimg's own target does (store %s), on machines like the measured one.", orNone(s.Store))))
	}
	if store := storeOf(runs[0]); store != "" && store != "files" {
		m.oneServer = on(m.oneServer, m.ledger.assume("store", fmt.Sprintf(
			"Keeping every image as a file holds no server back: what was measured had store %s, which keeps less.", store)))
	}
	if tls(runs[0]) == "no" { // so are all
		m.oneServer = on(m.oneServer, m.ledger.assume("no TLS", "Servers speak no TLS, as the measured one did not: it takes CPU time."))
	}
	if m.reply != m.measuredReply {
		m.oneServer = on(m.oneServer, m.ledger.assume("reply", fmt.Sprintf(
			"A server that answers with %s has the capacity, CPU time and memory that were measured with %s.", m.reply, m.measuredReply)))
	}
}

// onConnections makes what connections take: as much each as those that were
// opened to tell; nothing where that is not known.
func onConnections(l *ledger, runs []*reports.Report) basis {
	fewest := 0
	for _, r := range runs {
		if n := r.Capacity.MemoryConnections; r.Capacity.BytesPerConnection != nil && (fewest == 0 || n < fewest) {
			fewest = n
		}
	}
	if fewest == 0 {
		return basis{}
	}
	return l.assume("memory of connections", fmt.Sprintf(
		"A connection takes as much memory however many there are: it was measured with %s idle. The kernel's memory for sockets is in no figure.",
		grouped(float64(fewest))))
}

// onSize makes what a size between measured ones rests on.
func (m *maker) onSize(all []evidence) {
	points := all[0].points
	for i, p := range points {
		if p.size == m.size {
			return
		}
		if i > 0 && points[i-1].size < m.size && m.size < p.size {
			m.interpolated = m.ledger.assume(fmt.Sprintf("interpolated after %g", points[i-1].size), fmt.Sprintf(
				"Between %s and %s capacity and CPU time are powers of the image's size, and bytes linear in it: a cliff in between is not seen.",
				bytes(points[i-1].size), bytes(p.size)))
		}
	}
}

// onInput makes what users do, given or assumed.
func (m *maker) onInput() {
	in, l := m.input, m.ledger
	setting := func(s Setting, name string, standard float64, text string) quantity {
		if s.Given {
			return quantity{value: s.Value}
		}
		return quantity{standard, l.assume(name, text)}
	}
	peak := setting(in.Peak, "peak", DefaultPeak, fmt.Sprintf("The peak is %g times the mean rate (--peak).", DefaultPeak))
	connected := setting(in.Connected, "connected", DefaultConnected, "Every user holds one connection at peak (--connected).")
	m.headroom = setting(in.Headroom, "headroom", DefaultHeadroom, fmt.Sprintf("%g %% of a server stays free at peak (--headroom).", 100*DefaultHeadroom))
	m.spare = setting(in.Spare, "spare", DefaultSpare, fmt.Sprintf("%s beyond those needed (--spare).", plural(DefaultSpare, "server is", "servers are")))
	m.nic = setting(in.NICBitPerS, "nic", DefaultNICBitPerS, fmt.Sprintf("A server's network card has %g Gbit/s each way (--nic).", DefaultNICBitPerS/1e9))
	m.retention = setting(in.RetentionDays, "retention", DefaultRetentionDays, fmt.Sprintf("Images are kept for %g days (--retention).", DefaultRetentionDays))
	m.mtu = setting(in.MTU, "mtu", DefaultMTU, fmt.Sprintf("IP packets have at most %d bytes (--mtu).", DefaultMTU))
	m.meanRate = quantity{value: in.Users * in.ImagesPerUser}
	m.peakRate = quantity{m.meanRate.value * peak.value, peak.basis}
	m.connections = quantity{math.Ceil(in.Users * connected.value * (1 - 1e-12)), connected.basis}
}

// onNetwork makes how bytes become packets.
func (m *maker) onNetwork(runs []*reports.Report) {
	l := m.ledger
	m.wireBasis = on(
		l.assume("segments", "An image is one WebSocket frame and begins a TCP segment, and so does its reply; each segment has 52 bytes of IPv4 and TCP headers with timestamps."),
		l.assume("acks", "Every two data segments of an image or a reply are acknowledged by a packet of 52 bytes of their own."),
		l.assume("quiet", "Handshakes, pings, retransmissions and TLS take no bytes; TLS adds at least 22 to every 16 KiB begun (RFC 8446, section 5.2)."),
	)
	if len(runs[0].Settings.Images) > 0 {
		m.wireBasis = on(m.wireBasis, m.alike())
	}
	m.link = l.assume("link", "On the link every packet takes 38 bytes more (Ethernet's preamble, header, check sequence and gap), which is counted against the network card alone.")
}

// alike is that images which are not all of a size are as many bytes and blocks
// as if they were.
func (m *maker) alike() basis {
	return m.ledger.assume(fmt.Sprintf("alike at %g", m.size), fmt.Sprintf("All images have %s, the mean of the measured ones.", bytes(m.size)))
}

// storeOf returns what the measured server did with an image; empty: not known.
func storeOf(r *reports.Report) string {
	if t := r.Environment.Target; t != nil && t.Store != "" {
		return t.Store
	}
	return r.Settings.Store
}

// bytes writes a size.
func bytes(size float64) string { return reports.FormatSize(int64(size)) }

// grouped writes a whole number.
func grouped(x float64) string { return reports.FormatCount(uint64(x)) }

// count writes a number and its noun.
func count(n float64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return grouped(n) + " " + noun + "s"
}

// plural writes a number with what follows one, or several.
func plural(n float64, one, several string) string {
	if n == 1 {
		return "1 " + one
	}
	return grouped(n) + " " + several
}

// enumerate lists words: "a, b and c".
func enumerate(words []string) string {
	n := len(words)
	if n < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:n-1], ", ") + " and " + words[n-1]
}
