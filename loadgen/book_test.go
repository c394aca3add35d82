package loadgen_test

import (
	"sync/atomic"
	"testing"

	"github.com/wsimg/wsimg/loadgen"
	"github.com/wsimg/wsimg/loadgen/record"
)

// book counts the eight images of source.
type book struct {
	sent, verified [8]atomic.Int64
}

var _ loadgen.Book = (*book)(nil)

func (b *book) Sent(i int)     { b.sent[i].Add(1) }
func (b *book) Verified(i int) { b.verified[i].Add(1) }

// check reports a book that does not hold what the samples do. Where a reply
// comes twice, an image may fail for it or not: atMost.
func (b *book) check(t *testing.T, samples []record.Sample, failed map[string]uint64, atMost bool) {
	t.Helper()
	var verified, unsettled, images, errors int64
	for i := range b.sent {
		n := b.sent[i].Load() - b.verified[i].Load()
		if n < 0 {
			t.Errorf("image %d was verified %d times more often than sent", i, -n)
		}
		verified += b.verified[i].Load()
		unsettled += n
	}
	for _, s := range samples {
		images += int64(s.BlockImages)
	}
	for _, n := range failed {
		errors += int64(n)
	}
	if verified != images {
		t.Errorf("the book has %d images verified, and the samples %d", verified, images)
	}
	if unsettled > errors || unsettled < errors && !atMost {
		t.Errorf("the book has %d images unsettled, and %d failed", unsettled, errors)
	}
}
