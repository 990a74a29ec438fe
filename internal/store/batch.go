package store

import (
	"context"
	"database/sql"
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

type read struct {
	build func(*gorm.DB) *gorm.DB
	into  any
}

// Batch returns an empty batch.
func (db *DB) Batch() *Batch { return &Batch{db: db} }

// Read adds a query to the batch. Build narrows the handle that it is given;
// into is a pointer to a slice of models, filled by Run.
func (b *Batch) Read(into any, build func(*gorm.DB) *gorm.DB) {
	b.reads = append(b.reads, read{build, into})
}

// Run sends the batch and fills what was to be filled.
func (b *Batch) Run(ctx context.Context) error {
	if !b.db.pg {
		for _, r := range b.reads {
			if err := r.build(b.db.Gorm(ctx)).Find(r.into).Error; err != nil {
				return fmt.Errorf("read %T: %w", r.into, err)
			}
		}
		return nil
	}
	batch, built := &pgx.Batch{}, make([]*gorm.DB, len(b.reads))
	for i, r := range b.reads {
		built[i] = r.build(b.db.dry.WithContext(ctx)).Find(r.into)
		if err := built[i].Error; err != nil {
			return fmt.Errorf("build the query of %T: %w", r.into, err)
		}
		batch.Queue(built[i].Statement.SQL.String(), built[i].Statement.Vars...)
	}
	conn, err := b.db.pool.Conn(ctx)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer func() { _ = conn.Close() }()
	return conn.Raw(func(c any) error {
		results := c.(*stdlib.Conn).Conn().SendBatch(ctx, batch)
		for i, g := range built {
			rows, err := results.Query()
			if err == nil {
				gorm.Scan(batchRows{rows}, g, 0)
				rows.Close()
				err = g.Error
			}
			if err == nil {
				err = rows.Err()
			}
			if err != nil {
				_ = results.Close()
				return fmt.Errorf("read %T: %w", b.reads[i].into, err)
			}
		}
		return results.Close()
	})
}

// batchRows lets GORM scan the rows of a pgx batch.
type batchRows struct{ pgx.Rows }

// Columns names the columns.
func (r batchRows) Columns() ([]string, error) {
	fields := r.FieldDescriptions()
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.Name
	}
	return names, nil
}

// ColumnTypes is for scanning into maps, which a batch does not do.
func (r batchRows) ColumnTypes() ([]*sql.ColumnType, error) { return nil, nil }

// Close ends the rows.
func (r batchRows) Close() error {
	r.Rows.Close()
	return r.Err()
}

var _ gorm.Rows = batchRows{}
