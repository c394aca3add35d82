package audit

import (
	"fmt"
	"strconv"
)

// findings is what the books of both ends come to.
type findings struct {
	verified, unsettled   uint64 // sent by this run
	saved, unsettledSaved uint64 // by the target meanwhile

	restarted bool   // nothing else is known
	missing   uint64 // images fewer in a part than were verified, all parts together
	surplus   uint64 // images more than were sent
	unlike    uint64 // parts with a right number and a wrong sum
	undecided uint64 // unsettled images that could not be told apart

	connections, dialed uint64 // audited ones that the target saw, and this run's
}

// fault returns what does not add up and what to do; empty when all does.
func (f findings) fault() string {
	switch {
	case f.restarted:
		return "the target was started anew during the run, and its book is gone: see there why it ended, and measure again"
	case f.missing == 0 && f.surplus == 0 && f.unlike == 0 && f.undecided == 0:
		return ""
	}
	return f.what() + "; " + f.why()
}

// what says what is wrong, in figures.
func (f findings) what() string {
	verified := grouped(f.verified) + " verified images"
	switch {
	case f.missing > 0 && f.surplus == 0 && f.unlike == 0:
		most := ""
		if f.unsettled > 0 {
			most = "at most "
		}
		return fmt.Sprintf("the target saved %s%s of %s", most, grouped(f.verified-f.missing), verified)
	case f.surplus > 0 && f.missing == 0 && f.unlike == 0:
		return fmt.Sprintf("the target saved %s images, %s more than the %s%s: at least so many were saved twice or are not of this run",
			grouped(f.saved), grouped(f.surplus), verified, f.besides())
	case f.missing > 0 || f.surplus > 0 || f.unlike > 0:
		return fmt.Sprintf("the target saved %s images, and they are not the %s%s: at least %s altered or lost",
			grouped(f.saved), verified, f.besides(), was(max(f.missing, f.unlike)))
	}
	return fmt.Sprintf("the target saved all %s, and %s unsettled ones are too many and too different to tell which of them it saved",
		verified, grouped(f.undecided))
}

func (f findings) besides() string {
	if f.unsettled == 0 {
		return ""
	}
	return fmt.Sprintf(" and the %s unsettled", grouped(f.unsettled))
}

// why says what may have led to it, and what to do.
func (f findings) why() string {
	switch {
	case f.connections > f.dialed:
		return fmt.Sprintf("it saw %s audited connections and this run dialed %s, so other audited clients were there at the same time: audit one run at a time",
			grouped(f.connections), grouped(f.dialed))
	case f.connections == 0:
		return "it saw no audited connection, so what tells its book is not what took the images: audit one process, not several behind one address"
	case f.missing == 0 && f.surplus == 0 && f.unlike == 0:
		return "mend what made images fail, or send fewer different ones (--distinct)"
	}
	return "see its log, its disk and whatever is between: what it answers for can't be relied on"
}

func was(n uint64) string {
	if n == 1 {
		return "1 was"
	}
	return grouped(n) + " were"
}

// grouped writes n with commas between thousands.
func grouped(n uint64) string {
	digits := strconv.FormatUint(n, 10)
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return digits
}
