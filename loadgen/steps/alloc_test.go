//go:build !race

package steps

import (
	"runtime"
	"testing"

	"github.com/wsimg/wsimg/loadgen/payload"
)

func TestStepsAllocateNothing(t *testing.T) {
	m := newMessages(source(t, 100_000, 2), mode(t, "text"))
	compare, deflate := newComparing(m, replyBlock), newDeflating(m, payload.DefaultLevel)
	inPlace := newMaskingInPlace(func(i int) int { return len(m.plain[i]) })
	deflate.do(0) // so that there is something to inflate
	for name, do := range map[string]func(int){
		"encode":           newEncoding(m).do,
		"mask":             newMasking(m).do,
		"unmask":           newUnmasking(m.turns(), func(i int) int { return len(m.plain[i]) }).do,
		"utf8":             newChecking(m).do,
		"compare":          func(int) { compare.piecewise(0) },
		"deflate":          deflate.do,
		"inflate":          newInflating(deflate).do,
		"mask, compressed": inPlace.do,
	} {
		for range runtime.GOMAXPROCS(0) {
			do(0) // compressors are made when first needed
		}
		if n := testing.AllocsPerRun(10, func() { do(0) }); n != 0 {
			t.Errorf("%s: %v allocations an image, want none", name, n)
		}
	}
}
