// Package store opens the database and is the only one that knows which it is.
//
// Domain packages write their queries with gorm.G on what Gorm returns, and
// hand rows that only need to be written to Tx.Insert, which sends them in one
// round trip. SQLite (one writer, a few readers) is the embedded default;
// PostgreSQL is for more than one process. The same code runs on both.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// Conn is what a query runs on: the database itself, or an open transaction.
type Conn interface {
	// Gorm returns a handle for one query. What went wrong before (a queued
	// row that broke a constraint, say) is returned by that query.
	Gorm(ctx context.Context) *gorm.DB
	// Postgres reports whether the database is PostgreSQL.
	Postgres() bool
}

// DB is an open database. It is safe for use by many goroutines.
type DB struct {
	builder
	write *gorm.DB
	read  *gorm.DB // the same as write on PostgreSQL
	pool  *sql.DB  // of write
	pg    bool
	lock  *os.File // holds the data folder of SQLite
}

// Options are the limits of the pool.
type Options struct {
	MaxOpenConns int // PostgreSQL; 0 means 20
}

// Open opens a database by its address: "sqlite:PATH" or "postgres://…". It
// does not migrate. A SQLite folder serves one process: a second is refused.
func Open(ctx context.Context, address string, o Options) (*DB, error) {
	if path, ok := strings.CutPrefix(address, "sqlite:"); ok {
		return openSQLite(ctx, path, o)
	}
	if strings.HasPrefix(address, "postgres://") || strings.HasPrefix(address, "postgresql://") {
		return openPostgres(ctx, address, o)
	}
	return nil, errors.New("database address: want sqlite:PATH or postgres://…")
}

// gormConfig has no logger: a failed statement is returned with its cause and
// logged once by package api, and GORM would log the values, which are personal
// data.
func gormConfig() *gorm.Config {
	return &gorm.Config{
		TranslateError:         true,
		SkipDefaultTransaction: true,
		Logger:                 logger.Discard,
		NowFunc:                func() time.Time { return Micro(time.Now()) },
	}
}

func openPostgres(ctx context.Context, address string, o Options) (*DB, error) {
	pool, err := sql.Open("pgx", address)
	if err != nil {
		return nil, fmt.Errorf("open postgres: %w", scrub(err))
	}
	n := o.MaxOpenConns
	if n == 0 {
		n = 20
	}
	pool.SetMaxOpenConns(n)
	pool.SetMaxIdleConns(n)
	pool.SetConnMaxIdleTime(5 * time.Minute)
	if err := pool.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("reach postgres: %w", scrub(err)), pool.Close())
	}
	// pgx keeps prepared statements for each connection, so that GORM's own
	// cache of them would only be a second one in front.
	g, err := gorm.Open(postgres.New(postgres.Config{Conn: pool}), gormConfig())
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open postgres: %w", scrub(err)), pool.Close())
	}
	return &DB{write: g, read: g, pool: pool, pg: true, builder: builder{dry: dryRun(g)}}, nil
}

// scrub keeps the password of an address out of an error.
func scrub(err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		return u.Err
	}
	return err
}

func openSQLite(ctx context.Context, path string, o Options) (*DB, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("make the data folder: %w", err)
	}
	lock, err := lockFolder(path)
	if err != nil {
		return nil, err
	}
	// SQLite would make the file readable for everybody; its journals take the
	// mode of the file.
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("make the database file: %w", err), lock.Close())
	}
	if err := f.Close(); err != nil {
		return nil, errors.Join(fmt.Errorf("make the database file: %w", err), lock.Close())
	}
	pragmas := "?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)" +
		"&_pragma=foreign_keys(1)&_pragma=cache_size(-8192)"
	c := gormConfig()
	c.PrepareStmt = true
	write, err := gorm.Open(onSQLite("file:"+path+pragmas+"&_txlock=immediate"), c)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open sqlite: %w", err), lock.Close())
	}
	rc := *c
	read, err := gorm.Open(onSQLite("file:"+path+pragmas+"&_pragma=query_only(1)"), &rc)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open sqlite: %w", err), lock.Close())
	}
	pool, err := write.DB()
	if err != nil {
		return nil, err
	}
	readers, err := read.DB()
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(1)
	readers.SetMaxOpenConns(4)
	readers.SetMaxIdleConns(4)
	if err := pool.PingContext(ctx); err != nil {
		return nil, fmt.Errorf("open sqlite: %w", err)
	}
	return &DB{write: write, read: read, pool: pool, builder: builder{dry: dryRun(write)}, lock: lock}, nil
}

func dryRun(g *gorm.DB) *gorm.DB {
	return g.Session(&gorm.Session{NewDB: true, DryRun: true, SkipHooks: true, Logger: logger.Discard})
}

// Close closes the database.
func (db *DB) Close() error {
	err := db.pool.Close()
	if db.read != db.write {
		if readers, e := db.read.DB(); e == nil {
			err = errors.Join(err, readers.Close())
		}
	}
	if db.lock != nil {
		err = errors.Join(err, db.lock.Close())
	}
	return err
}

// Gorm returns a handle for reading. On SQLite it refuses to write: whatever
// writes goes through Tx.
func (db *DB) Gorm(ctx context.Context) *gorm.DB { return db.read.WithContext(ctx) }

// Postgres reports whether the database is PostgreSQL.
func (db *DB) Postgres() bool { return db.pg }

// Ping reports whether the database answers.
func (db *DB) Ping(ctx context.Context) error { return db.pool.PingContext(ctx) }

// NewID returns a new identifier: a UUID of version 7, so that the order of
// identifiers is the order in time and keyset cursors need no other column.
func NewID() string { return uuid.Must(uuid.NewV7()).String() }

// IsID reports whether a text is an identifier in its one form: a UUID with
// dashes and small letters. Databases and libraries take other spellings too,
// but not all the same.
func IsID(s string) bool {
	id, err := uuid.Parse(s)
	return err == nil && id.String() == s
}

// Micro cuts a time to what both databases keep: UTC, microseconds.
func Micro(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// Found turns a miss into the given fault and wraps every other error with
// what was being done.
func Found(err, miss error, doing string) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, gorm.ErrRecordNotFound):
		return miss
	default:
		return fmt.Errorf("%s: %w", doing, err)
	}
}

// IsDuplicate reports whether a row broke a unique constraint.
func IsDuplicate(err error) bool { return errors.Is(err, gorm.ErrDuplicatedKey) }

var _ = stdlib.GetDefaultDriver // registers "pgx"
