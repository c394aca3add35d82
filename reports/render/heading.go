package render

import (
	"fmt"
	"slices"
	"strings"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/verdict"
	"github.com/wsimg/wsimg/reports"
)

// heading writes what was measured where.
func heading(b *strings.Builder, r *reports.Report, p palette) {
	for _, line := range wrap(title(r), Width, "", "") {
		b.WriteString(p.bold(line) + "\n")
	}
	field(b, "machine", machine(r.Environment, r.Settings.GeneratorCPUs))
	if line := pins(r.Settings); line != "" {
		field(b, "cpus", line)
	}
	field(b, "target", target(r))
	if on := targetMachine(r.Environment); on != "" {
		field(b, "", on)
	}
	if r.Kind() == reports.Search {
		field(b, "search", searched(r))
	}
	field(b, "load", load(r))
	if line := connecting(r); line != "" {
		field(b, "connect", line)
	}
	field(b, "run", fmt.Sprintf("%s · %.1f s · seed %d · wsimg %s",
		r.Started.Format("2006-01-02 15:04:05 MST"), r.Seconds, r.Settings.Seed, r.Environment.Wsimg))
	if r.Incomplete != "" {
		fieldIn(b, "ended", "incomplete: "+r.Incomplete, p.red)
	} else if r.Ended != nil {
		field(b, "ended", r.Ended.Text)
	}
	if a := r.Audit; a != nil {
		paint := p.green
		if a.Fault != "" {
			paint = p.red
		}
		fieldIn(b, "audit", a.Text, paint)
	}
	colour := map[verdict.Kind]func(string) string{verdict.Valid: p.green, verdict.Shared: p.yellow, verdict.Void: p.red}
	paint := colour[r.Verdict.Kind]
	if len(r.Verdict.Evidence) == 0 {
		fieldIn(b, "verdict", string(r.Verdict.Kind), paint)
	}
	for i, e := range r.Verdict.Evidence {
		name, text := "", e.Text
		paint := paint
		if e.Voids != "" && r.Verdict.Kind != verdict.Void {
			text, paint = fmt.Sprintf("the %s load is void: %s", e.Voids, e.Text), p.red
		}
		if i == 0 {
			name, text = "verdict", string(r.Verdict.Kind)+": "+text
		}
		fieldIn(b, name, text, paint)
	}
	b.WriteString("\n")
}

// title names what was measured, and but for a comparison of which size.
func title(r *reports.Report) string {
	of := slices.Clone(r.Settings.Modes)
	if !r.Compares() {
		for _, c := range r.Cells {
			if size := reports.FormatSize(c.SizeBytes); !slices.Contains(of, size) {
				of = append(of, size)
			}
		}
	}
	return fmt.Sprintf("wsimg %s: %s", r.Settings.Command, strings.Join(of, ", "))
}

// field writes a name and what there is to say of it, wrapped beside it.
func field(b *strings.Builder, name, text string) {
	fieldIn(b, name, text, func(s string) string { return s })
}

func fieldIn(b *strings.Builder, name, text string, paint func(string) string) {
	const indent = 9
	name = fmt.Sprintf("%-*s", indent, name)
	for _, line := range wrap(text, Width-indent, "", "") {
		b.WriteString(name + paint(line) + "\n")
		name = strings.Repeat(" ", indent)
	}
}

// host is what there is to say of a machine.
type host struct {
	cpu            string
	cores          int
	keptTo         record.CPUs // whose cores are told; none: all
	memoryBytes    uint64
	virtualization string
	system         string
	golang         string
	governor       string
	container      *record.Container
}

// machine is what there is to say of the machine that a generator ran on, which
// was kept to some processors of it; none: to no fewer than there are.
func machine(e record.Environment, keptTo record.CPUs) string {
	return host{
		cpu: e.CPU, cores: e.Cores, keptTo: keptTo, memoryBytes: e.MemoryBytes, virtualization: e.Virtualization,
		system: system(e.OS, e.Kernel, e.Arch), golang: e.Go, governor: e.Governor, container: e.Container,
	}.String()
}

// pins names the processors that each end was kept to; empty where neither was.
func pins(s record.Settings) string {
	var parts []string
	if len(s.TargetCPUs) > 0 {
		parts = append(parts, "target on "+s.TargetCPUs.Words())
	}
	if len(s.GeneratorCPUs) > 0 {
		parts = append(parts, "generator on "+s.GeneratorCPUs.Words())
	}
	return join(parts)
}

// targetMachine is empty where it is the generator's, or not told.
func targetMachine(e record.Environment) string {
	t := e.Target
	if t == nil || e.Shared || t.Cores == 0 {
		return ""
	}
	return "on " + host{
		cpu: t.CPU, cores: t.Cores, memoryBytes: t.MemoryBytes, virtualization: t.Virtualization,
		system: system(t.OS, t.Kernel, t.Arch), governor: t.Governor, container: t.Container,
	}.String()
}

func (h host) String() string {
	cores := fmt.Sprintf("%d cores", h.cores)
	if h.cores == 1 {
		cores = "1 core"
	}
	if len(h.keptTo) > 0 {
		cores += " for the generator"
	}
	parts := []string{h.cpu, cores}
	if h.governor != "" {
		parts = append(parts, "governor "+h.governor)
	}
	parts = append(parts, memory(h.memoryBytes), h.virtualization)
	if c := h.container; c != nil {
		var limits []string
		if c.CPUs > 0 {
			limits = append(limits, fmt.Sprintf("%.3g CPUs", c.CPUs))
		}
		if c.MemoryBytes > 0 {
			limits = append(limits, memory(c.MemoryBytes))
		}
		if limits != nil {
			parts = append(parts, "container of "+strings.Join(limits, " and "))
		}
	}
	return join(append(parts, h.system, h.golang))
}

func system(os, kernel, arch string) string { return strings.TrimSpace(os+" "+kernel) + " " + arch }

func memory(bytes uint64) string {
	if bytes == 0 {
		return ""
	}
	return fmt.Sprintf("%.1f GiB", float64(bytes)/(1<<30))
}

func target(r *reports.Report) string {
	parts := []string{r.Settings.URL}
	if r.Settings.Bundled {
		parts[0] += " (bundled)"
	}
	parts = append(parts, network(r.Environment.Network))
	if t := r.Environment.Target; t != nil {
		parts = append(parts, "store "+t.Store, "codec "+t.Codec, "wsimg "+t.Wsimg, t.Go)
	} else {
		if r.Settings.Store != "" {
			parts = append(parts, "store "+r.Settings.Store)
		}
		parts = append(parts, "no side channel")
	}
	return join(parts)
}

// network names what leads to the target.
func network(n *record.Network) string {
	switch {
	case n == nil:
		return ""
	case n.Loopback:
		return "over loopback"
	}
	return fmt.Sprintf("over %s, MTU %d", n.Interface, n.MTU)
}

// join puts a middle dot between what is known.
func join(parts []string) string {
	known := parts[:0]
	for _, p := range parts {
		if p = strings.TrimSpace(p); p != "" {
			known = append(known, p)
		}
	}
	return strings.Join(known, " · ")
}
