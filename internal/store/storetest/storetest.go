// Package storetest gives a test a private database with the whole schema: on
// SQLite, or on PostgreSQL where YANLU_TEST_POSTGRES names a server.
package storetest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"hash/crc32"
	"net/url"
	"os"
	"path/filepath"
	"strings"
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
	name, err := pgTemplate()
	if err != nil {
		t.Fatal(err)
	}
	return createPostgres(t, " TEMPLATE "+name)
}

// Empty returns the address of a private database without any schema.
func Empty(t testing.TB) string {
	t.Helper()
	if server() == "" {
		return "sqlite:" + filepath.Join(t.TempDir(), "empty.db")
	}
	return createPostgres(t, "")
}

func createPostgres(t testing.TB, from string) string {
	t.Helper()
	name := "yanlu_test_" + strings.ToLower(rand.Text()[:16])
	if err := onServer("CREATE DATABASE " + name + from); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := onServer("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)"); err != nil {
			t.Error(err)
		}
	})
	return addressOf(name)
}

func addressOf(database string) string {
	u, err := url.Parse(server())
	if err != nil {
		return server() // opening it will say what is wrong
	}
	u.Path = "/" + database
	return u.String()
}

func onServer(statement string) error {
	db, err := sql.Open("pgx", server())
	if err != nil {
		return err
	}
	_, err = db.ExecContext(context.Background(), statement)
	return errors.Join(err, db.Close())
}

// pgTemplate is a migrated database that the private ones are copies of: one
// for each test binary, since another may have other migrations. The binary
// holds a lock on its name as long as it lives, so that the next can tell the
// templates of the dead and drop them.
var pgTemplate = sync.OnceValues(func() (string, error) {
	name := templatePrefix() + strings.ToLower(rand.Text()[:16])
	if err := holdTemplate(name); err != nil {
		return "", fmt.Errorf("reach YANLU_TEST_POSTGRES: %w", err)
	}
	if err := onServer("CREATE DATABASE " + name); err != nil {
		return "", err
	}
	return name, migrate(addressOf(name))
})

// templatePrefix begins the names of the templates of whoever tests from the
// same database: a lock is seen only from the database in which it was taken.
func templatePrefix() string {
	return fmt.Sprintf("yanlu_template_%08x_", crc32.ChecksumIEEE([]byte(server())))
}

// held keeps the connection that holds the lock: what nobody refers to is
// collected, and closed with that.
var held *sql.Conn //nolint:unused // being referred to is its use

// holdTemplate locks the name of this binary's template, on a connection that
// stays open, and drops the templates that nobody holds.
func holdTemplate(name string) error {
	ctx := context.Background()
	db, err := sql.Open("pgx", server())
	if err != nil {
		return err
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	held = conn
	if _, err := conn.ExecContext(ctx, "SELECT pg_advisory_lock(hashtext($1))", name); err != nil {
		return err
	}
	var names string
	query := "SELECT coalesce(string_agg(datname, ' '), '') FROM pg_database WHERE datname LIKE $1"
	if err := conn.QueryRowContext(ctx, query, strings.ReplaceAll(templatePrefix(), "_", `\_`)+"%").Scan(&names); err != nil {
		return err
	}
	for _, n := range strings.Fields(names) {
		var dead bool
		if err := conn.QueryRowContext(ctx, "SELECT pg_try_advisory_lock(hashtext($1))", n).Scan(&dead); err != nil {
			return err
		}
		if !dead {
			continue
		}
		// A template that somebody dropped meanwhile is no fault.
		_, _ = conn.ExecContext(ctx, "DROP DATABASE IF EXISTS "+n)
		if _, err := conn.ExecContext(ctx, "SELECT pg_advisory_unlock(hashtext($1))", n); err != nil {
			return err
		}
	}
	return nil
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
