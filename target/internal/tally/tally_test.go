package tally

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/zeebo/xxh3"
)

// image returns the image of a number: 100 bytes.
func image(n int) []byte {
	b := make([]byte, 100)
	binary.LittleEndian.PutUint64(b, uint64(n))
	return b
}

func of(images ...[]byte) Stats {
	var t Tally
	for _, image := range images {
		t.Add(image)
	}
	return t.Stats()
}

func TestBookAsJSON(t *testing.T) {
	var tally Tally
	tally.Begin()
	tally.Begin()
	tally.Add(nil)
	tally.Add([]byte{0})
	for range 3 {
		tally.Add(sanityImage())
	}
	got, err := json.Marshal(tally.Stats())
	if err != nil {
		t.Fatal(err)
	}
	// From the hashes that xxHash's own cli/xsum_sanity_check.c wants, the last
	// of them, e89c0f6ff369b427cb37aeb9e5d361ed, three times.
	want := `{"instance":"","connections":2,"parts":{` +
		`"127":{"count":1,"sum":"99aa06d3014798d86001c324468d497f"},` +
		`"219":{"count":1,"sum":"a6cd5e9392000f6ac44bdff4074eecdb"},` +
		`"237":{"count":3,"sum":"b9d42e4fda3d1c7761a70c2db17a25c7"}}}`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// sanityImage is the longest of xxHash's test data, enough for its vector loop.
func sanityImage() []byte {
	image := make([]byte, 2367)
	gen := uint64(2654435761)
	for i := range image {
		image[i] = byte(gen >> 56)
		gen *= 11400714785074694797
	}
	return image
}

func TestEmptyBookAsJSON(t *testing.T) {
	got, err := json.Marshal(of())
	if want := `{"instance":"","connections":0,"parts":{}}`; err != nil || string(got) != want {
		t.Errorf("got %s, error %v, want %s", got, err, want)
	}
}

// The sums once more, by math/big.
func TestSumsAreModulo2To128(t *testing.T) {
	const images = 20_000 // each part's sum overflows many times
	var (
		tally  Tally
		sums   [Parts]big.Int
		counts [Parts]uint64
	)
	for n := range images {
		tally.Add(image(n))
		h := xxh3.Hash128(image(n)).Bytes()
		part := h[len(h)-1]
		sums[part].Add(&sums[part], new(big.Int).SetBytes(h[:]))
		counts[part]++
	}
	stats := tally.Stats()
	if len(stats.Parts) != Parts {
		t.Errorf("got images in %d parts, want all %d", len(stats.Parts), Parts)
	}
	modulus := new(big.Int).Lsh(big.NewInt(1), 128)
	for i := range Parts {
		got := stats.Parts[i]
		sum, _ := got.Sum.MarshalText()
		want := fmt.Sprintf("%032x", new(big.Int).Mod(&sums[i], modulus))
		if got.Count != counts[i] || string(sum) != want {
			t.Errorf("part %d: got %d images, sum %s, want %d, %s", i, got.Count, sum, counts[i], want)
		}
	}
}

func TestBooksOfTheSameImages(t *testing.T) {
	var images [][]byte
	for n := range 1000 {
		images = append(images, image(n%300)) // some three times, some four
	}
	want := of(images...)
	rnd := rand.New(rand.NewPCG(1, 2))
	rnd.Shuffle(len(images), func(i, j int) { images[i], images[j] = images[j], images[i] })
	if diff := cmp.Diff(want, of(images...)); diff != "" {
		t.Errorf("the book depends on the order of images (-one, +other):\n%s", diff)
	}
}

func TestBooksOfOtherImages(t *testing.T) {
	var images [][]byte
	for n := range 100 {
		images = append(images, image(n))
	}
	sent := of(images...)
	torn := slices.Clone(images)
	torn[7] = torn[7][:99]
	flipped := slices.Clone(images)
	flipped[7] = slices.Clone(flipped[7])
	flipped[7][50] ^= 1
	swapped := slices.Clone(images)
	swapped[7] = images[8]
	for _, tc := range []struct {
		name  string
		saved [][]byte
	}{
		{"one lost", images[1:]},
		{"one saved twice", append(slices.Clone(images), images[7])},
		{"two saved twice", append(slices.Clone(images), images[7], images[8])},
		{"one saved three times", append(slices.Clone(images), images[7], images[7])},
		{"one in another's place", swapped},
		{"one cut short", torn},
		{"one bit turned", flipped},
		{"an empty one besides", append(slices.Clone(images), nil)},
	} {
		if cmp.Equal(sent, of(tc.saved...)) {
			t.Errorf("%s: the books are equal", tc.name)
		}
	}
}

func TestConcurrentSessions(t *testing.T) {
	const sessions, each = 8, 500
	var (
		tally, alone Tally
		wg           sync.WaitGroup
	)
	for s := range sessions {
		wg.Go(func() {
			tally.Begin()
			for n := range each {
				tally.Add(image(n % (s + 1))) // all have the first, few the last
				if n%100 == 0 {
					tally.Stats()
				}
			}
		})
		alone.Begin()
		for n := range each {
			alone.Add(image(n % (s + 1)))
		}
	}
	wg.Wait()
	if diff := cmp.Diff(alone.Stats(), tally.Stats()); diff != "" {
		t.Errorf("the book of concurrent sessions differs (-alone, +concurrent):\n%s", diff)
	}
}

func TestAddDoesNotAllocate(t *testing.T) {
	var tally Tally
	b := make([]byte, 100_000)
	if got := testing.AllocsPerRun(10, func() { tally.Add(b) }); got != 0 {
		t.Errorf("got %v allocations, want 0", got)
	}
}

func BenchmarkAdd(b *testing.B) {
	for _, size := range []int{1_000, 10_000, 100_000, 1_000_000} {
		b.Run(fmt.Sprintf("%dKB", size/1000), func(b *testing.B) {
			var tally Tally
			image := make([]byte, size)
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				tally.Add(image)
			}
		})
	}
}

// BenchmarkAddOne is the worst case for its lock: one and the same small image
// from every processor.
func BenchmarkAddOne(b *testing.B) {
	var tally Tally
	image := make([]byte, 1_000)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			tally.Add(image)
		}
	})
}
