package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/gorm"
)

// Batch collects queries of several packages and sends them to PostgreSQL in
// one round trip. It is for reading outside a transaction: what a page shows is
// several small queries, and on a network the trips cost more than the rows.
type Batch struct {
	db    *DB
	reads []read
}

// read is one query of a batch. It is scanned by pgx on PostgreSQL, which costs
// half of what GORM's scanning does, and by GORM on SQLite.
type read struct {
	name string // for errors: of the type that is read
	sql  string
	args []any
	rows func(pgx.Rows) error
	gorm func(*gorm.DB) error
}

// Batch returns an empty batch.
func (db *DB) Batch() *Batch { return &Batch{db: db} }

// Read adds a query to a batch, with ? for each argument; into is filled by Run.
// Every column must have a field in T (of its name, or of an embedded struct),
// and one that may be NULL a field that may be nil.
func Read[T any](b *Batch, into *[]T, sql string, args ...any) {
	b.reads = append(b.reads, read{
		name: fmt.Sprintf("%T", *into), sql: sql, args: args,
		rows: func(rows pgx.Rows) error {
			all, err := pgx.AppendRows((*into)[:0], rows, pgx.RowToStructByNameLax[T])
			if err == nil {
				*into = all
			}
			return err
		},
		gorm: func(g *gorm.DB) error {
			*into = nil // GORM leaves what was there where it finds nothing
			return g.Raw(sql, args...).Scan(into).Error
		},
	})
}

// Run sends the batch and fills what was to be filled.
func (b *Batch) Run(ctx context.Context) error {
	if !b.db.pg {
		for _, r := range b.reads {
			if err := r.gorm(b.db.Gorm(ctx)); err != nil {
				return fmt.Errorf("read %s: %w", r.name, err)
			}
		}
		return nil
	}
	batch := &pgx.Batch{}
	for _, r := range b.reads {
		s, err := b.db.bind(statement{sql: r.sql, args: r.args})
		if err != nil {
			return err
		}
		batch.Queue(s.sql, s.args...)
	}
	conn, err := b.db.pool.Conn(ctx)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer func() { _ = conn.Close() }()
	return conn.Raw(func(c any) error {
		results := c.(*stdlib.Conn).Conn().SendBatch(ctx, batch)
		for _, r := range b.reads {
			rows, err := results.Query()
			if err == nil {
				err = r.rows(rows)
			}
			if err != nil {
				_ = results.Close()
				return fmt.Errorf("read %s: %w", r.name, err)
			}
		}
		return results.Close()
	})
}
