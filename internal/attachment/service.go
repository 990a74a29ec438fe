package attachment

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"runtime"
	"time"

	"golang.org/x/sync/semaphore"
	"gorm.io/gorm"

	"yanlu/internal/attachment/heif"
	"yanlu/internal/member"
	"yanlu/internal/seal"
	"yanlu/internal/store"
)

// Service takes pictures and files in and gives them out.
type Service struct {
	db     *store.DB
	bucket *Bucket
	keeper *seal.Keeper
	limits Limits
	now    func() time.Time
	memory *semaphore.Weighted // bytes of pictures that are being decoded
	heif   *heif.Decoder

	onRefer []func(tx *store.Tx, a member.Actor, ids []string, r Reference)
}

// New returns the service.
func New(db *store.DB, bucket *Bucket, keeper *seal.Keeper, limits Limits, now func() time.Time) *Service {
	memory := int64(max(limits.MaxPixels, 1)) * perPixel
	return &Service{
		db: db, bucket: bucket, keeper: keeper, limits: limits, now: now,
		memory: semaphore.NewWeighted(memory), heif: heif.New(64<<20+memory, max(1, runtime.GOMAXPROCS(0)/2)),
	}
}

// MaxUpload is the largest upload of any sort, in bytes.
func (s *Service) MaxUpload() int64 { return max(s.limits.MaxPicture, s.limits.MaxFile) }

// Taken is an upload whose content lies in the bucket, with no row yet.
type Taken struct {
	Attachment Attachment
	// Sum is the SHA-256 of what came, in hexadecimal digits: the same upload
	// sent again has the same.
	Sum string
}

// Call gives an upload the name by which the client calls it, made safe.
func (t *Taken) Call(name string) { t.Attachment.Name = safeName(name, t.Attachment.MediaType) }

// Take reads an upload to its end, examines it, and writes what is to be kept
// into the bucket. An error of body is returned as it is, and nothing is left
// then.
func (s *Service) Take(ctx context.Context, a member.Actor, body io.Reader) (*Taken, error) {
	if err := s.room(ctx, s.db, a); err != nil {
		return nil, err
	}
	f, drop, err := s.bucket.scratch()
	if err != nil {
		return nil, fmt.Errorf("take an upload: %w", err)
	}
	defer drop()
	sum := sha256.New()
	size, err := io.Copy(io.MultiWriter(f, sum), io.LimitReader(body, s.MaxUpload()+1))
	switch {
	case err != nil:
		return nil, err
	case size > s.MaxUpload():
		return nil, tooLarge(s.MaxUpload())
	case size == 0:
		return nil, ErrEmpty
	}
	c, err := s.examine(ctx, f, size)
	if err != nil {
		return nil, err
	}
	t := &Taken{Sum: hex.EncodeToString(sum.Sum(nil)), Attachment: Attachment{
		ID: store.NewID(), InstitutionID: a.InstitutionID, UploaderID: &a.PersonID, Sort: c.sort, MediaType: c.mediaType,
		Name: safeName("", c.mediaType), Width: c.width, Height: c.height, CreatedAt: s.now(),
	}}
	if err := s.write(ctx, &t.Attachment, c); err != nil {
		return nil, err
	}
	return t, nil
}

// write puts a content into the bucket, after a row that finds it again should
// it come to nothing.
func (s *Service) write(ctx context.Context, a *Attachment, c content) error {
	err := s.db.Tx(ctx, func(tx *store.Tx) error {
		tx.Insert(&Upload{ID: a.ID, CreatedAt: a.CreatedAt})
		return nil
	})
	if err != nil {
		return fmt.Errorf("begin an upload: %w", err)
	}
	if _, err := c.data.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("keep an upload: %w", err)
	}
	digest, size := sha256.New(), &counter{}
	if err := s.bucket.Put(ctx, key(a.ID, Original), c.mediaType, io.TeeReader(c.data, io.MultiWriter(digest, size))); err != nil {
		return err
	}
	a.Size, a.Digest = size.n, hex.EncodeToString(digest.Sum(nil))
	if c.thumbnail == nil {
		return nil
	}
	return s.bucket.Put(ctx, key(a.ID, Thumbnail), JPEG, bytes.NewReader(c.thumbnail))
}

type counter struct{ n int64 }

func (c *counter) Write(p []byte) (int, error) {
	c.n += int64(len(p))
	return len(p), nil
}

// key is where a content lies: in one of 256 folders, by the last two digits of
// the identifier, which are random.
func key(id string, v Variant) string {
	name := id[len(id)-2:] + "/" + id
	if v == Thumbnail {
		name += ".thumbnail"
	}
	return name
}

// Keep writes the row of an upload that was taken, in the transaction of the
// act.
func (s *Service) Keep(ctx context.Context, tx *store.Tx, a member.Actor, t *Taken) error {
	if err := s.room(ctx, tx.Peek(), a); err != nil {
		return err
	}
	row := t.Attachment
	tx.Insert(&row)
	tx.Exec("DELETE FROM uploads WHERE id = ?", row.ID)
	return nil
}

// Drop deletes the content of an upload that came to nothing. What it cannot
// delete is found again by Tidy.
func (s *Service) Drop(ctx context.Context, t *Taken) error {
	return s.clear(context.WithoutCancel(ctx), []string{t.Attachment.ID})
}

// room returns ErrWaiting to one who has too many attachments that nothing
// refers to.
func (s *Service) room(ctx context.Context, c store.Conn, a member.Actor) error {
	var n int
	err := c.Gorm(ctx).Raw(`SELECT COUNT(*) FROM (SELECT id FROM attachments WHERE uploader_id = ? AND matter_id IS NULL LIMIT ?) AS waiting`,
		a.PersonID, s.limits.MaxWaiting).Scan(&n).Error
	if err != nil {
		return fmt.Errorf("count the uploads of a person: %w", err)
	}
	if n >= s.limits.MaxWaiting {
		return ErrWaiting
	}
	return nil
}

// Find returns an attachment that the actor uploaded and that nothing refers to
// yet, or ErrNotFound.
func (s *Service) Find(ctx context.Context, a member.Actor, id string) (Attachment, error) {
	x, err := gorm.G[Attachment](s.db.Gorm(ctx)).
		Where("id = ? AND institution_id = ? AND uploader_id = ? AND matter_id IS NULL", id, a.InstitutionID, a.PersonID).First(ctx)
	return x, store.Found(err, ErrNotFound, "find an upload")
}

// Read returns the name and the content of a file that the actor uploaded and
// that nothing refers to yet, for an import; at most Limits.MaxFile bytes. Any
// other is ErrNotFound.
func (s *Service) Read(ctx context.Context, a member.Actor, id string) (name string, data []byte, err error) {
	x, err := s.Find(ctx, a, id)
	if err != nil {
		return "", nil, err
	}
	r, err := s.bucket.Open(ctx, key(x.content(), Original))
	if err != nil {
		return "", nil, err
	}
	data, err = io.ReadAll(r)
	return x.Name, data, errors.Join(err, r.Close())
}

// Served is a content on its way to a client.
type Served struct {
	io.ReadSeekCloser
	Attachment Attachment
	Variant    Variant
}

// MediaType is the type under which it is served.
func (s Served) MediaType() string {
	if s.Variant == Thumbnail {
		return JPEG
	}
	return s.Attachment.MediaType
}

// ETag names the content, so that a part of it can be asked for again.
func (s Served) ETag() string { return `"` + s.Attachment.Digest[:32] + string(rune(s.Variant)) + `"` }

// Open opens what a link leads to. A link that does not hold, and one whose
// attachment is gone or has been held back since, is ErrLink.
func (s *Service) Open(ctx context.Context, link string) (Served, error) {
	t, err := s.open(link)
	if err != nil {
		return Served{}, err
	}
	x, err := gorm.G[Attachment](s.db.Gorm(ctx)).Where("id = ?", t.id).First(ctx)
	if err != nil {
		return Served{}, store.Found(err, ErrLink, "find an attachment")
	}
	if x.Held && !t.held || t.variant == Thumbnail && x.Sort != Picture {
		return Served{}, ErrLink
	}
	r, err := s.bucket.Open(ctx, key(x.content(), t.variant))
	if errors.Is(err, ErrNotFound) {
		return Served{}, fmt.Errorf("the content of attachment %s is gone", x.ID) // a 5xx: somebody must know
	}
	return Served{r, x, t.variant}, err
}
