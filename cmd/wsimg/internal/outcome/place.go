package outcome

import "flag"

// Place is where an outcome is put when its program has ended, as flags tell.
// The zero value is nowhere.
type Place struct {
	update bool
	write  string
}

// Flags defines the flags -update and -write, and returns what they say once they
// are parsed.
func Flags(set *flag.FlagSet) *Place {
	p := new(Place)
	set.BoolVar(&p.update, "update", false, "put the outcome into README.md")
	set.StringVar(&p.write, "write", "", "put the outcome into this `file`, which must have the marks that README.md has")
	return p
}

// path is that of the document, or empty.
func (p *Place) path() string {
	if p.update {
		return "README.md"
	}
	return p.write
}
