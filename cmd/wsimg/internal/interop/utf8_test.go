package interop

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// greeting has characters of two and three bytes, and broken is not UTF-8 from
// its byte 12 on: U+110000 would be the first above all characters.
const (
	greeting = "κ\u1f79σμε"
	tooHigh  = "\xf4\x90\x80\x80"
	broken   = greeting + tooHigh + "edited"
	// brokenAt is the offset of the byte that no character goes on with.
	brokenAt = len(greeting) + 1
)

// earlyUTF8Cases are text in parts that end within characters, and such as must
// be refused before its end has been sent.
func earlyUTF8Cases() []suiteCase {
	var (
		mixed     = prose(60)
		cut       = strings.Index(mixed, "ß")
		middle    = "between nothings"
		surrogate = text(greeting + "\xed\xa0\x80edited")
		part      = func(s string) frame { return continued(s).fragment() }
		begin     = func(s string) frame { return text(s).fragment() }
		whole     = text(broken)
		fine      = func(p *peer) { p.send(ping("so far")); p.hear(pong("so far")) }
	)
	return []suiteCase{
		talk("6.1.1", "empty text", echoed(text(""))...),
		talk("6.1.2", "three empty fragments", send(begin(""), part(""), continued("")), hear(text("")), bye),
		talk("6.1.3", "an empty fragment before and after", send(begin(""), part(middle), continued("")), hear(text(middle)), bye),
		talk("6.2.1", "characters of all lengths", echoed(text(mixed))...),
		talk("6.2.2", "cut between characters", send(begin(mixed[:cut]), continued(mixed[cut:])), hear(text(mixed)), bye),
		talk("6.2.3", "a fragment for every byte", send(text(mixed).fragments(1)...), hear(text(mixed)), bye),
		talk("6.2.4", "the same of Greek", send(text(greeting).fragments(1)...), hear(text(greeting)), bye),
		talk("6.3.1", "a surrogate in text", send(surrogate), ends(notUTF8)),
		talk("6.3.2", "the same, a fragment for every byte", send(surrogate.fragments(1)...), ends(notUTF8)),
		talk("6.4.1", "the second of three fragments is no character",
			send(begin(greeting)), fine, send(part(tooHigh)), ends(notUTF8)),
		talk("6.4.2", "the second fragment is the byte that no character goes on with",
			send(begin(broken[:brokenAt])), fine, send(part(broken[brokenAt:brokenAt+1])), ends(notUTF8)),
		talk("6.4.3", "the second of three parts of a frame is no character",
			sendPart(whole, 0, len(greeting)), sendPart(whole, len(greeting), len(greeting+tooHigh)), ends(notUTF8)),
		talk("6.4.4", "the second part of a frame is the byte that no character goes on with",
			sendPart(whole, 0, brokenAt), sendPart(whole, brokenAt, brokenAt+1), ends(notUTF8)),
	}
}

// sequence is a text, and whether it is UTF-8 (RFC 3629).
type sequence struct {
	text  string
	valid bool
}

func valid(texts ...string) []sequence   { return sequences(true, texts) }
func invalid(texts ...string) []sequence { return sequences(false, texts) }

func sequences(valid bool, texts []string) []sequence {
	var all []sequence
	for _, s := range texts {
		all = append(all, sequence{s, valid})
	}
	return all
}

// utf8Cases are the texts of Markus Kuhn's stress test for UTF-8 decoders, and
// some more: those that are UTF-8 come back, the others are refused.
func utf8Cases() []suiteCase {
	var all []suiteCase
	for i, group := range []struct {
		about     string
		sequences []sequence
	}{
		{"characters of one to four bytes", valid("hello\x24world", "hello¢world", "hello€world", "hello𤭢world", greeting)},
		{"beginning of a text", prefixes(greeting)},
		{"first of its length", valid("\x00", "\u0080", "\u0800", "\U00010000")},
		{"first of five or six bytes", invalid("\xf8\x88\x80\x80\x80", "\xfc\x84\x80\x80\x80\x80")},
		{"last of its length", valid("\x7f", "\u07ff", "\uffff", "\U0010ffff")},
		{"last of four to six bytes", invalid("\xf7\xbf\xbf\xbf", "\xfb\xbf\xbf\xbf\xbf", "\xfd\xbf\xbf\xbf\xbf\xbf")},
		{"at a boundary", append(valid("\ud7ff", "\ue000", "\ufffd", "\U0010ffff"), invalid(tooHigh)...)},
		{"continuation of nothing", invalid("\x80", "\xbf", "\x80\xbf", "\x80\xbf\x80", "\x80\xbf\x80\xbf", "\x80\xbf\x80\xbf\x80", "\x80\xbf\x80\xbf\x80\xbf", lonely(0x80, 0xbf, ""))},
		{"beginnings alone", invalid(lonely(0xc0, 0xdf, " "), lonely(0xe0, 0xef, " "), lonely(0xf0, 0xf7, " "), lonely(0xf8, 0xfb, " "), lonely(0xfc, 0xfd, " "))},
		{"last byte missing", invalid(truncated...)},
		{"several such", invalid(strings.Join(truncated, ""))},
		{"impossible byte", invalid("\xfe", "\xff", "\xfe\xfe\xff\xff")},
		{"slash in too many bytes", invalid("\xc0\xaf", "\xe0\x80\xaf", "\xf0\x80\x80\xaf", "\xf8\x80\x80\x80\xaf", "\xfc\x80\x80\x80\x80\xaf")},
		{"highest in one byte too many", invalid("\xc1\xbf", "\xe0\x9f\xbf", "\xf0\x8f\xbf\xbf", "\xf8\x87\xbf\xbf\xbf", "\xfc\x83\xbf\xbf\xbf\xbf")},
		{"zero in too many bytes", invalid("\xc0\x80", "\xe0\x80\x80", "\xf0\x80\x80\x80", "\xf8\x80\x80\x80\x80", "\xfc\x80\x80\x80\x80\x80")},
		{"surrogate", invalid("\xed\xa0\x80", "\xed\xad\xbf", "\xed\xae\x80", "\xed\xaf\xbf", "\xed\xb0\x80", "\xed\xbe\x80", "\xed\xbf\xbf")},
		{"two surrogates", invalid(pairs("\xed\xa0\x80", "\xed\xad\xbf", "\xed\xae\x80", "\xed\xaf\xbf")...)},
		{"no character, but UTF-8", valid(noncharacters()...)},
		{"special", valid("\ufff9", "\ufffa", "\ufffb", "\ufffc", "\ufffd", "\ufffe", "\uffff")},
	} {
		for j, s := range group.sequences {
			answer := echoed(text(s.text))
			if !s.valid {
				answer = []step{send(text(s.text)), ends(notUTF8)}
			}
			all = append(all, talk(fmt.Sprintf("6.%d.%d", i+5, j+1), fmt.Sprintf("%s: % x", group.about, s.text), answer...))
		}
	}
	return all
}

// prefixes are all beginnings of s, some of which end within a character.
func prefixes(s string) []sequence {
	var all []sequence
	for n := range len(s) {
		all = append(all, sequence{s[:n+1], n+1 == len(s) || utf8.RuneStart(s[n+1])})
	}
	return all
}

// lonely are the bytes from first up to last, without it, each followed by
// something.
func lonely(first, last byte, followed string) string {
	var all strings.Builder
	for b := first; b < last; b++ {
		all.WriteByte(b)
		all.WriteString(followed)
	}
	return all.String()
}

// truncated are the lowest and highest of each length, without the last byte.
var truncated = []string{
	"\xc0", "\xe0\x80", "\xf0\x80\x80", "\xf8\x80\x80\x80", "\xfc\x80\x80\x80\x80",
	"\xdf", "\xef\xbf", "\xf7\xbf\xbf", "\xfb\xbf\xbf\xbf", "\xfd\xbf\xbf\xbf\xbf",
}

// pairs follows each high surrogate by the first and the last of the low ones.
func pairs(high ...string) []string {
	var all []string
	for _, h := range high {
		all = append(all, h+"\xed\xb0\x80", h+"\xed\xbf\xbf")
	}
	return all
}

// noncharacters are the last two code points of the planes.
func noncharacters() []string {
	var all []string
	for plane := range rune(0x11) {
		all = append(all, string(plane<<16|0xfffe), string(plane<<16|0xffff))
	}
	return all
}
