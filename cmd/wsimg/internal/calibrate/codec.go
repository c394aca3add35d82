package calibrate

import (
	"context"
	stdbase64 "encoding/base64"
	"errors"
	"time"
	"unicode/utf8"

	simdbase64 "github.com/segmentio/asm/base64"

	"github.com/wsimg/wsimg/loadgen/frame"
	"github.com/wsimg/wsimg/loadgen/payload"
	"github.com/wsimg/wsimg/loadgen/record"
)

const (
	// encodePiece is what the generator encodes at a time, raw.
	encodePiece = 3 << 10
	// arrival is what the target reads of a message at a time, and checks.
	arrival = 64 << 10
)

// codecs returns what is done to the bytes of an image, each on one core.
func codecs(all []*images) []ceiling {
	one := func(name, note string, rate func(of *images, d time.Duration) (float64, error)) ceiling {
		return &sized{
			about:  record.Ceiling{Name: name, Kind: record.CodecCeiling, Cores: 1, Note: note},
			weight: codecWeight,
			images: all,
			rate: func(_ context.Context, of *images, d time.Duration) (float64, error) {
				return rate(of, d)
			},
		}
	}
	encode := "in pieces of 3 KiB, as the generator does"
	decode := "a message at once, as the target does"
	return []ceiling{
		one("Base64 encode, simd", encode, encoding(payload.SIMD.New())),
		one("Base64 encode, std", encode, encoding(payload.Std.New())),
		one("Base64 decode, simd", decode, decoding(simdbase64.StdEncoding.Strict())),
		one("Base64 decode, std", decode, decoding(stdbase64.StdEncoding.Strict())),
		one("mask", "copy and mask in one pass, as the generator does", masking),
		one("UTF-8 check", "of the Base64, in pieces of 64 KiB, as the target does with store off", checking),
	}
}

func encoding(codec payload.Codec) func(*images, time.Duration) (float64, error) {
	piece := make([]byte, codec.EncodedLen(encodePiece))
	return func(of *images, d time.Duration) (float64, error) {
		return timed(d, func(i int) error {
			for image := of.image(i); len(image) > 0; {
				raw := image[:min(encodePiece, len(image))]
				codec.Encode(piece, raw)
				image = image[len(raw):]
			}
			return nil
		})
	}
}

// decoder is the part of a Base64 library that is needed here.
type decoder interface {
	Decode(dst, src []byte) (int, error)
}

func decoding(from decoder) func(*images, time.Duration) (float64, error) {
	return func(of *images, d time.Duration) (float64, error) {
		image := make([]byte, of.textSize())
		return timed(d, func(i int) error {
			n, err := from.Decode(image, of.text(i))
			if err == nil && int64(n) != of.size {
				err = errors.New("an image came out with another length")
			}
			return err
		})
	}
}

func masking(of *images, d time.Duration) (float64, error) {
	var mask frame.Mask
	mask.Set([4]byte{0x37, 0xfa, 0x21, 0x3d})
	masked := make([]byte, of.size)
	return timed(d, func(i int) error {
		mask.Copy(masked, of.image(i))
		return nil
	})
}

func checking(of *images, d time.Duration) (float64, error) {
	return timed(d, func(i int) error {
		for text := of.text(i); len(text) > 0; {
			n := min(arrival, len(text))
			if !utf8.Valid(text[:n]) {
				return errors.New("Base64 that is not UTF-8")
			}
			text = text[n:]
		}
		return nil
	})
}
