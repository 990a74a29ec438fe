package attachment

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"slices"
)

// maxBoxes bounds the boxes of an MP4 that are looked at.
const maxBoxes = 10_000

// box is one box of an MP4 (ISO/IEC 14496-12, 4.2).
type box struct {
	kind       string
	at         int64 // of its header
	start, end int64 // of what it holds
}

// boxes lists the boxes between two places. They fill it without a gap.
func boxes(f io.ReaderAt, start, end int64, left *int) ([]box, error) {
	var list []box
	for at := start; at < end; {
		if *left--; *left < 0 {
			return nil, ErrBroken
		}
		header := make([]byte, 16)
		n, err := f.ReadAt(header, at)
		if n < 8 || err != nil && !errors.Is(err, io.EOF) {
			return nil, ErrBroken
		}
		b := box{kind: string(header[4:8]), at: at, start: at + 8, end: at + int64(binary.BigEndian.Uint32(header))}
		switch b.end - at {
		case 0: // until the end
			b.end = end
		case 1: // a long one
			long := binary.BigEndian.Uint64(header[8:])
			if n < 16 || long > uint64(end-at) {
				return nil, ErrBroken
			}
			b.start, b.end = at+16, at+int64(long)
		}
		if b.end < b.start || b.end > end {
			return nil, ErrBroken
		}
		list = append(list, b)
		at = b.end
	}
	return list, nil
}

// file is what checkMP4 reads, and writes over.
type file interface {
	io.ReaderAt
	io.WriterAt
}

// checkMP4 walks through the boxes of an MP4, which must fill the content, and
// tells sound from video by its tracks. What people do not know that they give
// away with it (the place where it was recorded, the telephone, comments) is
// blanked in place: boxes of user data and metadata become free space.
func checkMP4(f file, size int64) (mediaType string, err error) {
	left := maxBoxes
	top, err := boxes(f, 0, size, &left)
	if err != nil {
		return "", err
	}
	if len(top) == 0 || top[0].kind != "ftyp" || !has(top, "moov") || !has(top, "mdat") {
		return "", ErrBroken
	}
	var personal []box
	video, sound := false, false
	for _, b := range top {
		switch b.kind {
		case "udta", "meta", "uuid":
			personal = append(personal, b)
		case "moov":
			handlers, more, err := walkMovie(f, b, &left)
			if err != nil {
				return "", err
			}
			personal = append(personal, more...)
			video, sound = video || slices.Contains(handlers, "vide"), sound || slices.Contains(handlers, "soun")
		}
	}
	for _, b := range personal {
		if err := blank(f, b); err != nil {
			return "", err
		}
	}
	switch {
	case video:
		return MP4, nil
	case sound:
		return M4A, nil
	default:
		return "", ErrBroken
	}
}

func has(list []box, kind string) bool {
	return slices.ContainsFunc(list, func(b box) bool { return b.kind == kind })
}

// walkMovie returns the kinds of the tracks of a movie, and the boxes in it that
// hold personal data.
func walkMovie(f io.ReaderAt, movie box, left *int) (handlers []string, personal []box, err error) {
	list, err := boxes(f, movie.start, movie.end, left)
	if err != nil {
		return nil, nil, err
	}
	for _, b := range list {
		switch b.kind {
		case "udta", "meta", "uuid":
			personal = append(personal, b)
		case "trak", "mdia":
			h, p, err := walkMovie(f, b, left)
			if err != nil {
				return nil, nil, err
			}
			handlers, personal = append(handlers, h...), append(personal, p...)
		case "hdlr":
			kind := make([]byte, 4)
			if b.end-b.start < 12 {
				return nil, nil, ErrBroken
			}
			if _, err := f.ReadAt(kind, b.start+8); err != nil {
				return nil, nil, ErrBroken
			}
			handlers = append(handlers, string(kind))
		}
	}
	return handlers, personal, nil
}

// blank turns a box into free space of the same length, so that nothing else
// moves.
func blank(f file, b box) error {
	if _, err := f.WriteAt([]byte("free"), b.at+4); err != nil {
		return err
	}
	zeros := make([]byte, 32<<10)
	for at := b.start; at < b.end; {
		n, err := f.WriteAt(zeros[:min(int64(len(zeros)), b.end-at)], at)
		if err != nil {
			return err
		}
		at += int64(n)
	}
	return nil
}

// checkMP3 wants three frames of MPEG sound that follow each other, after the
// tag that may stand before them (ID3v2).
func checkMP3(f io.ReaderAt, size int64) error {
	header := make([]byte, 10)
	if _, err := f.ReadAt(header, 0); err != nil {
		return ErrBroken
	}
	at := int64(0)
	if bytes.HasPrefix(header, []byte("ID3")) {
		at = 10
		for i, b := range header[6:10] {
			at += int64(b&0x7f) << (7 * (3 - i))
		}
	}
	// Some encoders leave zeros between the tag and the first frame.
	pad := make([]byte, 4096)
	n, err := f.ReadAt(pad, at)
	if err != nil && !errors.Is(err, io.EOF) {
		return ErrBroken
	}
	at += int64(n - len(bytes.TrimLeft(pad[:n], "\x00")))
	for range 3 {
		if _, err := f.ReadAt(header[:4], at); err != nil {
			return ErrBroken
		}
		length := frame(binary.BigEndian.Uint32(header))
		if length == 0 {
			return ErrBroken
		}
		at += length
	}
	if at > size {
		return ErrBroken
	}
	return nil
}

// frame returns the length of a frame of layer III by its header (ISO/IEC
// 11172-3, 2.4.1.3, and 13818-3 for the lower rates), 0 where it is none.
func frame(header uint32) int64 {
	version, layer := header>>19&3, header>>17&3
	rate, sampling, padding := header>>12&15, header>>10&3, int64(header>>9&1)
	if header>>21 != 0x7ff || version == 1 || layer != 1 || rate == 0 || rate == 15 || sampling == 3 {
		return 0
	}
	rates := [2][15]int64{
		{0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160},
		{0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320},
	}
	hertz := []int64{44100, 48000, 32000}[sampling]
	switch version {
	case 3:
		return 144_000*rates[1][rate]/hertz + padding
	case 2:
		hertz /= 2
	case 0:
		hertz /= 4
	}
	return 72_000*rates[0][rate]/hertz + padding
}
