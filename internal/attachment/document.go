package attachment

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"encoding/csv"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/transform"
)

// What a document of the Office formats may hold. A text of a thousand pages
// has some hundred parts and 30 MB; a large spreadsheet 100 MB.
const (
	maxParts    = 4000
	maxEntry    = 400 // bytes of the directory for one part, on the average
	maxExpanded = 200 << 20
	maxTypes    = 1 << 20 // of the list of parts, in bytes
)

// ooxml looks through a document of Office Open XML (ISO/IEC 29500-2): an
// archive that is nothing else, whose parts are not too many and not too large
// when they are unpacked, that is by its own list of parts a text or a
// spreadsheet, and that has no macros.
func ooxml(f io.ReaderAt, size int64) (mediaType string, err error) {
	// The directory is looked at before it is read: it lies just before the end,
	// and is no longer than it may be.
	end, ok := archiveOf(f, size)
	switch {
	case !ok, end.offset+end.size != end.at:
		return "", ErrBroken
	case end.parts > maxParts, end.size > maxParts*maxEntry:
		return "", ErrExpands
	}
	z, err := zip.NewReader(f, size)
	if err != nil || len(z.File) > maxParts {
		return "", ErrBroken
	}
	names, types, left := map[string]bool{}, []byte(nil), int64(maxExpanded)
	for _, part := range z.File {
		name := strings.ToLower(strings.ReplaceAll(part.Name, `\`, "/"))
		if names[name] || strings.HasPrefix(name, "/") || strings.Contains("/"+name+"/", "/../") || part.Flags&1 != 0 {
			return "", ErrBroken // two parts of one name: which one is read depends on the reader; or encrypted
		}
		names[name] = true
		if macro(name) {
			return "", ErrMacro
		}
		n, head, err := unpack(part, left, name == "[content_types].xml")
		if err != nil {
			return "", err
		}
		left -= n
		if head != nil {
			types = head
		}
	}
	return typeOf(types)
}

// macro reports whether a part holds a program: of VBA, or of the older macros
// of Excel.
func macro(name string) bool {
	base := name[strings.LastIndexByte(name, '/')+1:]
	return strings.HasPrefix(base, "vbaproject") || strings.HasPrefix(base, "vbadata") || strings.Contains(name, "/macrosheets/")
}

// unpack counts what a part really unpacks to: what the archive says of it may
// be a lie. It returns the part itself where it is wanted.
func unpack(part *zip.File, limit int64, wanted bool) (int64, []byte, error) {
	if part.UncompressedSize64 > uint64(limit) || wanted && part.UncompressedSize64 > maxTypes {
		return 0, nil, ErrExpands
	}
	r, err := part.Open()
	if err != nil {
		return 0, nil, ErrBroken
	}
	defer func() { _ = r.Close() }()
	var kept bytes.Buffer
	to := io.Discard
	if wanted {
		to = &kept
	}
	n, err := io.Copy(to, io.LimitReader(r, limit+1))
	switch {
	case n > limit:
		return 0, nil, ErrExpands
	case err != nil:
		return 0, nil, ErrBroken
	case !wanted:
		return n, nil, nil
	}
	return n, kept.Bytes(), nil
}

// typeOf tells by the list of parts what the main part is.
func typeOf(list []byte) (string, error) {
	var types struct {
		Overrides []struct {
			PartName    string `xml:"PartName,attr"`
			ContentType string `xml:"ContentType,attr"`
		} `xml:"Override"`
		Defaults []struct {
			ContentType string `xml:"ContentType,attr"`
		} `xml:"Default"`
	}
	if list == nil {
		return "", ErrType // an archive like any other
	}
	if err := xml.Unmarshal(list, &types); err != nil {
		return "", ErrBroken
	}
	found := ""
	for _, o := range types.Overrides {
		switch t := strings.ToLower(o.ContentType); {
		case strings.Contains(t, "macroenabled"), strings.Contains(t, "vbaproject"), strings.Contains(t, "macrosheet"):
			return "", ErrMacro
		case strings.HasSuffix(t, ".wordprocessingml.document.main+xml"):
			found += DOCX
		case strings.HasSuffix(t, ".spreadsheetml.sheet.main+xml"):
			found += XLSX
		}
	}
	for _, d := range types.Defaults {
		if t := strings.ToLower(d.ContentType); strings.Contains(t, "macroenabled") || strings.Contains(t, "vbaproject") {
			return "", ErrMacro
		}
	}
	if found != DOCX && found != XLSX { // none, or two at once
		return "", ErrType
	}
	return found, nil
}

// The end of an archive (APPNOTE.TXT, 4.3.16): a signature, 18 bytes with the
// length of the comment in the last two, the comment.
const (
	zipEnd        = "PK\x05\x06"
	zipEndSize    = 22
	maxZipComment = 1<<16 - 1
)

// archive is what the end of an archive says of it.
type archive struct {
	at, parts, offset, size int64 // of the end itself; of the directory
}

// archiveOf finds the end of an archive as one finds it who reads the content
// from its end, as such programs do. Its comment ends where the content does.
func archiveOf(f io.ReaderAt, size int64) (archive, bool) {
	tail := make([]byte, min(size, zipEndSize+maxZipComment))
	if _, err := f.ReadAt(tail, size-int64(len(tail))); err != nil && !errors.Is(err, io.EOF) {
		return archive{}, false
	}
	for at := len(tail); ; {
		if at = bytes.LastIndex(tail[:at], []byte(zipEnd)); at < 0 {
			return archive{}, false
		}
		end := tail[at:]
		if len(end) < zipEndSize || len(end)-zipEndSize != int(binary.LittleEndian.Uint16(end[20:])) {
			continue
		}
		return archive{
			at: size - int64(len(end)), parts: int64(binary.LittleEndian.Uint16(end[10:])),
			size: int64(binary.LittleEndian.Uint32(end[12:])), offset: int64(binary.LittleEndian.Uint32(end[16:])),
		}, true
	}
}

// refuseZip refuses what is also an archive.
func refuseZip(f io.ReaderAt, size int64) error {
	if _, is := archiveOf(f, size); is {
		return ErrBroken
	}
	return nil
}

// checkPDF looks for the end of a PDF (ISO 32000-1, 7.5.5): readers want it
// within the last 1,024 bytes.
func checkPDF(f io.ReaderAt, size int64) error {
	tail := make([]byte, min(size, 1024))
	if _, err := f.ReadAt(tail, size-int64(len(tail))); err != nil && !errors.Is(err, io.EOF) {
		return ErrBroken
	}
	at := bytes.LastIndex(tail, []byte("%%EOF"))
	if at < 0 || len(bytes.Trim(tail[at+5:], "\x00\t\r\n ")) > 0 {
		return ErrBroken
	}
	return nil
}

// maxCells bounds a row of a spreadsheet as text.
const maxCells = 1000

// checkCSV holds that a content is a table as text, in UTF-8 or in GBK (as
// GB 18030, which has both): no control characters but tabs and line ends, and
// readable rows.
func checkCSV(f io.ReaderAt, size int64) error {
	text, err := utf8Of(io.NewSectionReader(f, 0, size))
	if err != nil {
		return err
	}
	rows := csv.NewReader(text)
	rows.FieldsPerRecord, rows.LazyQuotes, rows.ReuseRecord = -1, true, true
	for {
		row, err := rows.Read()
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			return ErrBroken
		case len(row) > maxCells:
			return ErrType
		}
		for _, cell := range row {
			if strings.ContainsFunc(cell, func(r rune) bool {
				return r == utf8.RuneError || unicode.IsControl(r) && r != '\t' && r != '\n' && r != '\r'
			}) {
				return ErrType
			}
		}
	}
}

// utf8Of returns a text in UTF-8, whatever of the two it comes in.
func utf8Of(r io.ReadSeeker) (io.Reader, error) {
	plain, err := isUTF8(r)
	if err != nil {
		return nil, ErrBroken
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return nil, ErrBroken
	}
	if plain {
		return r, nil
	}
	return transform.NewReader(r, simplifiedchinese.GB18030.NewDecoder()), nil
}

func isUTF8(r io.Reader) (bool, error) {
	buffer, kept := make([]byte, 64<<10), 0
	for {
		n, err := r.Read(buffer[kept:])
		n += kept
		kept = 0
		for kept < n && kept < utf8.UTFMax-1 && !utf8.Valid(buffer[:n-kept]) {
			kept++ // a character that is cut at the end of the buffer
		}
		if !utf8.Valid(buffer[:n-kept]) {
			return false, nil
		}
		copy(buffer, buffer[n-kept:n])
		switch {
		case err == io.EOF:
			return kept == 0, nil
		case err != nil:
			return false, err
		}
	}
}
