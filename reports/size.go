package reports

import "strconv"

// FormatSize writes a number of bytes with three significant digits and a
// decimal unit: 100000 is "100 KB", 1333336 "1.33 MB". What is whole in a
// binary unit and in no decimal one keeps it: 102400 is "100 KiB".
func FormatSize(bytes int64) string {
	for _, u := range []struct {
		name string
		unit int64
	}{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}} {
		if bytes >= u.unit && bytes%u.unit == 0 && bytes%1000 != 0 {
			return strconv.FormatInt(bytes/u.unit, 10) + " " + u.name
		}
	}
	value, unit := float64(bytes), "B"
	for _, u := range []string{"KB", "MB", "GB", "TB"} {
		if value < 999.5 {
			break
		}
		value, unit = value/1000, u
	}
	return threeDigits(value) + " " + unit
}

// threeDigits writes 0 ≤ x < 1000 with three significant digits, less where
// the rest are zeros.
func threeDigits(x float64) string {
	short, _ := strconv.ParseFloat(strconv.FormatFloat(x, 'g', 3, 64), 64)
	return strconv.FormatFloat(short, 'f', -1, 64)
}
