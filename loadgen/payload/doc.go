// Package payload is what is sent: images, and the form they travel in. It
// opens no socket and reads no clock.
//
// A Source holds the distinct images of one cell, made here (Synthetic) or
// read from disk (Files):
//
//	size, err := payload.ParseSize("100KB")
//	src, err := payload.Synthetic(ctx, size, payload.DefaultDistinct, seed)
//	for _, image := range src.Images() { … }
//
// A Mode says how an image travels. A binary image is its own message; a text
// image goes through the mode's Codec, whole or in chunks:
//
//	modes, err := payload.ParseModes([]string{"binary", "text", "text+codec=std"})
//	codec := modes[1].Codec.New()
//	message := make([]byte, codec.EncodedLen(len(image)))
//	codec.Encode(message, image)
//
// A mode that compresses puts the message through a Deflater of its level, as
// permessage-deflate has it; an Inflater gives it back:
//
//	deflater := payload.NewDeflater(mode.Deflate.Level)
//	compressed, err := deflater.AppendText(nil, image, codec)
//
// Sizes are raw image bytes throughout, whatever the mode makes of them. All
// that is returned may be shared between goroutines, as long as nobody writes
// to the images.
package payload
