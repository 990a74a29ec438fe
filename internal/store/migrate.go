package store

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations
var migrations embed.FS

// Step is one migration and whether it has been applied.
type Step struct {
	Version int64
	Name    string
	Applied time.Time // zero: not yet
}

func (db *DB) provider() (*goose.Provider, error) {
	dialect, folder, options := goose.DialectSQLite3, "migrations/sqlite", []goose.ProviderOption(nil)
	if db.pg {
		dialect, folder = goose.DialectPostgres, "migrations/postgres"
		locker, err := lock.NewPostgresSessionLocker() // several servers may start at once
		if err != nil {
			return nil, err
		}
		options = append(options, goose.WithSessionLocker(locker))
	}
	sub, err := fs.Sub(migrations, folder)
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(dialect, db.pool, sub, options...)
}

// MigrationsSum tells two sets of migrations apart, of all dialects together. It is
// for tests, which keep databases from run to run.
func MigrationsSum() (string, error) {
	h := sha256.New()
	err := fs.WalkDir(migrations, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := migrations.ReadFile(path)
		h.Write(fmt.Appendf(nil, "%s %d\n%s", path, len(content), content))
		return err
	})
	return hex.EncodeToString(h.Sum(nil)[:6]), err
}

// Migrate brings the schema to the newest version.
func (db *DB) Migrate(ctx context.Context) error {
	p, err := db.provider()
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

// Unmigrate takes every migration back. It is for tests of the migrations.
func (db *DB) Unmigrate(ctx context.Context) error {
	p, err := db.provider()
	if err != nil {
		return err
	}
	_, err = p.DownTo(ctx, 0)
	return err
}

// Migrations lists the migrations of this program, oldest first.
func (db *DB) Migrations(ctx context.Context) ([]Step, error) {
	p, err := db.provider()
	if err != nil {
		return nil, err
	}
	rows, err := p.Status(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the state of the migrations: %w", err)
	}
	steps := make([]Step, len(rows))
	for i, r := range rows {
		steps[i] = Step{Version: r.Source.Version, Name: r.Source.Path, Applied: r.AppliedAt}
	}
	return steps, nil
}

// ErrNotCurrent tells of a schema that is not this program's.
var ErrNotCurrent = errors.New("the schema of the database is not that of this program")

// Current returns ErrNotCurrent, with what to do, unless the schema is just
// that of this program.
func (db *DB) Current(ctx context.Context) error {
	p, err := db.provider()
	if err != nil {
		return err
	}
	has, wants, err := p.GetVersions(ctx)
	switch {
	case err != nil:
		return fmt.Errorf("read the version of the schema: %w", err)
	case has < wants:
		return fmt.Errorf("%w: it is at %d, the program at %d: run yanlu migrate up", ErrNotCurrent, has, wants)
	case has > wants:
		return fmt.Errorf("%w: it is at %d, the program only at %d: run a newer program", ErrNotCurrent, has, wants)
	}
	return nil
}
