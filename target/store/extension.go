package store

import (
	"bytes"
	"slices"
)

// extension is what a file name ends with, as an index of extensions.
type extension uint8

var extensions = []string{"bin", "jpg", "png", "gif", "webp"}

const (
	extensionBin extension = iota
	extensionJPG
	extensionPNG
	extensionGIF
	extensionWebP
)

// String returns the extension without the dot.
func (e extension) String() string { return extensions[e] }

// parseExtension returns the extension that s, without the dot, names.
func parseExtension(s string) (extension, bool) {
	i := slices.Index(extensions, s)
	return extension(max(i, 0)), i >= 0
}

// extensionOf returns the extension for an image, from the first bytes of its
// content.
func extensionOf(image []byte) extension {
	switch {
	case bytes.HasPrefix(image, []byte("\xff\xd8\xff")):
		return extensionJPG
	case bytes.HasPrefix(image, []byte("\x89PNG\r\n\x1a\n")):
		return extensionPNG
	case bytes.HasPrefix(image, []byte("GIF87a")), bytes.HasPrefix(image, []byte("GIF89a")):
		return extensionGIF
	case len(image) >= 12 && string(image[:4]) == "RIFF" && string(image[8:12]) == "WEBP":
		return extensionWebP
	default:
		return extensionBin
	}
}
