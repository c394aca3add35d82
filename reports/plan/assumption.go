package plan

// Assumption is what a plan takes for granted.
type Assumption struct {
	Number int    `json:"number"` // from 1
	Text   string `json:"text"`   // a sentence
}

// ledger numbers assumptions as they are made. The zero value is empty.
type ledger struct {
	made   []Assumption
	number map[string]int
	most   map[string]float64
}

// assume returns the basis of what rests on an assumption. One of the same name
// is made once, however often it is needed; the first text stands, so a name
// holds what the text varies with.
func (l *ledger) assume(name, text string) basis {
	n, ok := l.number[name]
	if !ok {
		if l.number == nil {
			l.number = map[string]int{}
		}
		n = len(l.made) + 1
		l.number[name] = n
		l.made = append(l.made, Assumption{n, text})
	}
	return basis{assumes: []int{n}}
}

// assumeMost is assume for what holds up to an amount: the text of the most
// stands, for it says the rest as well.
func (l *ledger) assumeMost(name string, amount float64, text string) basis {
	b := l.assume(name, text)
	if l.most == nil {
		l.most = map[string]float64{}
	}
	if amount > l.most[name] {
		l.most[name] = amount
		l.made[b.assumes[0]-1].Text = text
	}
	return b
}
