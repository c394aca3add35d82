package decoder

import (
	"encoding/base64"
	"fmt"
	"testing"
	"time"
)

// stretch is how long a decoder works before it is the other's turn: short
// beside the machine's noise, long beside the clock.
const stretch = 200 * time.Microsecond

// BenchmarkDecoder alternates a decoder with encoding/base64, so that noise hits
// both, and reports how many times as fast it is; vs_std is the ratio.
func BenchmarkDecoder(b *testing.B) {
	library := base64.StdEncoding.Strict()
	for _, size := range []int{10_000, 100_000, 1_000_000} {
		text := base64.StdEncoding.EncodeToString(randomImage(size))
		dst := make([]byte, MaxLen(2*len(text)))
		for _, form := range []struct {
			name, text string
			codec      Codec
			lenient    bool
		}{
			{"simd", text, SIMD, false},
			{"std", text, Std, false},
			{"simd/dataurl", "data:image/jpeg;base64," + text, SIMD, false},
			{"simd/lenient", text, SIMD, true},
			{"simd/lines", inLines(text, 76, "\r\n"), SIMD, true},
		} {
			b.Run(fmt.Sprintf("%dKB/%s", size/1000, form.name), func(b *testing.B) {
				d := New(form.codec, form.lenient)
				ours, theirs := []byte(form.text), []byte(text)
				b.ReportAllocs()
				var spent [2]time.Duration
				var count [2]int
				for b.Loop() {
					spent[0] += turn(&count[0], func() error { _, err := d.Decode(dst, ours); return err })
					spent[1] += turn(&count[1], func() error { _, err := library.Decode(dst, theirs); return err })
				}
				our, their := perImage(spent[0], count[0]), perImage(spent[1], count[1])
				b.ReportMetric(0, "ns/op") // of both together says nothing
				b.ReportMetric(float64(size)/our, "GB/s")
				b.ReportMetric(their/our, "vs_std")
			})
		}
	}
}

// turn decodes for a stretch, adds to count how often, and returns how long it
// took.
func turn(count *int, decode func() error) time.Duration {
	start := time.Now()
	for {
		if err := decode(); err != nil {
			panic(err)
		}
		*count++
		if spent := time.Since(start); spent >= stretch {
			return spent
		}
	}
}

// perImage returns nanoseconds.
func perImage(spent time.Duration, count int) float64 { return float64(spent) / float64(count) }
