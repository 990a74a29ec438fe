package attachment

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"

	"github.com/gabriel-vasile/mimetype"
)

// sniffed is how much of a content is looked at to tell what it is, in bytes.
const sniffed = 3072

// content is what an upload turned out to be, ready to be kept.
type content struct {
	sort          Sort
	mediaType     string
	data          io.ReadSeeker // what is kept
	thumbnail     []byte        // of a picture
	width, height int           // of a picture, as it is kept
}

// examine finds out by its content what was uploaded, and refuses what is none
// of our types, what is broken, and what would be something else to somebody
// who opens it otherwise.
func (s *Service) examine(ctx context.Context, f *os.File, size int64) (content, error) {
	head := make([]byte, sniffed)
	n, err := f.ReadAt(head, 0)
	if err != nil && err != io.EOF { //nolint:errorlint // ReadAt returns it as it is
		return content{}, fmt.Errorf("read an upload: %w", err)
	}
	head = head[:n]
	found := mimetype.Detect(head)
	is := func(types ...string) bool { return mimetype.EqualsAny(found.String(), types...) }
	limit := s.limits.MaxFile
	picture := is("image/jpeg", "image/png", "image/heic", "image/heif")
	if picture {
		limit = s.limits.MaxPicture
	}
	if size > limit {
		return content{}, tooLarge(limit)
	}
	if picture {
		return s.picture(ctx, f, found.String())
	}
	mediaType := ""
	switch {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		mediaType, err = ooxml(f, size)
		return content{sort: File, mediaType: mediaType, data: f}, err
	case bytes.HasPrefix(head, []byte("%PDF-")):
		mediaType, err = PDF, checkPDF(f, size)
	case is("audio/mpeg"):
		mediaType, err = MP3, checkMP3(f, size)
	case is("video/mp4", "audio/mp4", "audio/x-m4a", "video/x-m4v", "video/3gpp", "audio/3gpp"):
		mediaType, err = checkMP4(f, size)
	case is("text/plain", "text/csv", "text/tab-separated-values"):
		mediaType, err = CSV, checkCSV(f, size)
	default:
		err = ErrType
	}
	if err == nil {
		err = refuseZip(f, size)
	}
	return content{sort: File, mediaType: mediaType, data: f}, err
}

// tooLarge is ErrTooLarge with the limit in it.
func tooLarge(limit int64) error {
	return ErrTooLarge.Saying(fmt.Sprintf("文件太大了，最多%s，请压缩后再传。", megabytes(limit)))
}

func megabytes(n int64) string {
	if n < 1<<20 {
		return fmt.Sprintf("%dKB", n>>10)
	}
	return fmt.Sprintf("%dMB", n>>20)
}
