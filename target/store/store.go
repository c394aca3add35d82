// Package store is where a target puts the images it gets.
//
// There are four kinds. Which one is a question of what shall be measured: with
// real files the file system is the bottleneck, several times the cost of all
// else.
//
//	files    each image a new file, complete or absent, never torn
//	latest   one file per connection, overwritten in place: it holds the
//	         latest image, or parts of two after a crash
//	discard  the image is decoded and checked, and written nowhere
//	off      nothing looks at the image at all: echo alone
//
// A [Store] hands each connection a [Saver] of its own:
//
//	st, err := store.Open(store.Files, "images", store.Keep{})
//	…
//	saver := st.Session(1)
//	err = saver.Save(ctx, image)
//	…
//	saver.Close()
//	st.Close()
//
// The extension of a file comes from its content: jpg, png, gif, webp, else
// bin. Files are for their owner only (0600, in a folder 0700). Their names
// carry the instant the store was opened, a random part, the connection and a
// sequence number, so that no image ever replaces that of another connection
// or of an earlier run. Nothing a client sends is part of them.
//
// # The folder
//
// A folder belongs to one running target, which has the file .wsimg-lock in it
// locked; a second one is refused. The system unlocks it however the target ends;
// the file stays, and may be removed when no target runs. Opening a folder sweeps
// the unfinished files away. Its other files, those with names that a store does
// not make, are neither touched nor counted.
//
// Once a second a store looks whether there is room and whether the path still
// names the folder it holds open. While it names none, saving fails; once it
// names one again, be it another, saving goes on there, without a restart. What
// was saved in that second went into the folder of before: kind latest, whose
// files are open, finds out no sooner.
//
// A new file is created, never opened: a link that somebody planted in its
// place is neither followed nor written to. It costs the connection one image,
// and is removed. Files that kind latest opens again are not followed through a
// symbolic link, or, on systems other than Linux, macOS and FreeBSD, not out of
// the folder.
//
// # What a crash leaves
//
// A crash of the target, kill -9 included, leaves no partial image under a
// final name of kind files. For the machine's own crash, see [Sync].
//
// # Bounds
//
// Without bounds images stay for ever. [Keep] has the oldest removed, those of
// earlier runs included, by a goroutine of the store's own.
//
// Kind files has a file open while an image is written. Kind latest keeps those
// of the connections that saved last open, at most [MostOpenFiles], or as many as
// [OpenFiles] says; to open another one again costs some 20 µs.
package store

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Kind names a kind of store, as users write it.
type Kind string

// The kinds; see the package documentation.
const (
	Files   Kind = "files"
	Latest  Kind = "latest"
	Discard Kind = "discard"
	Off     Kind = "off"
)

// Kinds returns all kinds in the order they are documented in.
func Kinds() []Kind { return []Kind{Files, Latest, Discard, Off} }

// Parse returns the kind that s names.
func Parse(s string) (Kind, error) {
	if k := Kind(s); slices.Contains(Kinds(), k) {
		return k, nil
	}
	return "", fmt.Errorf("unknown store %q: choose one of %s", s, strings.Join(names(), ", "))
}

// Writes reports whether stores of this kind write files.
func (k Kind) Writes() bool { return k == Files || k == Latest }

// Store saves the images of many connections. It is safe for concurrent use.
//
// A store that writes also has a method Warnings() []string: what whoever starts
// the target should know about the folder as it was when opened, one sentence
// each.
type Store interface {
	// Session returns the saver for the connection with this number, which no
	// other connection may have while the store is open.
	Session(id uint64) Saver
	// Close gives up what the store holds. Its savers must be closed before.
	io.Closer
}

// Saver saves the images of one connection, one after the other.
type Saver interface {
	// Save keeps one image, which it neither changes nor holds on to. After
	// an error nothing partial is left, and the next image may do better: the
	// error is [ErrNoSpace] when the disk is too full, and wraps
	// fs.ErrNotExist when the folder is gone. Save waits, until ctx is done,
	// while a store with bounds has to remove older images first; ctx does not
	// end a write in progress.
	Save(ctx context.Context, image []byte) error
	// Close gives up what the saver holds; the images stay.
	io.Closer
}

// Open returns a store of the given kind. Kinds that write files make dir
// when it does not exist, sweep away what an earlier run left unfinished there,
// remove the oldest of what it finished as far as keep says, and refuse a disk
// that is too full. A folder that another store has open is [ErrInUse]. Other
// kinds look at no folder, and refuse a keep that asks for anything.
func Open(kind Kind, dir string, keep Keep, how ...Option) (Store, error) {
	return open(kind, dir, keep, theSystem(), how...)
}

func open(kind Kind, dir string, keep Keep, sys system, how ...Option) (Store, error) {
	if _, err := Parse(string(kind)); err != nil {
		return nil, err
	}
	if err := keep.Validate(); err != nil {
		return nil, err
	}
	if !kind.Writes() {
		if keep.asks() {
			return nil, fmt.Errorf("keep, max-bytes and fsync are for stores that write, and %s does not: choose %s or %s", kind, Files, Latest)
		}
		return discard{}, nil
	}
	o := optionsOf(how)
	f, err := openFolder(dir, keep, o.transient, sys)
	if err != nil {
		return nil, err
	}
	if kind == Files {
		return &files{f}, nil
	}
	return newLatest(f, o), nil
}

func names() []string {
	var s []string
	for _, k := range Kinds() {
		s = append(s, string(k))
	}
	return s
}
