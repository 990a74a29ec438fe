package attachment

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"gocloud.dev/blob"
	"gocloud.dev/blob/fileblob"
	"gocloud.dev/blob/s3blob"
	"gocloud.dev/gcerrors"
)

// Bucket is where content lies. A content that Put has returned from is on the
// disk (of a folder), or with the server (of S3).
type Bucket struct {
	open   func() (*blob.Bucket, error)
	folder string // empty for S3
}

// errAddress is an address of a bucket that cannot be read. It does not repeat
// it: there is a secret in it.
var errAddress = errors.New("files: the address must be folder:PATH or s3://KEY:SECRET@HOST/BUCKET")

// Open opens the bucket of an address: "folder:PATH", or
// "s3://KEY:SECRET@HOST/BUCKET?region=REGION" with style=path (the default) or
// style=host, and scheme=https (the default) or scheme=http.
func Open(ctx context.Context, address string) (*Bucket, error) {
	if folder, ok := strings.CutPrefix(address, "folder:"); ok && folder != "" {
		return openFolder(folder)
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "s3" || u.Host == "" || u.User == nil || len(u.Path) < 2 {
		return nil, errAddress
	}
	return openS3(ctx, u)
}

// openFolder names a folder. It is made when it is asked for first.
func openFolder(folder string) (*Bucket, error) {
	folder, err := filepath.Abs(folder)
	if err != nil {
		return nil, fmt.Errorf("open the folder of files: %w", err)
	}
	return &Bucket{folder: folder, open: sync.OnceValues(func() (*blob.Bucket, error) {
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return nil, fmt.Errorf("open the folder of files: %w", err)
		}
		// Temporary files lie beside their target: a rename must not leave the disk.
		b, err := fileblob.OpenBucket(folder, &fileblob.Options{NoTempDir: true, Metadata: fileblob.MetadataDontWrite, DirFileMode: 0o700})
		if err != nil {
			return nil, fmt.Errorf("open the folder of files: %w", err)
		}
		return b, nil
	})}, nil
}

// openS3 opens a bucket of an S3 server. It asks the server nothing yet.
func openS3(ctx context.Context, u *url.URL) (*Bucket, error) {
	q := u.Query()
	secret, _ := u.User.Password()
	scheme := cmp.Or(q.Get("scheme"), "https")
	client := s3.New(s3.Options{
		Region: cmp.Or(q.Get("region"), "us-east-1"), UsePathStyle: q.Get("style") != "host", BaseEndpoint: aws.String(scheme + "://" + u.Host),
		Credentials: credentials.NewStaticCredentialsProvider(u.User.Username(), secret, ""),
		// Servers other than Amazon's do not know the newer checksums.
		RequestChecksumCalculation: aws.RequestChecksumCalculationWhenRequired, ResponseChecksumValidation: aws.ResponseChecksumValidationWhenRequired,
	})
	b, err := s3blob.OpenBucket(ctx, client, strings.TrimPrefix(u.Path, "/"), nil)
	if err != nil {
		return nil, fmt.Errorf("open the bucket of files: %w", err)
	}
	return &Bucket{open: func() (*blob.Bucket, error) { return b, nil }}, nil
}

// Ready returns an error where nothing can be kept: a folder that cannot be
// made. A server looks at it when it starts.
func (b *Bucket) Ready() error {
	_, err := b.open()
	return err
}

// Put writes a content and returns when it is safe. In a folder: the bytes are
// synced to the disk, then the file gets its name, then the folder is synced in
// which the name stands, and those above it. So neither a crash of the program
// nor of the machine takes back what the answer has told.
func (b *Bucket) Put(ctx context.Context, key, mediaType string, content io.Reader) (err error) {
	ctx, cancel := context.WithCancel(ctx) // to cancel before Close is to write nothing
	defer cancel()
	blobs, err := b.open()
	if err != nil {
		return err
	}
	var file *os.File
	w, err := blobs.NewWriter(ctx, key, &blob.WriterOptions{
		ContentType: mediaType, DisableContentTypeDetection: true,
		BeforeWrite: func(as func(any) bool) error {
			as(&file)
			return nil
		},
	})
	if err != nil {
		return fmt.Errorf("write a content: %w", err)
	}
	_, err = io.Copy(w, content)
	if err == nil && b.folder != "" {
		if file == nil {
			err = errors.New("the folder has no file to sync")
		} else {
			err = file.Sync()
		}
	}
	if err != nil {
		cancel()
		return fmt.Errorf("write a content: %w", errors.Join(err, ignoreCancelled(w.Close())))
	}
	if err := w.Close(); err != nil {
		return fmt.Errorf("write a content: %w", err)
	}
	if b.folder == "" {
		return nil
	}
	for folder := filepath.Dir(b.path(key)); ; folder = filepath.Dir(folder) {
		if err := syncFolder(folder); err != nil {
			return fmt.Errorf("write a content: %w", err)
		}
		if len(folder) <= len(b.folder) {
			return nil
		}
	}
}

// scratch opens a file for an upload on its way. It lies in the folder, since
// what else there is for temporary files may be memory. It has no name any more
// where the system allows that, so that nothing is left of it after a crash.
func (b *Bucket) scratch() (f *os.File, drop func(), err error) {
	if err := b.Ready(); err != nil {
		return nil, nil, err
	}
	if f, err = os.CreateTemp(b.folder, "upload-*"); err != nil {
		return nil, nil, err
	}
	gone := os.Remove(f.Name()) == nil
	return f, func() {
		_ = f.Close()
		if !gone {
			_ = os.Remove(f.Name())
		}
	}, nil
}

func ignoreCancelled(err error) error {
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// path is where fileblob keeps a key. Our keys are of letters, digits, "-", "."
// and "/", which it does not escape.
func (b *Bucket) path(key string) string { return filepath.Join(b.folder, filepath.FromSlash(key)) }

func syncFolder(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// Open returns a content for reading and seeking. A content that is not there is
// ErrNotFound.
func (b *Bucket) Open(ctx context.Context, key string) (io.ReadSeekCloser, error) {
	blobs, err := b.open()
	if err != nil {
		return nil, err
	}
	r, err := blobs.NewReader(ctx, key, nil)
	if gcerrors.Code(err) == gcerrors.NotFound {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("read a content: %w", err)
	}
	return r, nil
}

// Delete deletes a content, with what a write that was cut has left of it. A
// content that is not there is no error.
func (b *Bucket) Delete(ctx context.Context, key string) error {
	blobs, err := b.open()
	if err != nil {
		return err
	}
	if err := blobs.Delete(ctx, key); err != nil && gcerrors.Code(err) != gcerrors.NotFound {
		return fmt.Errorf("delete a content: %w", err)
	}
	if b.folder == "" {
		return nil
	}
	pieces, err := filepath.Glob(b.path(key) + ".*.tmp")
	if err != nil {
		return fmt.Errorf("delete a content: %w", err)
	}
	for _, piece := range pieces {
		if err := os.Remove(piece); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("delete a content: %w", err)
		}
	}
	return nil
}
