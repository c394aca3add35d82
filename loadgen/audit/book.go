package audit

import (
	"sync/atomic"

	"github.com/wsimg/wsimg/loadgen"
)

// Book counts the images of one source that a generator sent, and those whose
// replies it verified, image by image. Memory and hashing grow with the
// distinct images alone. Sent and Verified may be called concurrently.
type Book struct {
	hashes []sum
	counts []counts
}

var _ loadgen.Book = (*Book)(nil)

// counts has a cache line to itself, for different images are different
// clients' much of the time.
type counts struct {
	sent, verified atomic.Uint64
	_              [48]byte
}

// NewBook returns the empty book of images, which it hashes once.
func NewBook(images [][]byte) *Book {
	b := &Book{hashes: make([]sum, len(images)), counts: make([]counts, len(images))}
	for i, image := range images {
		b.hashes[i] = hashOf(image)
	}
	return b
}

// Sent counts image i as sent; to be called before its first byte may be.
func (b *Book) Sent(i int) { b.counts[i].sent.Add(1) }

// Verified counts image i as answered for.
func (b *Book) Verified(i int) { b.counts[i].verified.Add(1) }

// parts is into how many parts the books of both ends are divided, by the low 8
// bits of an image's hash.
const parts = 256

// part is a number of images, and the sum of their hashes.
type part struct {
	count uint64
	sum   sum
}

func (p part) minus(q part) part { return part{p.count - q.count, p.sum.minus(q.sum)} }

// account is a generator's side of one part of the books.
type account struct {
	verified part
	open     []unsettled
}

// unsettled is an image that was sent n times more often than verified.
type unsettled struct {
	hash sum
	n    uint64
}

// unsettled returns how many images are.
func (a account) unsettled() (n uint64) {
	for _, o := range a.open {
		n += o.n
	}
	return n
}

// accounts puts books together, part by part. An image that several sources
// have is several to it.
func accounts(books []*Book) [parts]account {
	var all [parts]account
	for _, b := range books {
		for i, hash := range b.hashes {
			a := &all[hash.part()]
			verified := b.counts[i].verified.Load()
			a.verified.count += verified
			a.verified.sum = a.verified.sum.plus(hash.repeated(verified))
			if n := b.counts[i].sent.Load() - verified; n > 0 {
				a.open = append(a.open, unsettled{hash, n})
			}
		}
	}
	return all
}
