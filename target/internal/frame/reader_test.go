package frame

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestReaderReadsTheExamplesOfTheRFC(t *testing.T) {
	hello := wire("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58")
	ping := wire("\x89\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58")
	want := received{
		Messages: []message{{Text, "Hello"}},
		Controls: []message{{Ping, "Hello"}},
		Err:      io.EOF,
	}
	check(t, receive(bytes.NewReader(join(hello, ping)), 512), want)
}

func TestReaderDeliversWhatWasSent(t *testing.T) {
	for _, tc := range []struct {
		name   string
		stream wire
		want   received
	}{
		{"nothing", nil, received{}},
		{
			"text and binary",
			join(sent(last|0x1, "Zoë"), sent(last|0x2, "\xff\xd8\xff")),
			received{Messages: []message{{Text, "Zoë"}, {Binary, "\xff\xd8\xff"}}},
		},
		{
			"empty messages",
			join(sent(last|0x1, ""), sent(last|0x2, ""), sent(last|0x1, "x")),
			received{Messages: []message{{Text, ""}, {Binary, ""}, {Text, "x"}}},
		},
		{
			"a message in fragments",
			join(sent(0x1, "in "), sent(0x0, "three "), sent(last, "parts"), sent(last|0x2, "next")),
			received{Messages: []message{{Text, "in three parts"}, {Binary, "next"}}},
		},
		{
			"each fragment masked anew",
			join(
				masked(0x2, [4]byte{1, 2, 3, 4}, []byte("abcde")),
				masked(0x0, [4]byte{0, 0, 0, 0}, []byte("fgh")),
				masked(last, [4]byte{255, 254, 253, 252}, []byte("ij")),
			),
			received{Messages: []message{{Binary, "abcdefghij"}}},
		},
		{
			"empty fragments at every place",
			join(sent(0x2, ""), sent(0x0, ""), sent(0x0, "middle"), sent(0x0, ""), sent(last, "")),
			received{Messages: []message{{Binary, "middle"}}},
		},
		{
			"nothing but empty fragments",
			join(sent(0x1, ""), sent(0x0, ""), sent(last, ""), sent(last|0x1, "next")),
			received{Messages: []message{{Text, ""}, {Text, "next"}}},
		},
		{
			"control frames between messages",
			join(sent(last|0x9, "a"), sent(last|0x1, "one"), sent(last|0xA, "b"), sent(last|0x9, ""), sent(last|0x1, "two")),
			received{
				Messages: []message{{Text, "one"}, {Text, "two"}},
				Controls: []message{{Ping, "a"}, {Pong, "b"}, {Ping, ""}},
			},
		},
		{
			"control frames between fragments",
			join(sent(0x1, "one, "), sent(last|0x9, "a"), sent(last|0x9, "b"), sent(0x0, "two, "), sent(last|0xA, "c"), sent(last, "three")),
			received{
				Messages: []message{{Text, "one, two, three"}},
				Controls: []message{{Ping, "a"}, {Ping, "b"}, {Pong, "c"}},
			},
		},
		{
			"the longest control frame",
			join(sent(0x2, "x"), sent(last|0x9, pattern(125)), sent(last, "y")),
			received{Messages: []message{{Binary, "xy"}}, Controls: []message{{Ping, pattern(125)}}},
		},
	} {
		tc.want.Err = io.EOF
		everyWay(t, tc.name, tc.stream, tc.want)
	}
}

func TestReaderTakesEveryLength(t *testing.T) {
	for _, n := range []int{1, 3, 4, 5, 124, 125, 126, 127, 128, span - 1, span, span + 1, span + 3, 2*span + 1, 65535, 65536, 65537} {
		stream := join(sent(last|0x2, pattern(n)), sent(0x1, pattern(n)), sent(last, "end"))
		everyWay(t, fmt.Sprint(n), stream, received{
			Messages: []message{{Binary, pattern(n)}, {Text, pattern(n) + "end"}},
			Err:      io.EOF,
		})
	}
}

func TestReaderTellsAnEndFromACut(t *testing.T) {
	long := pattern(130)
	// Only after these frames may a client leave without a word.
	frames := []struct {
		wire
		between bool
	}{
		{sent(last|0x9, "ping"), true},
		{sent(last|0x1, "whole"), true},
		{sent(last|0x2, ""), true},
		{sent(0x2, "begun"), false},
		{sent(last|0xA, "pong"), false},
		{sent(0x0, ""), false},
		{sent(last, long), true},
		{masked(last|0x2, exampleKey, make([]byte, 1<<16))[:14], false}, // a long length, and no payload
	}
	var stream wire
	ends := map[int]bool{0: true}
	for _, f := range frames {
		stream = append(stream, f.wire...)
		ends[len(stream)] = f.between
	}
	messages := []message{{Text, "whole"}, {Binary, ""}, {Binary, "begun" + long}}
	for _, arrival := range arrivals {
		t.Run(arrival.name, func(t *testing.T) {
			for n := range len(stream) + 1 {
				want := io.ErrUnexpectedEOF
				if ends[n] {
					want = io.EOF
				}
				got := receive(arrival.conn(stream[:n]), 50)
				if got.Err != want {
					t.Errorf("cut after %d bytes: got error %v, want %v", n, got.Err, want)
				}
				if k := len(got.Messages); k > len(messages) || !slices.Equal(got.Messages, messages[:k]) {
					t.Errorf("cut after %d bytes: got messages %q, want the first of %q", n, got.Messages, messages)
				}
			}
		})
	}
}

func TestReaderPassesOnTheErrorsOfTheConnection(t *testing.T) {
	reset := errors.New("connection reset")
	whole := join(sent(0x2, "begun"), sent(last|0x9, "ping"), sent(last, pattern(200)))
	for n := range len(whole) + 1 {
		got := receive(io.MultiReader(bytes.NewReader(whole[:n]), iotest.ErrReader(reset)), 64)
		if got.Err != reset {
			t.Errorf("a connection that fails after %d bytes: got error %v, want %v", n, got.Err, reset)
		}
	}
}

func TestReaderStopsWhenTheHandlerFails(t *testing.T) {
	failed := errors.New("no pong could be written")
	for _, tc := range []struct {
		name   string
		stream wire
	}{
		{"between messages", join(sent(last|0x9, ""), sent(last|0x1, "x"))},
		{"within a message", join(sent(0x1, ""), sent(last|0x9, ""), sent(last, "x"))},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := NewReader(bytes.NewReader(tc.stream), &Pool{}, func(Opcode, []byte) error { return failed })
			_, err := r.Next()
			if err == nil {
				_, err = r.Read(make([]byte, 8))
			}
			if err != failed {
				t.Errorf("got error %v, want %v", err, failed)
			}
		})
	}
}

func TestLeftIsTheRestOfTheFrame(t *testing.T) {
	r := NewReader(bytes.NewReader(join(sent(0x2, pattern(300)), sent(last, pattern(70)))), &Pool{}, nil)
	left := func(where string, want int64) {
		t.Helper()
		if got := r.Left(); got != want {
			t.Errorf("%s: got %d bytes left, want %d", where, got, want)
		}
	}
	left("before the first message", 0)
	if _, err := r.Next(); err != nil {
		t.Fatal(err)
	}
	left("before the payload", 300)
	for _, step := range []struct {
		where      string
		read, left int
	}{
		{"after 100 bytes", 100, 200},
		{"at the end of the fragment", 200, 0},
		{"in the next fragment", 1, 69},
		{"at the end of the message", 69, 0},
	} {
		if _, err := io.ReadFull(r, make([]byte, step.read)); err != nil {
			t.Fatal(err)
		}
		left(step.where, int64(step.left))
	}
	if n, err := r.Read(make([]byte, 8)); n != 0 || err != io.EOF {
		t.Errorf("read beyond the message: got %d bytes and error %v, want 0 and %v", n, err, io.EOF)
	}
}

func TestLeftTellsAnyLengthThatCanBeSent(t *testing.T) {
	for _, n := range []uint64{1 << 16, 1 << 31, 1 << 32, math.MaxInt64 - 3, math.MaxInt64 - 1, math.MaxInt64} {
		r := NewReader(bytes.NewReader(head(last|0x2, exampleKey, n)), &Pool{}, nil)
		if _, err := r.Next(); err != nil {
			t.Fatalf("a frame of %d bytes: %v", n, err)
		}
		if got := r.Left(); got != int64(n) {
			t.Errorf("got %d bytes left, want %d", got, n)
		}
	}
}

func TestReadNeverTakesMoreThanTheMessage(t *testing.T) {
	for _, arrival := range arrivals {
		t.Run(arrival.name, func(t *testing.T) {
			r := NewReader(arrival.conn(join(sent(last|0x1, "mine"), sent(last|0x1, "the next one's"))), &Pool{}, nil)
			if _, err := r.Next(); err != nil {
				t.Fatal(err)
			}
			p := bytes.Repeat([]byte("-"), 64)
			n, err := io.ReadFull(r, p)
			if got, want := string(p), "mine"+strings.Repeat("-", 60); n != 4 || got != want {
				t.Errorf("got %d bytes, %q, error %v, want 4, %q", n, got, err, want)
			}
		})
	}
}

func TestReaderAllocatesNothingPerMessage(t *testing.T) {
	stream := join(sent(0x2, pattern(3000)), sent(last|0x9, "ping"), sent(last, pattern(70_000)))
	for _, tc := range []struct {
		name string
		conn interface {
			io.Reader
			rewind()
		}
	}{
		{"plain", &plainLoop{stream: stream}},
		{"read ahead", &aheadLoop{stream: stream}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := NewReader(tc.conn, &Pool{}, func(Opcode, []byte) error { return nil })
			p := make([]byte, 32<<10)
			got := testing.AllocsPerRun(50, func() {
				tc.conn.rewind()
				_, err := r.Next()
				for err == nil {
					_, err = r.Read(p)
				}
				if err != io.EOF {
					t.Fatal(err)
				}
			})
			if got != 0 {
				t.Errorf("got %v allocations a message, want 0", got)
			}
		})
	}
}

// plainLoop and aheadLoop send the same stream again and again.
type plainLoop struct {
	bytes.Reader
	stream wire
}

func (c *plainLoop) rewind() { c.Reset(c.stream) }

type aheadLoop struct {
	readAhead
	stream wire
}

func (c *aheadLoop) rewind() { c.readAhead = readAhead{rest: c.stream, chunk: 64 << 10} }

func BenchmarkReader(b *testing.B) {
	for _, n := range []int{10_000, 100_000, 1_000_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			conn := &aheadLoop{stream: sent(last|0x2, pattern(n))}
			r := NewReader(conn, &Pool{}, nil)
			p := make([]byte, 256<<10)
			b.SetBytes(int64(n))
			b.ReportAllocs()
			for b.Loop() {
				conn.rewind()
				_, err := r.Next()
				for err == nil {
					_, err = r.Read(p)
				}
				if err != io.EOF {
					b.Fatal(err)
				}
			}
		})
	}
}

// everyWay reads a stream as it comes in in every way, in pieces of several
// sizes.
func everyWay(t *testing.T, name string, stream wire, want received) {
	t.Helper()
	for _, arrival := range arrivals {
		for _, size := range []int{3, 4096, 128 << 10} {
			t.Run(fmt.Sprintf("%s/%s/by %d", name, arrival.name, size), func(t *testing.T) {
				check(t, receive(arrival.conn(stream), size), want)
			})
		}
	}
}

func check(t *testing.T, got, want received) {
	t.Helper()
	if !cmp.Equal(got, want, cmpopts.EquateEmpty(), cmpopts.EquateErrors()) {
		t.Errorf("got %s, want %s", brief(got), brief(want))
	}
}

// brief shows a long payload by its ends.
func brief(r received) string {
	var b strings.Builder
	show := func(payload string) string {
		if n := len(payload); n > 40 {
			return fmt.Sprintf("%d bytes %q…%q", n, payload[:20], payload[n-20:])
		}
		return fmt.Sprintf("%q", payload)
	}
	for _, m := range slices.Concat(r.Messages, r.Controls) {
		fmt.Fprintf(&b, "opcode %d %s, ", m.Kind, show(m.Payload))
	}
	return fmt.Sprintf("%scut off %s, error %v", b.String(), show(r.Partial), r.Err)
}
