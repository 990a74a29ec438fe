// Package attachmenttest makes small pictures and files for tests. All of them
// are made up.
package attachmenttest

import (
	"archive/zip"
	"bytes"
	_ "embed" // two pictures that Go cannot write
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"slices"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// HEIC is a picture of 96 × 64 pixels in four colours, red at its upper left.
//
//go:embed blocks.heic
var HEIC []byte

// HEICBomb is a picture of 12,000 × 9,000 pixels in 23 KB.
//
//go:embed bomb.heic
var HEICBomb []byte

// Place stands in the metadata of what has any.
const Place = "N31.2304E121.4737-SECRET-PLACE"

// Blocks is a picture in four colours, red at its upper left.
func Blocks(w, h int) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.RGBA{200, 30, 30, 255}
			if x >= w/2 {
				c = color.RGBA{30, 160, 60, 255}
			}
			if y >= h/2 {
				c.B += 90
			}
			m.SetRGBA(x, y, c)
		}
	}
	return m
}

// JPEG is such a picture without metadata.
func JPEG(w, h int) []byte {
	var b bytes.Buffer
	must(jpeg.Encode(&b, Blocks(w, h), nil))
	return b.Bytes()
}

// PNG is such a picture as PNG.
func PNG(w, h int) []byte {
	var b bytes.Buffer
	must(png.Encode(&b, Blocks(w, h)))
	return b.Bytes()
}

// PNGBomb has a header of 60,000 × 60,000 pixels and next to nothing behind it.
func PNGBomb() []byte {
	head := slices.Concat([]byte("IHDR"), be32(60_000), be32(60_000), []byte{8, 2, 0, 0, 0})
	return slices.Concat([]byte("\x89PNG\r\n\x1a\n"), be32(13), head, be32(int(crc32.ChecksumIEEE(head))), be32(0), []byte("IEND"), be32(int(crc32.ChecksumIEEE([]byte("IEND")))))
}

// Photo is a JPEG as a telephone makes it: taken upright with the sensor lying
// (orientation 6), with the place in EXIF, and Place in EXIF, XMP and a
// comment.
func Photo(w, h int) []byte {
	plain := JPEG(w, h)
	segment := func(marker byte, content []byte) []byte {
		return slices.Concat([]byte{0xff, marker}, be16(len(content)+2), content)
	}
	return slices.Concat(plain[:2],
		segment(0xe1, slices.Concat([]byte("Exif\x00\x00"), exif())),
		segment(0xe1, []byte("http://ns.adobe.com/xap/1.0/\x00<x:xmpmeta>"+Place+"</x:xmpmeta>")),
		segment(0xfe, []byte(Place)), plain[2:])
}

// exif is a TIFF structure with the orientation, a description, and a position.
func exif() []byte {
	entry := func(tag, kind, count int, value []byte) []byte {
		return slices.Concat(be16(tag), be16(kind), be32(count), value)
	}
	const first, gps = 8, 8 + 2 + 3*12 + 4
	const text = gps + 2 + 4*12 + 4
	secret := append([]byte(Place), 0)
	degrees := slices.Concat(be32(31), be32(1), be32(13), be32(1), be32(49), be32(1))
	return slices.Concat([]byte("MM\x00\x2a"), be32(first),
		be16(3), entry(0x010e, 2, len(secret), be32(text)), entry(0x0112, 3, 1, []byte{0, 6, 0, 0}), entry(0x8825, 4, 1, be32(gps)), be32(0),
		be16(4), entry(1, 2, 2, []byte("N\x00\x00\x00")), entry(2, 5, 3, be32(text+len(secret))),
		entry(3, 2, 2, []byte("E\x00\x00\x00")), entry(4, 5, 3, be32(text+len(secret))), be32(0),
		secret, degrees)
}

// PDF is an empty page.
func PDF() []byte {
	return []byte("%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n" +
		"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n")
}

// Part is one part of an archive.
type Part struct {
	Name    string
	Content []byte
}

// Zip is an archive of parts.
func Zip(parts ...Part) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, p := range parts {
		w, err := z.Create(p.Name)
		must(err)
		_, err = w.Write(p.Content)
		must(err)
	}
	must(z.Close())
	return b.Bytes()
}

// Office is a document whose main part is of a type such as
// "wordprocessingml.document", with more parts besides.
func Office(main string, more ...Part) []byte {
	types := `<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">` +
		`<Default Extension="xml" ContentType="application/xml"/>` +
		`<Override PartName="/main.xml" ContentType="application/vnd.openxmlformats-officedocument.` + main + `.main+xml"/></Types>`
	return Zip(append([]Part{{"[Content_Types].xml", []byte(types)}, {"main.xml", []byte("<main/>")}}, more...)...)
}

// DOCX is an empty text.
func DOCX() []byte { return Office("wordprocessingml.document") }

// XLSX is an empty spreadsheet.
func XLSX() []byte { return Office("spreadsheetml.sheet") }

// CSV is a table in UTF-8.
func CSV() []byte {
	return []byte("姓名,界别\n买买提·吐尔逊,农业界\n扎西卓玛,教育界\n")
}

// GBK is the same table in GBK, without the dot that GBK lacks.
func GBK() []byte {
	b, err := simplifiedchinese.GBK.NewEncoder().Bytes(CSV())
	must(err)
	return b
}

// MP3 is a fifth of a second of silence.
func MP3() []byte {
	frame := make([]byte, 417) // MPEG-1 layer III, 128 kbit/s, 44.1 kHz
	copy(frame, []byte{0xff, 0xfb, 0x90, 0x64})
	return bytes.Repeat(frame, 8)
}

// Box is a box of an MP4.
func Box(kind string, content ...[]byte) []byte {
	inside := slices.Concat(content...)
	return slices.Concat(be32(8+len(inside)), []byte(kind), inside)
}

// MP4 is a movie with a track of a kind ("vide" or "soun"), with Place in its
// user data. It shows nothing.
func MP4(handler string) []byte {
	track := Box("trak", Box("mdia", Box("hdlr", make([]byte, 8), []byte(handler), make([]byte, 13))))
	place := Box("udta", Box("\xa9xyz", be16(len(Place)), be16(0x15c7), []byte(Place)))
	return slices.Concat(Box("ftyp", []byte("isom\x00\x00\x02\x00isommp42")),
		Box("moov", Box("mvhd", make([]byte, 100)), track, place), Box("mdat", make([]byte, 64)))
}

// M4A is sound alone, as a telephone records it.
func M4A() []byte {
	b := MP4("soun")
	copy(b[8:], "M4A ")
	return b
}

func be16(n int) []byte { return binary.BigEndian.AppendUint16(nil, uint16(n)) }
func be32(n int) []byte { return binary.BigEndian.AppendUint32(nil, uint32(n)) }

func must(err error) {
	if err != nil {
		panic(fmt.Sprintf("make a sample: %v", err))
	}
}
