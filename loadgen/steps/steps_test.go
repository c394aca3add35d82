package steps

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wsimg/wsimg/loadgen/payload"
	"github.com/wsimg/wsimg/loadgen/record"
)

func source(t *testing.T, size int64, distinct int) *payload.Source {
	t.Helper()
	src, err := payload.Synthetic(t.Context(), size, distinct, 1)
	if err != nil {
		t.Fatal(err)
	}
	return src
}

func mode(t *testing.T, name string) payload.Mode {
	t.Helper()
	m, err := payload.ParseMode(name)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestMeasureDoesWhatTheModeNeeds(t *testing.T) {
	live := Settings{Sender: "live", Reply: record.Echo}
	for _, c := range []struct {
		name, mode string
		settings   Settings
		want       []string
	}{
		{"binary", "binary", live, []string{"compare", "mask", "unmask"}},
		{"text", "text", live, []string{"compare", "encode", "mask", "unmask"}},
		{"another codec", "text+codec=std", live, []string{"compare", "encode", "mask", "unmask"}},
		{"frames made beforehand", "text", Settings{Sender: prepared, Reply: record.Echo}, []string{"compare", "unmask"}},
		{"nothing comes back", "text", Settings{Sender: "live", Reply: record.Ack}, []string{"encode", "mask", "unmask"}},
		{"compressed", "binary+deflate", live, []string{"compare", "deflate", "inflate", "mask", "unmask"}},
		{"compressed text", "text+deflate", live, []string{"compare", "deflate", "encode", "inflate", "mask", "unmask"}},
		{"compressed beforehand", "text+deflate", Settings{Sender: prepared, Reply: record.Echo}, []string{"compare", "inflate", "unmask"}},
		{"compressed one way", "text+deflate", Settings{Sender: "live", Reply: record.Ack}, []string{"deflate", "encode", "mask", "unmask"}},
		{"text that the target checks", "text", Settings{Sender: "live", Reply: record.Echo, UTF8: true}, []string{"compare", "encode", "mask", "unmask", "utf8"}},
		{"binary is not checked", "binary", Settings{Sender: "live", Reply: record.Echo, UTF8: true}, []string{"compare", "mask", "unmask"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := New(source(t, 2000, 3), mode(t, c.mode), c.settings)
			for range 2 { // a second time too
				measured := s.Measure()
				if diff := cmp.Diff(c.want, slices.Sorted(maps.Keys(measured))); diff != "" {
					t.Errorf("steps (-want +got):\n%s", diff)
				}
				for name, stage := range measured {
					least := int64(repetition)
					if name == record.CompareStep {
						least = 1 // it may be cut short on a busy machine
					}
					if stage.Count == 0 || stage.TotalNs < least {
						t.Errorf("%s: got %d images in %d ns, want some in a repetition", name, stage.Count, stage.TotalNs)
					}
				}
			}
		})
	}
}

// scripted is a step whose stints take so long for an image.
type scripted struct {
	ns   []int64
	next int
}

func (s *scripted) measure() record.Stage {
	s.next++
	return record.Stage{Count: uint64(s.next), TotalNs: int64(s.next) * s.ns[s.next-1]}
}

func TestTheMedianStintCounts(t *testing.T) {
	for _, c := range []struct {
		name   string
		ns     []int64
		want   int64 // an image
		stints int
	}{
		{"one is interrupted", []int64{1350, 161_000, 2380, 1360, 1340}, 1360, 5},
		{"two are", []int64{1000, 90_000, 1200, 1100, 80_000}, 1200, 5},
		{"an image takes long", []int64{9_000_000}, 9_000_000, 1},
		{"two images take long", []int64{4_000_000, 3_000_000}, 3_000_000, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := &scripted{ns: c.ns}
			got := typical(s)
			if perImage(got) != float64(c.want) || s.next != c.stints {
				t.Errorf("got %v ns an image after %d stints, want %d after %d", perImage(got), s.next, c.want, c.stints)
			}
		})
	}
}

// What a reply is made of must not be what it is compared with, or it would
// be hot.
func TestComparingLeavesAloneWhatItComparesWith(t *testing.T) {
	for _, name := range []string{"binary", "text"} {
		c := newComparing(newMessages(source(t, 3000, 2), mode(t, name)), replyBlock)
		want := bytes.Clone(c.plain[0])
		c.plain = [][]byte{make([]byte, len(want)), make([]byte, len(c.plain[1]))}
		if c.codec == nil {
			for i := range c.images {
				c.images = slices.Clone(c.images)
				c.images[i] = c.plain[i]
			}
		}
		c.reply(c.block, 0, 0)
		if got := c.block[:len(want)]; !bytes.Equal(got, want) {
			t.Errorf("%s: the reply is made of what it is compared with", name)
		}
	}
}

// recorder is a codec that keeps what it encoded.
type recorder struct {
	payload.Codec
	text []byte
}

func (r *recorder) Encode(dst, src []byte) {
	r.Codec.Encode(dst, src)
	r.text = append(r.text, dst...)
}

func TestEncodingEncodesImageAfterImage(t *testing.T) {
	src := source(t, 10_001, 3)
	m := newMessages(src, mode(t, "text"))
	r := &recorder{Codec: m.codec}
	m.codec = r
	e := newEncoding(m)
	for range src.Len() + 1 {
		e.do(e.take())
	}
	want := slices.Concat(slices.Concat(src.Texts()...), src.Texts()[0])
	if !bytes.Equal(r.text, want) {
		t.Errorf("got %d bytes of text that are not the %d of three images and the first again", len(r.text), len(want))
	}
}

func TestMaskingMakesTheFrame(t *testing.T) {
	src := source(t, 70_000, 2)
	for _, name := range []string{"binary", "text"} {
		t.Run(name, func(t *testing.T) {
			m := newMessages(src, mode(t, name))
			s := newMasking(m)
			piece := bytes.Repeat([]byte("Base"), textPiece/4)
			copy(s.piece[:], piece)
			want := src.Images()[1]
			if m.codec != nil {
				want = bytes.Repeat(piece, len(m.plain[1])/textPiece+1)[:len(m.plain[1])]
			}
			s.do(0)
			first := bytes.Clone(s.frame)
			s.do(1)
			if n := len(s.frame) - len(want); n != 14 {
				t.Fatalf("got %d bytes around the message, want a header of 14", n)
			}
			if got := xor(s.frame[14:], s.frame[10:14]); !bytes.Equal(got, want) {
				t.Error("unmasked, the frame does not hold the message")
			}
			if bytes.Equal(first[10:14], s.frame[10:14]) {
				t.Error("two frames have the same key")
			}
		})
	}
}

func TestUnmaskingGoesOverEveryByteOnce(t *testing.T) {
	for _, n := range []int{1, readAhead, readAhead + 7, readAhead + received, readAhead + 2*received - 1} {
		u := newUnmasking(turns{n: 1}, func(int) int { return n })
		u.do(0)
		key := make([]byte, received)
		u.mask.Copy(key, key) // zeros, masked
		want := xor(make([]byte, min(n, readAhead)), key)
		want = append(want, make([]byte, received-len(want))...)
		for rest := n - readAhead; rest > 0; rest -= received {
			copy(want, xor(want[:min(rest, received)], key))
		}
		if !bytes.Equal(u.message[:], want) {
			t.Errorf("a message of %d bytes is not unmasked from its first byte to its last", n)
		}
	}
}

func TestInflatingUndoesDeflating(t *testing.T) {
	src := source(t, 50_000, 2)
	m := newMessages(src, mode(t, "text+deflate"))
	d := newDeflating(m, payload.DefaultLevel)
	s := newInflating(d)
	for i, want := range src.Texts() {
		d.do(i)
		if n := len(d.payload); n == 0 || n > len(want)*9/10 {
			t.Errorf("image %d: %d bytes of Base64 are compressed to %d, want to less than nine tenths", i, len(want), n)
		}
		if s.do(0); !bytes.Equal(s.message, want) {
			t.Errorf("image %d: what is inflated is not what was compressed", i)
		}
	}
}

// xor returns src under a key that is repeated.
func xor(src, key []byte) []byte {
	dst := make([]byte, len(src))
	for i := range src {
		dst[i] = src[i] ^ key[i%len(key)]
	}
	return dst
}

func TestCheckingFindsWhatIsNotUTF8(t *testing.T) {
	src := source(t, 300_000, 1)
	c := newChecking(newMessages(src, mode(t, "text")))
	c.do(0)
	if c.invalid != 0 {
		t.Errorf("%d pieces of Base64 are found invalid", c.invalid)
	}
	c.message[readAhead-1] = 0xff // the end of the first piece
	c.do(0)
	if c.invalid == 0 {
		t.Error("a byte that is not UTF-8 is not found")
	}
}

func TestComparingFindsWhatDiffers(t *testing.T) {
	for _, c := range []struct {
		name     string
		size     int64
		distinct int
		mode     string
	}{
		{"several to a block", 3001, 5, "binary"},
		{"several to a block, as text", 3001, 5, "text"},
		{"one to a block", 200_000, 2, "binary"},
		{"several blocks", 600_000, 2, "binary"},
		{"several blocks, as text", 600_000, 2, "text"},
		{"several to a block, of a compressed mode", 10_000, 3, "text+deflate"},
		{"several blocks of a compressed mode", 100_000, 2, "binary+deflate"},
	} {
		t.Run(c.name, func(t *testing.T) {
			src := source(t, c.size, c.distinct)
			m := newMessages(src, mode(t, c.mode))
			block := replyBlock
			if strings.HasSuffix(c.mode, "+deflate") {
				block = inflatedBlock
			}
			right := newComparing(m, block)
			var sum uint64
			for range 3 {
				sum += right.measure().Count
			}
			if right.differ != 0 {
				t.Errorf("%d of %d right replies are found wrong", right.differ, sum)
			}
			if got, want := right.next, int(sum%uint64(c.distinct)); got != want {
				t.Errorf("after %d images it goes on at image %d, want %d", sum, got, want)
			}
			m.plain = slices.Clone(m.plain)
			last := bytes.Clone(m.plain[1])
			last[len(last)-1] ^= 1
			m.plain[1] = last
			wrong := newComparing(m, block)
			for n := uint64(0); n < uint64(c.distinct); {
				n += wrong.measure().Count
			}
			if wrong.differ == 0 {
				t.Error("the last byte of a reply is wrong and not found")
			}
		})
	}
}

// A stopwatch whose reading seems to take longer than what it measures must not
// keep a step going for ever.
func TestComparingEndsWhenItSeemsToTakeNothing(t *testing.T) {
	c := newComparing(newMessages(source(t, 3000, 2), mode(t, "binary")), replyBlock)
	c.read = func() time.Duration { return time.Hour }
	if got := c.measure(); got.Count == 0 || got.TotalNs != 0 {
		t.Errorf("got %+v, want images that took nothing", got)
	}
}
