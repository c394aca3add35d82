package payload

import (
	"encoding/binary"
	"image"
	"math/rand/v2"
	"slices"
)

// The planes of a picture.
const (
	luma = iota
	blue
	red
	planeCount
)

// Scenes stay within these levels, so that the noise added to them can't leave
// a byte: luma noise goes from 0 to 62, chroma noise from 0 to 30.
var (
	darkest  = [planeCount]float64{4, 70, 70}
	lightest = [planeCount]float64{190, 155, 155}
)

// scene is what a picture shows: light that changes from corner to corner and
// soft-edged spots, as a lens out of focus draws them. Coordinates go from 0
// to 1, so a scene has no resolution.
type scene struct {
	corners [4][planeCount]float64 // top left, top right, bottom left, bottom right
	spots   [12]spot
}

// spot is an ellipse that shifts the levels under it.
type spot struct {
	x, y, rx, ry float64
	shift        [planeCount]float64
}

func newScene(r *rand.Rand) scene {
	between := func(low, high float64) float64 { return low + float64((high-low)*r.Float64()) }
	var s scene
	for i := range s.corners {
		for k := range planeCount {
			s.corners[i][k] = between(darkest[k], lightest[k])
		}
	}
	for i := range s.spots {
		s.spots[i] = spot{
			x: r.Float64(), y: r.Float64(),
			rx: between(0.05, 0.35), ry: between(0.05, 0.35),
			shift: [planeCount]float64{between(-70, 70), between(-35, 35), between(-35, 35)},
		}
	}
	return s
}

// at returns the levels at one point.
//
// Products are converted to float64 before they are added: that forbids the
// compiler to fuse the two, which some processors do and others don't, so that
// a seed gives the same bytes on all of them.
func (s *scene) at(x, y float64) [planeCount]float64 {
	var level [planeCount]float64
	for k := range planeCount {
		top := s.corners[0][k] + float64(x*(s.corners[1][k]-s.corners[0][k]))
		bottom := s.corners[2][k] + float64(x*(s.corners[3][k]-s.corners[2][k]))
		level[k] = top + float64(y*(bottom-top))
	}
	for i := range s.spots {
		p := &s.spots[i]
		dx, dy := (x-p.x)/p.rx, (y-p.y)/p.ry
		d2 := float64(dx*dx) + float64(dy*dy)
		d4 := d2 * d2
		weight := 1 / (1 + float64(d4*d4)) // 1 inside, ½ at the edge, soon 0 outside
		for k := range planeCount {
			level[k] += float64(weight * p.shift[k])
		}
	}
	for k := range planeCount {
		level[k] = min(max(level[k], darkest[k]), lightest[k])
	}
	return level
}

// cell is the distance in luma pixels of the points at which a scene is
// evaluated; between them it is interpolated. Chroma planes have half the
// resolution (4:2:0), so there it is half as far.
const cell = 16

// planes holds the pixels of one picture and the memory for the next.
type planes struct {
	pixels  [planeCount][]byte
	lattice [planeCount][]int32 // levels at the corners of cells, 16.16 fixed point
	across  int                 // cells in a row
}

// gray renders the scene's luma at w × h pixels. The picture is valid until
// the next one.
func (p *planes) gray(s scene, rng *rand.PCG, w, h int) *image.Gray {
	p.survey(s, w, h)
	p.render(luma, cell, h)
	addLumaNoise(p.pixels[luma], rng)
	return &image.Gray{Pix: p.pixels[luma], Stride: p.across * cell, Rect: image.Rect(0, 0, w, h)}
}

// colour renders the scene at w × h pixels. The picture is valid until the
// next one.
func (p *planes) colour(s scene, rng *rand.PCG, w, h int) *image.YCbCr {
	p.survey(s, w, h)
	p.render(luma, cell, h)
	addLumaNoise(p.pixels[luma], rng)
	for _, k := range []int{blue, red} {
		p.render(k, cell/2, (h+1)/2)
		addChromaNoise(p.pixels[k], rng)
	}
	return &image.YCbCr{
		Y: p.pixels[luma], Cb: p.pixels[blue], Cr: p.pixels[red],
		YStride: p.across * cell, CStride: p.across * cell / 2,
		SubsampleRatio: image.YCbCrSubsampleRatio420,
		Rect:           image.Rect(0, 0, w, h),
	}
}

// survey fills the lattice for a picture of w × h pixels.
func (p *planes) survey(s scene, w, h int) {
	p.across = (w + cell - 1) / cell
	down := (h + cell - 1) / cell
	for k := range p.lattice {
		p.lattice[k] = p.lattice[k][:0]
	}
	for y := range down + 1 {
		for x := range p.across + 1 {
			level := s.at(float64(x*cell)/float64(w), float64(y*cell)/float64(h))
			for k := range p.lattice {
				p.lattice[k] = append(p.lattice[k], int32(level[k]*(1<<16)))
			}
		}
	}
}

// render interpolates rows of plane k from the lattice, whose points are step
// pixels apart in it.
func (p *planes) render(k, step, rows int) {
	stride := p.across * step
	p.pixels[k] = slices.Grow(p.pixels[k][:0], stride*rows)[:stride*rows]
	for y := range rows {
		row := p.pixels[k][y*stride : (y+1)*stride]
		above := p.lattice[k][y/step*(p.across+1):]
		below := above[p.across+1:]
		part, whole := int32(y%step), int32(step)
		level := func(x int) int32 { return above[x] + (below[x]-above[x])/whole*part }
		right := level(0)
		for x := range p.across {
			left := right
			right = level(x + 1)
			slope := (right - left) / whole
			for i := range row[x*step : (x+1)*step] {
				row[x*step+i] = byte(left >> 16)
				left += slope
			}
		}
	}
}

// addLumaNoise adds noise of 0 to 62 to every pixel, eight at a time, each
// from eight random bits: two overlapping fields of five, which makes middling
// values the most frequent. len(pixels) is a multiple of eight.
func addLumaNoise(pixels []byte, rng *rand.PCG) {
	const five = 0x1f1f1f1f1f1f1f1f
	for ; len(pixels) >= 8; pixels = pixels[8:] {
		r := rng.Uint64()
		noise := r&five + r>>3&five
		binary.LittleEndian.PutUint64(pixels, binary.LittleEndian.Uint64(pixels)+noise)
	}
}

// addChromaNoise does the same with noise of 0 to 30.
func addChromaNoise(pixels []byte, rng *rand.PCG) {
	const four = 0x0f0f0f0f0f0f0f0f
	for ; len(pixels) >= 8; pixels = pixels[8:] {
		r := rng.Uint64()
		noise := r&four + r>>4&four
		binary.LittleEndian.PutUint64(pixels, binary.LittleEndian.Uint64(pixels)+noise)
	}
}
