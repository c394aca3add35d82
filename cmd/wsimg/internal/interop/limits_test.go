package interop

import "fmt"

// sizeCases are long messages: whole, in many fragments, and in many pieces.
func sizeCases() []suiteCase {
	whole := text(prose(1 << 16))
	all := []suiteCase{talk("10.1.1", "64 KB in fragments of 1,300 bytes", send(whole.fragments(1300)...), hear(whole), bye)}
	for _, mode := range []struct {
		whole, fragments, pieces string // numbers of the groups
		message                  func(n int) frame
	}{
		{"9.1", "9.3", "9.5", func(n int) frame { return text(prose(n)) }},
		{"9.2", "9.4", "9.6", func(n int) frame { return binaryOf(noise(n)) }},
	} {
		add := func(group string, i int, about string, hold step) {
			all = append(all, talk(fmt.Sprintf("%s.%d", group, i+1), about, hold, bye))
		}
		for i, size := range []int{64 << 10, 256 << 10, 1 << 20, 4 << 20, 8 << 20, 16 << 20} {
			if size > largest {
				break
			}
			add(mode.whole, i, fmt.Sprintf("%d bytes come back", size), func(p *peer) {
				exchange(p, mode.message(size))
			})
		}
		for i, part := range []int{64, 256, 1 << 10, 4 << 10, 16 << 10, 64 << 10, 256 << 10, 1 << 20, 4 << 20} {
			add(mode.fragments, i, fmt.Sprintf("%d bytes in fragments of %d", fragmented, part), func(p *peer) {
				message := mode.message(fragmented)
				p.send(message.fragments(part)...)
				p.hear(message)
			})
		}
		for i, piece := range []int{64, 128, 256, 512, 1 << 10, 2 << 10} {
			add(mode.pieces, i, fmt.Sprintf("%d bytes in pieces of %d", chopped, piece), func(p *peer) {
				message := mode.message(chopped)
				sendChopped(piece, message)(p)
				p.hear(message)
			})
		}
	}
	return all
}

// exchange sends a message and expects it back.
func exchange(p *peer, message frame) {
	p.t.Helper()
	p.send(message)
	p.hear(message)
}

// roundTripCases are many small messages, each sent when the one before has come
// back.
func roundTripCases() []suiteCase {
	var all []suiteCase
	for i, size := range []int{0, 16, 64, 256, 1 << 10, 4 << 10} {
		about := fmt.Sprintf("%d messages of %d bytes, one after the other", roundTrips, size)
		all = append(all,
			talk(fmt.Sprintf("9.7.%d", i+1), about, repeatedly(text(prose(size))), bye),
			talk(fmt.Sprintf("9.8.%d", i+1), about, repeatedly(binaryOf(noise(size))), bye))
	}
	return all
}

// repeatedly sends a message again and again, as its echo comes.
func repeatedly(message frame) step {
	return func(p *peer) {
		p.t.Helper()
		for range roundTrips {
			exchange(p, message)
		}
	}
}
