package siege

import (
	"bytes"
	"compress/flate"
	"context"
)

// bomb sends a message of a few KB that inflates a thousandfold, beyond what is
// allowed.
type bomb struct {
	inflated int // MB
}

func (c bomb) behave(ctx context.Context, l *line) ending {
	return l.listenWhile(ctx, func(context.Context) {
		l.send(final|compressed|binaryImage, deflatedZeros(c.inflated))
	})
}

// deflatedZeros returns so many MB of zeros as permessage-deflate has them (RFC
// 7692 section 7.2.1): a thousandth of them. What was flushed stands by itself,
// so one MB, again and again, will do.
func deflatedZeros(megabytes int) []byte {
	var one bytes.Buffer
	w, err := flate.NewWriter(&one, flate.BestCompression)
	if err != nil {
		panic(err) // of a level that does not exist
	}
	w.Write(make([]byte, 1_000_000))
	w.Flush()
	return bytes.TrimSuffix(bytes.Repeat(one.Bytes(), megabytes), []byte{0, 0, 0xff, 0xff})
}
