package calibrate

import (
	"context"

	"github.com/wsimg/wsimg/loadgen/payload"
)

// seed is that of all images: what they hold is of no concern here, but that
// they look and compress like photographs is.
const seed = 1

// images are the images of one size, as many as a run has by default, so that
// they fall out of the caches as they do there. They are only read.
type images struct {
	size   int64
	source *payload.Source
	raw    [][]byte
	texts  [][]byte // the same in Base64
}

func makeImages(ctx context.Context, sizes []int64) ([]*images, error) {
	var all []*images
	for _, size := range sizes {
		source, err := payload.Synthetic(ctx, size, payload.DefaultDistinct, seed)
		if err != nil {
			return nil, err
		}
		all = append(all, &images{size, source, source.Images(), source.Texts()})
	}
	return all, nil
}

// image returns the i-th image, from the first again after the last.
func (m *images) image(i int) []byte { return m.raw[i%len(m.raw)] }

// text returns the i-th image in Base64.
func (m *images) text(i int) []byte { return m.texts[i%len(m.texts)] }

// textSize returns the size of an image in Base64.
func (m *images) textSize() int { return len(m.texts[0]) }
