// Package storetest gives a test a private database with the whole schema: on
// SQLite, or on PostgreSQL where YANLU_TEST_POSTGRES names a server.
package storetest

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"yanlu/internal/store"
)

// server is the address of the PostgreSQL to test on; empty for SQLite.
func server() string { return os.Getenv("YANLU_TEST_POSTGRES") }

// Open returns a private migrated database, closed when the test ends.
func Open(t testing.TB) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), Address(t), store.Options{MaxOpenConns: 20})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// Address returns the address of a private migrated database, thrown away when
// the test ends.
func Address(t testing.TB) string {
	t.Helper()
	if server() == "" {
		return sqliteCopy(t)
	}
	return lend(t)
}

// Empty returns the address of a private database without any schema.
func Empty(t testing.TB) string {
	t.Helper()
	if server() == "" {
		return "sqlite:" + filepath.Join(t.TempDir(), "empty.db")
	}
	return emptyPostgres(t)
}

var sqliteTemplate = sync.OnceValues(func() ([]byte, error) {
	folder, err := os.MkdirTemp("", "yanlu-template")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	path := filepath.Join(folder, "template.db")
	if err := migrate("sqlite:" + path); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

func migrate(address string) error {
	ctx := context.Background()
	db, err := store.Open(ctx, address, store.Options{})
	if err != nil {
		return err
	}
	return errors.Join(db.Migrate(ctx), db.Close())
}

func sqliteCopy(t testing.TB) string {
	t.Helper()
	content, err := sqliteTemplate()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "test.db")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return "sqlite:" + path
}
