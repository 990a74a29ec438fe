// Package heif decodes HEIC pictures, as telephones of Apple make them, without
// C in the process: libheif 1.18.2 and libde265 1.0.15, compiled to
// WebAssembly, run by wazero. What a hostile picture could break in those
// libraries, it breaks in a sandbox that has a bounded memory of its own, no
// files and no network.
//
// The module heif.wasm.gz is the one of github.com/gen2brain/heic v0.4.5
// (SHA-256 3634a644…, see the test), which builds it from the sources that its
// Makefile names; the licences stand beside it (LGPL-3.0 for the two libraries,
// MIT for the glue). That module's own Go package is not used: it looks for a C
// library on the machine first, which would take hostile pictures in without a
// sandbox, and it makes the program depend on a dynamic loader, which the image
// does not have.
//
// Cost: 250 KB in the program, about half a second at the first picture of a
// process to compile the module, then about half a second of one core for each
// million pixels. (To let wazero break off a running module would make it
// threefold; so a picture that takes too long is given up, and its slot comes
// back when it ends.)
package heif

import (
	"bytes"
	"compress/gzip"
	"context"
	_ "embed" // the module
	"errors"
	"fmt"
	"image"
	"io"
	"sync"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
)

//go:embed heif.wasm.gz
var compressed []byte

// ErrPicture is the error of bytes that are no picture which the module knows,
// that are broken, or that ask for more memory than is given.
var ErrPicture = errors.New("heif: not a picture that can be decoded")

// page is the unit of a module's memory, in bytes.
const page = 64 << 10

// Decoder decodes pictures. It is safe for use by many goroutines; each picture
// has a memory of its own.
type Decoder struct {
	pages   uint32
	slots   chan struct{}
	compile func() (*machine, error)
}

type machine struct {
	runtime wazero.Runtime
	code    wazero.CompiledModule
}

// New returns a decoder whose pictures have at most memory bytes each (rounded
// to 64 KB, at most 4 GB), and which decodes at most slots at once. The module
// is compiled at the first picture.
func New(memory int64, slots int) *Decoder {
	d := &Decoder{pages: uint32(min(max(memory/page, 1), 65536)), slots: make(chan struct{}, slots)}
	d.compile = sync.OnceValues(d.build)
	return d
}

func (d *Decoder) build() (*machine, error) {
	ctx := context.Background() // it outlives the request that needs it first
	unpacked, err := gzip.NewReader(bytes.NewReader(compressed))
	if err != nil {
		return nil, fmt.Errorf("heif: unpack the module: %w", err)
	}
	code, err := io.ReadAll(unpacked)
	if err != nil {
		return nil, fmt.Errorf("heif: unpack the module: %w", err)
	}
	m := &machine{runtime: wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfig().
		WithMemoryLimitPages(d.pages))}
	if _, err := wasi_snapshot_preview1.Instantiate(ctx, m.runtime); err != nil {
		return nil, fmt.Errorf("heif: %w", err)
	}
	if m.code, err = m.runtime.CompileModule(ctx, code); err != nil {
		return nil, fmt.Errorf("heif: compile the module: %w", err)
	}
	return m, nil
}

// Config returns the width and height of a picture in pixels, as its header
// tells them and as Decode returns it: turned upright. Nothing is decoded.
func (d *Decoder) Config(ctx context.Context, data []byte) (width, height int, err error) {
	result := make(chan info, 1) // not a variable: what was given up may still write
	err = d.with(ctx, data, func(c *call) error {
		result <- c.info
		return nil
	})
	if err != nil {
		return 0, 0, err
	}
	i := <-result
	return int(i.width), int(i.height), nil
}

// Decode returns the picture itself, turned upright, as *image.YCbCr,
// *image.Gray, *image.NRGBA or *image.RGBA. The caller has looked at its Config
// before. When ctx ends, Decode returns its error; what runs in the module runs
// on, and keeps its slot until it is done.
func (d *Decoder) Decode(ctx context.Context, data []byte) (image.Image, error) {
	result := make(chan image.Image, 1)
	err := d.with(ctx, data, func(c *call) error {
		picture, err := c.decode(ctx)
		result <- picture
		return err
	})
	if err != nil {
		return nil, err
	}
	return <-result, nil
}

// call is one picture in a module's memory.
type call struct {
	module     api.Module
	data, size uint64
	fields     uint64 // address of five words that decode fills
	most       int    // bytes of memory
	info       info
}

type info struct{ width, height, space, chroma, premultiplied uint32 }

// What libheif calls the forms of pixels.
const (
	spaceYCbCr, spaceRGB, spaceGray = 0, 1, 2
	chroma420, chroma422, chroma444 = 1, 2, 3
)

// with waits for a slot, puts a picture into a new module, reads its header, and
// hands it on. Whatever goes wrong inside is ErrPicture, except that ctx ends.
func (d *Decoder) with(ctx context.Context, data []byte, use func(*call) error) error {
	m, err := d.compile()
	if err != nil {
		return err
	}
	select {
	case d.slots <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	done := make(chan error, 1)
	go func() {
		defer func() { <-d.slots }()
		done <- d.inside(context.WithoutCancel(ctx), m, data, use)
	}()
	select {
	case err = <-done:
	case <-ctx.Done():
		return ctx.Err()
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrPicture, err)
	}
	return nil
}

func (d *Decoder) inside(ctx context.Context, m *machine, data []byte, use func(*call) error) (err error) {
	module, err := m.runtime.InstantiateModule(ctx, m.code, wazero.NewModuleConfig().WithName(""))
	if err != nil {
		return err
	}
	defer func() { _ = module.Close(ctx) }()
	c := &call{module: module, size: uint64(len(data)), most: int(d.pages) * page}
	if c.data, err = c.alloc(ctx, c.size); err != nil {
		return err
	}
	if !module.Memory().Write(uint32(c.data), data) {
		return ErrPicture
	}
	if c.fields, err = c.alloc(ctx, 20); err != nil {
		return err
	}
	if err := c.run(ctx, true, 0); err != nil {
		return err
	}
	return use(c)
}

func (c *call) alloc(ctx context.Context, size uint64) (uint64, error) {
	r, err := c.module.ExportedFunction("malloc").Call(ctx, size)
	if err != nil {
		return 0, err
	}
	if r[0] == 0 {
		return 0, ErrPicture
	}
	return r[0], nil
}

// run calls decode: for the header alone, or for the pixels, which it writes at
// out.
func (c *call) run(ctx context.Context, header bool, out uint64) error {
	flag := uint64(0)
	if header {
		flag = 1
	}
	r, err := c.module.ExportedFunction("decode").Call(ctx, c.data, c.size, flag, c.fields, c.fields+4, c.fields+8, c.fields+12, c.fields+16, out)
	if err != nil {
		return err
	}
	if r[0] == 0 {
		return ErrPicture
	}
	var words [5]uint32
	for i := range words {
		var ok bool
		if words[i], ok = c.module.Memory().ReadUint32Le(uint32(c.fields) + uint32(4*i)); !ok {
			return ErrPicture
		}
	}
	c.info = info{words[0], words[1], words[2], words[3], words[4]}
	return nil
}

// aligned is how many bytes libheif gives a row of n pixels of some bytes each:
// of 64 pixels at least, and a multiple of 16.
func aligned(n, bytes int) int { return (max((n+1)&^1, 64)*bytes + 15) &^ 15 }

func (c *call) decode(ctx context.Context) (image.Image, error) {
	const most = 1 << 16 // beyond it a size in bytes would not fit the module's memory in any case
	before := c.info
	if before.width == 0 || before.height == 0 || before.width > most || before.height > most {
		return nil, ErrPicture
	}
	frame := image.Rect(0, 0, int(before.width), int(before.height))
	l, err := layoutOf(frame, before)
	if err != nil {
		return nil, err
	}
	if l.size > c.most { // no need to ask the module
		return nil, ErrPicture
	}
	out, err := c.alloc(ctx, uint64(l.size))
	if err != nil {
		return nil, err
	}
	if err := c.run(ctx, false, out); err != nil {
		return nil, err
	}
	if c.info != before {
		return nil, ErrPicture
	}
	pixels, ok := c.module.Memory().Read(uint32(out), uint32(l.size))
	if !ok {
		return nil, ErrPicture
	}
	return l.picture(frame, before, bytes.Clone(pixels)), nil // the module's memory ends with it
}

// layout says where the planes of a picture lie.
type layout struct {
	size, stride, chromaStride, cb, cr int
	ratio                              image.YCbCrSubsampleRatio
}

func layoutOf(frame image.Rectangle, i info) (layout, error) {
	w, h := frame.Dx(), frame.Dy()
	switch i.space {
	case spaceGray:
		return layout{size: aligned(w, 1) * h, stride: aligned(w, 1)}, nil
	case spaceRGB:
		return layout{size: aligned(w, 4) * h, stride: aligned(w, 4)}, nil
	case spaceYCbCr:
	default:
		return layout{}, fmt.Errorf("unknown colour space %d", i.space)
	}
	l, cw, ch := layout{stride: aligned(w, 1)}, (w+1)/2, h
	switch i.chroma {
	case chroma420:
		l.ratio, ch = image.YCbCrSubsampleRatio420, (h+1)/2
	case chroma422:
		l.ratio = image.YCbCrSubsampleRatio422
	case chroma444:
		l.ratio, cw = image.YCbCrSubsampleRatio444, w
	default:
		return layout{}, fmt.Errorf("unknown chroma %d", i.chroma)
	}
	l.chromaStride = aligned(cw, 1)
	l.cb = l.stride * h
	l.cr = l.cb + l.chromaStride*ch
	l.size = l.cr + l.chromaStride*ch
	return l, nil
}

func (l layout) picture(frame image.Rectangle, i info, p []byte) image.Image {
	switch {
	case i.space == spaceGray:
		return &image.Gray{Pix: p, Stride: l.stride, Rect: frame}
	case i.space == spaceRGB && i.premultiplied == 1:
		return &image.RGBA{Pix: p, Stride: l.stride, Rect: frame}
	case i.space == spaceRGB:
		return &image.NRGBA{Pix: p, Stride: l.stride, Rect: frame}
	}
	return &image.YCbCr{
		Y: p[:l.cb:l.cb], Cb: p[l.cb:l.cr:l.cr], Cr: p[l.cr:], YStride: l.stride, CStride: l.chromaStride, SubsampleRatio: l.ratio, Rect: frame,
	}
}
