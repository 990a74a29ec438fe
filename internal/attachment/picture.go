package attachment

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"time"

	"github.com/bep/imagemeta"
	"golang.org/x/image/draw"

	"yanlu/internal/attachment/heif"
)

// How pictures are kept.
const (
	quality          = 85 // of JPEG, of 100
	thumbnailSide    = 480
	thumbnailQuality = 75
	maxScans         = 100 // of a progressive JPEG; cameras make ten
	// perPixel is what the worst decoding needs, in bytes: the coefficients of a
	// progressive JPEG in full colour, beside its planes.
	perPixel = 16
	// patience is how long a picture waits for its turn and is decoded.
	patience = time.Minute
)

// picture reads a picture and makes it anew: upright, at most MaxSide long, as
// JPEG without any metadata. What it would be in memory is known from its
// header before it is decoded; the memory of all that are decoded at once is
// bounded, and who finds no place within a minute gets ErrBusy.
func (s *Service) picture(ctx context.Context, f *os.File, mediaType string) (content, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	data, err := io.ReadAll(io.NewSectionReader(f, 0, s.limits.MaxPicture))
	if err != nil {
		return content{}, fmt.Errorf("read a picture: %w", err)
	}
	size, err := s.dimensions(ctx, data, mediaType)
	if err != nil {
		return content{}, busy(ctx, err)
	}
	if size.X < 1 || size.Y < 1 || int64(size.X)*int64(size.Y) > int64(s.limits.MaxPixels) {
		return content{}, ErrPixels
	}
	need := int64(size.X) * int64(size.Y) * perPixel
	if err := s.memory.Acquire(ctx, need); err != nil {
		return content{}, busy(ctx, err)
	}
	defer s.memory.Release(need)
	decoded, err := s.decode(ctx, data, mediaType)
	if err != nil {
		return content{}, busy(ctx, err)
	}
	if decoded.Bounds().Size() != size {
		return content{}, ErrBroken
	}
	turn := 1
	if mediaType == "image/jpeg" || mediaType == "image/png" { // libheif has turned its own
		turn = orientation(data, mediaType)
	}
	whole := upright(scaled(decoded, s.limits.MaxSide), turn)
	small := scaled(whole, thumbnailSide)
	var main, thumbnail bytes.Buffer
	if err := errors.Join(jpeg.Encode(&main, whole, &jpeg.Options{Quality: quality}), jpeg.Encode(&thumbnail, small, &jpeg.Options{Quality: thumbnailQuality})); err != nil {
		return content{}, fmt.Errorf("write a picture: %w", err)
	}
	return content{
		sort: Picture, mediaType: JPEG, data: bytes.NewReader(main.Bytes()), thumbnail: thumbnail.Bytes(),
		width: whole.Bounds().Dx(), height: whole.Bounds().Dy(),
	}, nil
}

// busy tells a picture that ran out of time from one that is broken.
func busy(ctx context.Context, err error) error {
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return ErrBusy
	case ctx.Err() != nil:
		return ctx.Err()
	default:
		return err
	}
}

// dimensions reads the size of a picture from its header, before it is turned.
func (s *Service) dimensions(ctx context.Context, data []byte, mediaType string) (image.Point, error) {
	var c image.Config
	var err error
	switch mediaType {
	case "image/jpeg":
		if bytes.Count(data, []byte{0xff, 0xda}) > maxScans { // each costs a walk over all pixels
			return image.Point{}, ErrPixels
		}
		c, err = jpeg.DecodeConfig(bytes.NewReader(data))
	case "image/png":
		c, err = png.DecodeConfig(bytes.NewReader(data))
	default:
		c.Width, c.Height, err = s.heif.Config(ctx, data)
	}
	if err != nil {
		return image.Point{}, ErrBroken
	}
	return image.Pt(c.Width, c.Height), nil
}

func (s *Service) decode(ctx context.Context, data []byte, mediaType string) (m image.Image, err error) {
	switch mediaType {
	case "image/jpeg":
		m, err = jpeg.Decode(bytes.NewReader(data))
	case "image/png":
		m, err = png.Decode(bytes.NewReader(data))
	default:
		m, err = s.heif.Decode(ctx, data)
		if err != nil && !errors.Is(err, heif.ErrPicture) && ctx.Err() == nil {
			return nil, err // not the picture's fault
		}
	}
	if err != nil {
		return nil, ErrBroken
	}
	return m, nil
}

// orientation is how the camera was held (EXIF 2.32, tag 0x0112), 1 where the
// picture does not say.
func orientation(data []byte, mediaType string) int {
	format, turn := imagemeta.JPEG, 1
	if mediaType == "image/png" {
		format = imagemeta.PNG
	}
	_, _ = imagemeta.Decode(imagemeta.Options{ // what cannot be read says nothing
		R: bytes.NewReader(data), ImageFormat: format, Sources: imagemeta.EXIF,
		ShouldHandleTag: func(t imagemeta.TagInfo) bool { return t.Tag == "Orientation" && t.Namespace == "IFD0" },
		HandleTag: func(t imagemeta.TagInfo) error {
			if n, ok := t.Value.(uint16); ok && n >= 1 && n <= 8 {
				turn = int(n)
			}
			return imagemeta.ErrStopWalking
		},
	})
	return turn
}

// scaled returns a picture on white whose longer side is at most side. It halves
// until less than half is left to go: that way each pixel of the original counts
// in the result, which keeps the writing on scanned paper.
func scaled(m image.Image, side int) *image.RGBA {
	b := m.Bounds()
	w, h := b.Dx(), b.Dy()
	if longer := max(w, h); longer > side {
		w, h = max(1, w*side/longer), max(1, h*side/longer)
	}
	for b.Dx() >= 2*w && b.Dy() >= 2*h && (b.Dx() > w || b.Dy() > h) {
		half := onWhite(b.Dx()/2, b.Dy()/2)
		draw.ApproxBiLinear.Scale(half, half.Bounds(), m, b, draw.Over, nil)
		m, b = half, half.Bounds()
	}
	if done, ok := m.(*image.RGBA); ok && b.Dx() == w && b.Dy() == h && done.Opaque() {
		return done
	}
	result := onWhite(w, h)
	draw.ApproxBiLinear.Scale(result, result.Bounds(), m, b, draw.Over, nil)
	return result
}

func onWhite(w, h int) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(m, m.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	return m
}

// upright turns a picture that was taken with the camera held otherwise.
func upright(m *image.RGBA, orientation int) *image.RGBA {
	if orientation == 1 {
		return m
	}
	w, h := m.Rect.Dx(), m.Rect.Dy()
	size := image.Rect(0, 0, w, h)
	if orientation > 4 {
		size = image.Rect(0, 0, h, w)
	}
	turned := image.NewRGBA(size)
	for y := range size.Dy() {
		for x := range size.Dx() {
			var from image.Point
			switch orientation {
			case 2:
				from = image.Pt(w-1-x, y)
			case 3:
				from = image.Pt(w-1-x, h-1-y)
			case 4:
				from = image.Pt(x, h-1-y)
			case 5:
				from = image.Pt(y, x)
			case 6:
				from = image.Pt(y, h-1-x)
			case 7:
				from = image.Pt(w-1-y, h-1-x)
			case 8:
				from = image.Pt(w-1-y, x)
			}
			copy(turned.Pix[turned.PixOffset(x, y):][:4], m.Pix[m.PixOffset(from.X, from.Y):][:4])
		}
	}
	return turned
}
