package audit

import (
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"github.com/wsimg/wsimg/loadgen/site"
)

// TestHashIsThatOfTheTarget: the vectors are XXH3's own (xxhsum -H2), the
// higher half first.
func TestHashIsThatOfTheTarget(t *testing.T) {
	for _, tt := range []struct{ image, want string }{
		{"", "99aa06d3014798d86001c324468d497f"},
		{"a", "a96faf705af16834e6c632b61e964e1f"},
		{"abc", "06b05ab6733a618578af5f94892f3950"},
	} {
		var want site.Sum
		if err := want.UnmarshalText([]byte(tt.want)); err != nil {
			t.Fatal(err)
		}
		if got := hashOf([]byte(tt.image)); got != told(want) {
			t.Errorf("%q: got %016x%016x, want %s", tt.image, got.hi, got.lo, tt.want)
		}
	}
}

// TestArithmetic compares with math/big.
func TestArithmetic(t *testing.T) {
	whole := new(big.Int).Lsh(big.NewInt(1), 128)
	number := func(s sum) *big.Int {
		n := new(big.Int).SetUint64(s.hi)
		return n.Lsh(n, 64).Or(n, new(big.Int).SetUint64(s.lo))
	}
	rapid.Check(t, func(t *rapid.T) {
		half := rapid.OneOf(rapid.Uint64(), rapid.Uint64Range(0, 3), rapid.Just(^uint64(0)))
		a := sum{half.Draw(t, "a high"), half.Draw(t, "a low")}
		b := sum{half.Draw(t, "b high"), half.Draw(t, "b low")}
		n := rapid.IntRange(0, 128).Draw(t, "n")
		x, y := number(a), number(b)
		for what, c := range map[string]struct {
			got  sum
			want *big.Int
		}{
			"plus":     {a.plus(b), new(big.Int).Add(x, y)},
			"minus":    {a.minus(b), new(big.Int).Sub(x, y)},
			"times":    {a.times(b), new(big.Int).Mul(x, y)},
			"repeated": {a.repeated(b.lo), new(big.Int).Mul(x, new(big.Int).SetUint64(b.lo))},
			"without":  {a.without(n), new(big.Int).Rsh(x, uint(n))},
			"lowest":   {a.lowest(n), new(big.Int).Mod(x, new(big.Int).Lsh(big.NewInt(1), uint(n)))},
		} {
			if want := c.want.Mod(c.want, whole); number(c.got).Cmp(want) != 0 {
				t.Fatalf("%s: got %x, want %x", what, number(c.got), want)
			}
		}
		if got, want := a.zeros(), 128; a == (sum{}) && got != want || a != (sum{}) && got != int(x.TrailingZeroBits()) {
			t.Fatalf("zeros of %x: got %d", x, got)
		}
		a.lo |= 1
		if got := a.times(a.inverse()); got != (sum{lo: 1}) {
			t.Fatalf("%x times its inverse: got %x, want 1", number(a), number(got))
		}
	})
}
