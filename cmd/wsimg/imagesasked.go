package main

import (
	"context"

	"github.com/wsimg/wsimg/loadgen/payload"
)

// imagesAsked are the images of a command that sends those of one size, or of one
// file or folder.
type imagesAsked struct {
	path, size string // path is empty: synthetic images of the size
	distinct   int
	seed       uint64
}

// read makes or reads the images. Files are what they were read from, distinct how
// many were to be made: of the two there is one.
func (a imagesAsked) read(ctx context.Context) (source *payload.Source, files []string, distinct int, err error) {
	if a.path != "" {
		if source, err = payload.Files(ctx, a.path); err != nil {
			return nil, nil, 0, interruptible(ctx, usagef("--images: %w", err))
		}
		return source, []string{a.path}, 0, nil
	}
	size, err := payload.ParseSize(a.size)
	if err != nil {
		return nil, nil, 0, usagef("--size: %w", err)
	}
	if source, err = payload.Synthetic(ctx, size, a.distinct, a.seed); err != nil {
		return nil, nil, 0, interruptible(ctx, usagef("--size: %w", err))
	}
	return source, nil, a.distinct, nil
}
