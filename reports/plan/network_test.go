package plan

import (
	"testing"

	"pgregory.net/rapid"
)

func TestFrame(t *testing.T) {
	for _, tt := range []struct{ payload, want float64 }{
		{0, 2}, {125, 127}, {126, 130}, {65_535, 65_539}, {65_536, 65_546}, {1e6, 1_000_010},
	} {
		if got := frame(tt.payload); got != tt.want {
			t.Errorf("a payload of %v bytes has a frame of %v, want %v", tt.payload, got, tt.want)
		}
	}
}

func TestEncoded(t *testing.T) {
	for _, tt := range []struct {
		mode       string
		size, want float64
	}{
		{"binary", 100, 100}, {"binary#2", 100, 100}, {"text", 1, 4}, {"text", 3, 4}, {"text", 4, 8}, {"text+codec=std", 99, 132}, {"text#2", 100, 136},
	} {
		if got := encoded(tt.mode, tt.size); got != tt.want {
			t.Errorf("%v bytes as %s are %v, want %v", tt.size, tt.mode, got, tt.want)
		}
	}
}

func TestAck(t *testing.T) {
	for _, size := range []struct {
		bytes float64
		text  string
	}{{7, `{"ok":true,"bytes":7}`}, {100_000, `{"ok":true,"bytes":100000}`}} {
		if got := ack(size.bytes); got != float64(len(size.text)) {
			t.Errorf("an ack of %v bytes has %v, want the %d of %s", size.bytes, got, len(size.text), size.text)
		}
	}
}

func TestWire(t *testing.T) {
	for _, tt := range []struct {
		name                string
		message, reply, mtu float64
		want                Wire
	}{
		{"one packet each", 100, 28, 1500, Wire{InBytes: 100 + 52*2, OutBytes: 28 + 52*2, InPackets: 2, OutPackets: 2}},
		{"a segment that is just full", 1448, 28, 1500, Wire{1448 + 52*2, 28 + 52*2, 2, 2}},
		{"one byte more", 1449, 28, 1500, Wire{1449 + 52*3, 28 + 52*2, 3, 2}},
		{"three segments, two ACKs", 3000, 28, 1500, Wire{3000 + 52*4, 28 + 52*3, 4, 3}},
		{"jumbo frames", 100_014, 100_010, 9000, Wire{100_014 + 52*18, 100_010 + 52*18, 18, 18}}, // 11.18 → 12 segments, 6 ACKs
	} {
		if got := wire(tt.message, tt.reply, tt.mtu); got != tt.want {
			t.Errorf("%s: got %+v, want %+v", tt.name, got, tt.want)
		}
	}
	w := Wire{InBytes: 1000, OutBytes: 100, InPackets: 3, OutPackets: 1}
	if w.InBits() != 8*(1000+3*38) || w.OutBits() != 8*(100+38) {
		t.Errorf("on the link %v and %v bits, want %v and %v", w.InBits(), w.OutBits(), 8*1114, 8*138)
	}
}

// TestTextIsNeverShorter than binary, on its way and back, whatever the packets.
func TestTextIsNeverShorter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := float64(rapid.IntRange(1, 20_000_000).Draw(t, "size"))
		mtu := float64(rapid.IntRange(leastMTU, mostMTU).Draw(t, "mtu"))
		through := func(mode string) Wire {
			f := frame(encoded(mode, size))
			return wire(f+maskingKey, f, mtu)
		}
		binary, text := through("binary"), through("text")
		if text.InBytes <= binary.InBytes || text.OutBytes <= binary.OutBytes || text.InPackets < binary.InPackets {
			t.Fatalf("binary is %+v, text %+v", binary, text)
		}
		// All of it is there, and no packet is larger than an MTU.
		for _, w := range []Wire{binary, text} {
			if w.InBytes < size+headers*w.InPackets || w.InBytes > mtu*w.InPackets || w.OutBytes > mtu*w.OutPackets {
				t.Fatalf("%+v of images of %v at MTU %v", w, size, mtu)
			}
		}
	})
}

func TestOnDisk(t *testing.T) {
	for _, tt := range []struct{ size, want float64 }{{1, 4096}, {4096, 4096}, {4097, 8192}, {100_000, 102_400}} {
		if got := onDisk(tt.size); got != tt.want {
			t.Errorf("%v bytes take %v, want %v", tt.size, got, tt.want)
		}
	}
}
