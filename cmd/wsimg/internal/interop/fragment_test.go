package interop

// fragmentCases are messages in fragments, and control frames between them.
func fragmentCases() []suiteCase {
	var (
		begun    = text("one, ").fragment()
		finished = continued("two")
		whole    = text("one, two")
		stray    = continued("of what?")
		another  = text("three")

		between = []frame{begun, ping("between"), finished}
		heard   = hear(pong("between"), whole)

		final    = []frame{stray, another}
		unending = []frame{stray.fragment(), another}

		part    = func(s string) frame { return continued(s).fragment() }
		first   = []frame{text("a").fragment(), part("b"), ping("1")}
		second  = []frame{part("c"), part("d"), ping("2"), continued("e")}
		letters = hear(pong("2"), text("abcde"))
	)
	return []suiteCase{
		talk("5.1", "a ping in two fragments", refused(ping("one, ").fragment(), finished)...),
		talk("5.2", "a pong in two fragments", refused(pong("one, ").fragment(), finished)...),
		talk("5.3", "text in two fragments comes back whole", send(begun, finished), hear(whole), bye),
		talk("5.4", "the same, frame by frame", sendEach(begun, finished), hear(whole), bye),
		talk("5.5", "the same, byte by byte", sendChopped(1, begun, finished), hear(whole), bye),
		talk("5.6", "a ping between two fragments is answered first", send(between...), heard, bye),
		talk("5.7", "the same, frame by frame", sendEach(between...), heard, bye),
		talk("5.8", "the same, byte by byte", sendChopped(1, between...), heard, bye),
		talk("5.9", "a last fragment of nothing, then text", refused(final...)...),
		talk("5.10", "the same, frame by frame", sendEach(final...), ends(violation)),
		talk("5.11", "the same, byte by byte", sendChopped(1, final...), ends(violation)),
		talk("5.12", "a fragment of nothing, then text", refused(unending...)...),
		talk("5.13", "the same, frame by frame", sendEach(unending...), ends(violation)),
		talk("5.14", "the same, byte by byte", sendChopped(1, unending...), ends(violation)),
		talk("5.15", "text in two fragments comes back, a third is of nothing",
			send(begun, finished, stray.fragment(), another), hear(whole), ends(violation)),
		talk("5.16", "twice a fragment of nothing before text in two",
			refused(stray.fragment(), begun, finished, stray.fragment(), begun, finished)...),
		talk("5.17", "twice a last fragment of nothing before text in two",
			refused(stray, begun, finished, stray, begun, finished)...),
		talk("5.18", "text begins within text", refused(begun, another)...),
		talk("5.19", "a ping is answered before the fragments behind it are sent",
			send(first...), hear(pong("1")), send(second...), letters, bye),
		talk("5.20", "the same, frame by frame",
			sendEach(first...), hear(pong("1")), sendEach(second...), letters, bye),
	}
}
