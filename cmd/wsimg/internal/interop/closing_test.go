package interop

import (
	"fmt"
	"strings"
)

// closeCases are goodbyes, and what is sent behind them.
func closeCases() []suiteCase {
	var (
		message = text("and now goodbye")
		leave   = goodbye(normal, "")
		long    = text(prose(256 << 10))
		half    = frame{opcode: opClose, payload: []byte{normal >> 8}}
		empty   = frame{opcode: opClose}
	)
	return []suiteCase{
		talk("7.1.1", "a message, then goodbye", echoed(message)...),
		talk("7.1.2", "two close frames: the second is ignored", send(leave, empty), ends(normal)),
		talk("7.1.3", "a ping after the close frame is ignored", send(leave, ping("")), ends(normal)),
		talk("7.1.4", "a message after the close frame is ignored", send(leave, message), ends(normal)),
		talk("7.1.5", "goodbye between two fragments", send(text("one, ").fragment(), leave, continued("two")), ends(normal)),
		talk("7.1.6", "what was sent before the close frame comes back before its answer",
			send(long, message, leave, ping("")), hear(long, message), ends(normal)),
		talk("7.3.1", "a close frame without a code is answered by such", send(empty), ends(noCodeSent)),
		talk("7.3.2", "a close frame with half a code", refused(half)...),
		talk("7.3.3", "a close frame with a code", send(leave), ends(normal)),
		talk("7.3.4", "a close frame with a reason", send(goodbye(normal, "enough")), ends(normal)),
		talk("7.3.5", "a close frame may have 125 bytes", send(goodbye(normal, strings.Repeat("-", 123))), ends(normal)),
		talk("7.3.6", "a close frame may not have 126 bytes", refused(goodbye(normal, strings.Repeat("-", 124)))...),
		talk("7.5.1", "a reason that is not UTF-8", send(goodbye(normal, broken)), ends(notUTF8)),
	}
}

// closeCodeCases are codes that a close frame may carry, which come back, and
// such as it may not (RFC 6455 section 7.4). Of those of group 7.13 the suite
// demands nothing.
func closeCodeCases() []suiteCase {
	var all []suiteCase
	for i, code := range []int{1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999} {
		all = append(all, talk(fmt.Sprintf("7.7.%d", i+1), fmt.Sprintf("%d may be sent, and comes back", code),
			send(goodbye(code, "")), ends(code)))
	}
	for group, codes := range map[string][]int{
		"7.9":  {0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999},
		"7.13": {5000, 65535},
	} {
		for i, code := range codes {
			all = append(all, talk(fmt.Sprintf("%s.%d", group, i+1), fmt.Sprintf("%d may not be sent", code),
				refused(goodbye(code, ""))...))
		}
	}
	return all
}
