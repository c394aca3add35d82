package interop

import (
	"fmt"
	"strings"
)

// framingCases are messages around the sizes where the header changes.
func framingCases() []suiteCase {
	var all []suiteCase
	for i, size := range []int{0, 125, 126, 127, 128, 1<<16 - 1, 1 << 16} {
		all = append(all,
			talk(fmt.Sprintf("1.1.%d", i+1), fmt.Sprintf("text of %d bytes comes back", size), echoed(text(prose(size)))...),
			talk(fmt.Sprintf("1.2.%d", i+1), fmt.Sprintf("binary of %d bytes comes back", size), echoed(binaryOf(noise(size)))...))
	}
	const about, size, piece = "64 KB come back that came in pieces", 1 << 16, 997
	for number, message := range map[string]frame{"1.1.8": text(prose(size)), "1.2.8": binaryOf(noise(size))} {
		all = append(all, talk(number, about, sendChopped(piece, message), hear(message), bye))
	}
	return all
}

// pingCases are pings and pongs, none of them within a message.
func pingCases() []suiteCase {
	longest := strings.Repeat("\xee", 125)
	var many, answers []frame
	for i := range 10 {
		many = append(many, ping(fmt.Sprint("ping ", i)))
		answers = append(answers, pong(fmt.Sprint("ping ", i)))
	}
	return []suiteCase{
		talk("2.1", "an empty ping is answered", send(ping("")), hear(pong("")), bye),
		talk("2.2", "what a ping says comes back", send(ping("are you there?")), hear(pong("are you there?")), bye),
		talk("2.3", "a ping need not be UTF-8", send(ping("\xff\x00\xc0")), hear(pong("\xff\x00\xc0")), bye),
		talk("2.4", "a ping may have 125 bytes", send(ping(longest)), hear(pong(longest)), bye),
		talk("2.5", "a ping may not have 126 bytes", refused(ping(longest+"\xee"))...),
		talk("2.6", "a ping comes byte by byte", sendChopped(1, ping(longest)), hear(pong(longest)), bye),
		talk("2.7", "an empty pong that nobody asked for is ignored", send(pong("")), bye),
		talk("2.8", "a pong that nobody asked for is ignored", send(pong("here I am")), bye),
		talk("2.9", "a ping after such a pong is answered", send(pong("here I am"), ping("and you?")), hear(pong("and you?")), bye),
		talk("2.10", "ten pings are answered in order", send(many...), hear(answers...), bye),
		talk("2.11", "ten pings come byte by byte", sendChopped(1, many...), hear(answers...), bye),
	}
}

// reservedBitCases set bits that no extension has given a meaning. Of those that
// set RSV1 beside others, an agreement on compression changes nothing.
func reservedBitCases() []suiteCase {
	first := text("this is fine")
	return []suiteCase{
		talk("3.1", "text with RSV3", refused(text("this is not").reserved(1))...),
		talk("3.2", "a message is echoed, the next has RSV2, and the ping behind it is not answered",
			send(first, first.reserved(2), ping("")), hear(first), ends(violation)),
		talk("3.3", "the same with RSV2 and RSV3, frame by frame",
			sendEach(first, first.reserved(3), ping("")), hear(first), ends(violation)),
		bare(talk("3.4", "the same with RSV1, byte by byte",
			sendChopped(1, first, first.reserved(rsv1), ping("")), hear(first), ends(violation))),
		talk("3.5", "binary with RSV1 and RSV3", refused(binaryOf(noise(9)).reserved(5))...),
		talk("3.6", "a ping with RSV1 and RSV2", refused(ping("is this?").reserved(6))...),
		talk("3.7", "a close frame with all three", refused(goodbye(normal, "").reserved(7))...),
	}
}

// opcodeCases use opcodes that mean nothing.
func opcodeCases() []suiteCase {
	var all []suiteCase
	for _, group := range []struct {
		number string
		opcode byte // the first of five
		about  string
	}{
		{"4.1", 0x3, "data"},
		{"4.2", 0xB, "control"},
	} {
		first := text("this is fine")
		bad := func(i byte) frame { return unknown(group.opcode + i) }
		for i, c := range []suiteCase{
			talk("1", "nothing else, empty", refused(bad(0))...),
			talk("2", "nothing else", refused(bad(1).with("what is this?"))...),
			talk("3", "after an echo, empty; the ping behind it is not answered",
				send(first, bad(2), ping("")), hear(first), ends(violation)),
			talk("4", "the same, frame by frame",
				sendEach(first, bad(3).with("what is this?"), ping("")), hear(first), ends(violation)),
			talk("5", "the same, byte by byte",
				sendChopped(1, first, bad(4).with("what is this?"), ping("")), hear(first), ends(violation)),
		} {
			c.number = group.number + "." + c.number
			c.about = fmt.Sprintf("unknown %s frame %#x: %s", group.about, group.opcode+byte(i), c.about)
			all = append(all, c)
		}
	}
	return all
}
