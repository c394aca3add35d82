package store

import "bytes"

// extension returns the file name extension for an image, without the dot,
// from the first bytes of its content.
func extension(image []byte) string {
	switch {
	case bytes.HasPrefix(image, []byte("\xff\xd8\xff")):
		return "jpg"
	case bytes.HasPrefix(image, []byte("\x89PNG\r\n\x1a\n")):
		return "png"
	case bytes.HasPrefix(image, []byte("GIF87a")), bytes.HasPrefix(image, []byte("GIF89a")):
		return "gif"
	case len(image) >= 12 && string(image[:4]) == "RIFF" && string(image[8:12]) == "WEBP":
		return "webp"
	default:
		return "bin"
	}
}
