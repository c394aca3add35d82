package audit

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/wsimg/wsimg/loadgen/payload"
	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/site"
)

// How long a target's book is read again while images may still come in.
const (
	pause    = 20 * time.Millisecond  // between readings
	quiet    = 500 * time.Millisecond // when nothing has come in for so long
	patience = 5 * time.Second        // whatever comes in
)

// Read reads a target's book, even when the context is done; it is the method
// Audit of a site.Site.
type Read func(context.Context) (site.Books, error)

// Auditor audits one run. It is not safe for concurrent use; its books are.
type Auditor struct {
	read   Read
	before site.Books
	books  map[*payload.Source]*Book
}

// Begin reads the target's book, to be called before the first connection is
// dialed. While other sessions are open it waits for images to stop coming in,
// half a second as a rule: they may be the last of a run before. The error is
// that of read, which wraps site.ErrAudit where no book is kept, or that ctx is
// done.
func Begin(ctx context.Context, read Read) (*Auditor, error) {
	before, err := settled(ctx, read, 0)
	if err != nil {
		return nil, err
	}
	return &Auditor{read: read, before: before, books: make(map[*payload.Source]*Book)}, nil
}

// Book returns the book of a source, the same one every time.
func (a *Auditor) Book(source *payload.Source) *Book {
	if a.books[source] == nil {
		a.books[source] = NewBook(source.Images())
	}
	return a.books[source]
}

// End reads the target's book again and settles, to be called after the last of
// dialed connections was closed, whatever ended the run. It waits for the target
// to notice that, five seconds at most. That the book can't be read is a fault.
func (a *Auditor) End(ctx context.Context, dialed uint64) *record.Audit {
	books := slices.Collect(maps.Values(a.books))
	after, err := settled(context.WithoutCancel(ctx), a.read, a.before.Open)
	if err != nil {
		audit := Settle(a.before, a.before, dialed, books...) // for what was sent
		audit.Fault = fmt.Sprintf("the target's book could not be read after the run (%v): see whether the target still runs, and measure again", err)
		return &audit
	}
	audit := Settle(a.before, after, dialed, books...)
	return &audit
}

// settled reads a book when no more sessions are open than that, or nothing has
// come in for a while.
func settled(ctx context.Context, read Read, open int64) (site.Books, error) {
	last, err := read(ctx)
	began := time.Now()
	for since := began; err == nil && last.Open > open && time.Since(since) < quiet && time.Since(began) < patience; {
		select {
		case <-ctx.Done():
			return last, ctx.Err()
		case <-time.After(pause):
		}
		before := last
		if last, err = read(ctx); !maps.Equal(last.Parts, before.Parts) {
			since = time.Now()
		}
	}
	return last, err
}
