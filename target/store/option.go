package store

// The bounds of how many files kind Latest keeps open. More than MostOpenFiles
// would save little; with fewer than LeastOpenFiles connections would wait for
// one another.
const (
	LeastOpenFiles = 16
	MostOpenFiles  = 1024
)

// Option says how a store is opened, where that is not the usual way.
type Option func(*options)

// options is what the options add up to.
type options struct {
	transient bool // the folder goes with all it holds
	openFiles int  // of kind Latest
}

// Transient is for a folder that will be removed with all it holds: what kind
// Latest kept of a connection goes with the connection already, so that
// thousands of them in turn don't fill the disk. The folder must be the caller's
// own: other stores are not kept out of it.
func Transient() Option { return func(o *options) { o.transient = true } }

// OpenFiles is how many files kind Latest keeps open, those that were written
// last; the default is MostOpenFiles. It is for processes that need theirs for
// connections. A number beyond the bounds becomes the bound.
func OpenFiles(n int) Option {
	return func(o *options) { o.openFiles = min(max(n, LeastOpenFiles), MostOpenFiles) }
}

func optionsOf(given []Option) options {
	o := options{openFiles: MostOpenFiles}
	for _, option := range given {
		option(&o)
	}
	return o
}
