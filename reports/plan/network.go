package plan

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/wsimg/wsimg/loadgen/record"
)

// The bytes that carry an image, besides itself.
const (
	ipHeader   = 20 // IPv4 without options (RFC 791, section 3.1)
	tcpHeader  = 20 // without options (RFC 9293, section 3.1)
	timestamps = 12 // the one option of an established connection, padded (RFC 7323, appendix A)
	headers    = ipHeader + tcpHeader + timestamps

	// linkBytes are what Ethernet adds to a packet (IEEE 802.3): preamble and
	// start 8, header 14, check sequence 4, gap 12. They count on the link, and in
	// no bill.
	linkBytes = 38

	maskingKey = 4 // of what clients send (RFC 6455, section 5.3)
	fullPer    = 2 // data segments a pure ACK answers (RFC 9293, section 3.8.6.3)
)

// Wire is what one image is on the network, both ways, with all that answers
// it. In is from clients to servers, out from servers to clients.
type Wire struct {
	InBytes    float64 // of IP packets
	OutBytes   float64
	InPackets  float64
	OutPackets float64
}

// InBits and OutBits are what one image takes of the link.
func (w Wire) InBits() float64  { return 8 * (w.InBytes + linkBytes*w.InPackets) }
func (w Wire) OutBits() float64 { return 8 * (w.OutBytes + linkBytes*w.OutPackets) }

// wire returns what a message of that many WebSocket bytes and its reply are on
// the network. Each begins a segment, and is acknowledged by itself.
func wire(message, reply, mtu float64) Wire {
	data, dataReply := segments(message, mtu), segments(reply, mtu)
	acks, acksReply := math.Ceil(data/fullPer), math.Ceil(dataReply/fullPer)
	return Wire{
		InBytes:    message + headers*(data+acksReply),
		OutBytes:   reply + headers*(dataReply+acks),
		InPackets:  data + acksReply,
		OutPackets: dataReply + acks,
	}
}

// segments returns how many packets of at most mtu carry that many bytes.
func segments(bytes, mtu float64) float64 { return math.Ceil(bytes / (mtu - headers)) }

// frame returns the length of one unmasked WebSocket frame (RFC 6455, section
// 5.2): 2 bytes before at most 125 of payload, 4 before at most 65,535, else 10.
func frame(payload float64) float64 {
	switch {
	case payload <= 125:
		return payload + 2
	case payload <= 65535:
		return payload + 4
	}
	return payload + 10
}

// encoded returns how many bytes a mode makes of an image: itself, or its
// Base64, four characters for every three bytes begun (RFC 4648, section 4).
func encoded(mode string, size float64) float64 {
	if strings.HasPrefix(mode, "text") {
		return 4 * math.Ceil(size/3)
	}
	return size
}

// ack returns the payload of the acknowledgement of an image.
func ack(size float64) float64 {
	return float64(len(`{"ok":true,"bytes":}`) + len(strconv.FormatFloat(size, 'f', 0, 64)))
}

// compressed reports whether a mode's messages are as long as the images allow,
// which no arithmetic tells.
func compressed(mode string) bool { return strings.Contains(mode, "+deflate") }

// network returns what one image of a mode is on the network, and what that
// rests on; ok is false where it takes a measurement that there is none of.
func (m *maker) network(mode string, p point) (w Wire, _ basis, ok bool) {
	length := frame(encoded(mode, p.size))
	sent, echoed := length+maskingKey, length
	rests := on(m.wireBasis, m.mtu.basis)
	if compressed(mode) {
		rests = on(rests, measured)
		if p.sent == nil {
			return Wire{}, rests, false
		}
		sent = *p.sent
		switch {
		case m.reply != record.Echo:
		case m.measuredReply == record.Echo && p.received != nil:
			echoed = *p.received
		default:
			echoed = sent - maskingKey
			rests = on(rests, m.ledger.assume("deflated echo", fmt.Sprintf(
				"A server's echo of %s is compressed as well as the client's message: echoes of it were not measured.", mode)))
		}
	}
	reply := echoed
	if m.reply == record.Ack {
		reply = frame(ack(p.size))
	}
	return wire(sent, reply, m.mtu.value), rests, true
}
