package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/gorm"
)

// Tx is one transaction. It begins late and writes late: rows that were handed
// to Insert wait until something must be read, or until the end, and then go
// to PostgreSQL as one batch. A transaction that only inserts is one round
// trip in all. Tx is for one goroutine.
type Tx struct {
	db     *DB
	queue  []statement
	begun  bool
	conn   *sql.Conn // PostgreSQL
	gorm   *gorm.DB  // of this transaction, once begun
	failed error
}

// statement is either a row that becomes an INSERT when it is sent, so that
// its fields may still be filled until then, or a statement as given.
type statement struct {
	row  any
	sql  string
	args []any
}

// rollbackTimeout bounds the clean-up after a transaction whose context has
// already ended.
const rollbackTimeout = 5 * time.Second

// Tx runs fn in one transaction and commits when it returns nil. It rolls back
// on an error, which it returns as it is, and on a panic.
func (db *DB) Tx(ctx context.Context, fn func(*Tx) error) (err error) {
	tx := &Tx{db: db}
	done := false
	defer func() {
		if !done {
			tx.rollback(ctx)
		}
		tx.release()
	}()
	if err := fn(tx); err != nil {
		return err
	}
	if err := tx.commit(ctx); err != nil {
		return err
	}
	done = true
	return nil
}

// Postgres reports whether the database is PostgreSQL.
func (tx *Tx) Postgres() bool { return tx.db.pg }

// Insert queues rows to be written, in order. Each is a pointer to a model or
// to a slice of one. A constraint that they break is reported by the next
// query or by the end of the transaction.
func (tx *Tx) Insert(rows ...any) {
	for _, r := range rows {
		tx.queue = append(tx.queue, statement{row: r})
	}
}

// Exec queues a statement whose number of rows does not matter.
func (tx *Tx) Exec(sql string, args ...any) {
	tx.queue = append(tx.queue, statement{sql: sql, args: args})
}

// Gorm sends what is queued and returns a handle inside the transaction.
func (tx *Tx) Gorm(ctx context.Context) *gorm.DB {
	if err := tx.ready(ctx); err != nil {
		g := tx.db.write.WithContext(ctx)
		_ = g.AddError(err)
		return g
	}
	return tx.gorm.WithContext(ctx)
}

// Peek returns a handle for reading what this transaction does not change. It
// does not begin the transaction, so that one which else only inserts stays a
// single round trip; once begun, it reads inside.
func (tx *Tx) Peek() Conn {
	if tx.begun {
		return tx
	}
	return tx.db
}

func (tx *Tx) ready(ctx context.Context) error {
	if tx.failed != nil {
		return tx.failed
	}
	if err := tx.begin(ctx); err != nil {
		tx.failed = fmt.Errorf("begin: %w", err)
		return tx.failed
	}
	if err := tx.flush(ctx, ""); err != nil {
		tx.failed = err
	}
	return tx.failed
}

func (tx *Tx) begin(ctx context.Context) error {
	if tx.begun {
		return nil
	}
	if tx.db.pg {
		if err := tx.connect(ctx); err != nil {
			return err
		}
		tx.gorm = tx.db.write.Session(&gorm.Session{NewDB: true, Context: ctx})
		tx.gorm.Statement.ConnPool = tx.conn
		tx.begun = true
		return tx.flush(ctx, "begin")
	}
	g := tx.db.write.WithContext(ctx).Begin()
	if g.Error != nil {
		return g.Error
	}
	tx.gorm, tx.begun = g.Session(&gorm.Session{NewDB: true, Context: ctx}), true
	return nil
}

func (tx *Tx) connect(ctx context.Context) error {
	if tx.conn != nil {
		return nil
	}
	conn, err := tx.db.pool.Conn(ctx)
	tx.conn = conn
	return err
}

// flush sends what is queued. On PostgreSQL first (empty or "begin") goes ahead
// of it in the same round trip; without "begin" and outside a transaction the
// batch is a transaction of its own, by the protocol.
func (tx *Tx) flush(ctx context.Context, first string) error {
	queue := tx.queue
	tx.queue = nil
	if len(queue) == 0 && first == "" {
		return nil
	}
	if tx.db.pg {
		return tx.send(ctx, queue, first)
	}
	for _, s := range queue {
		s, err := tx.db.build(s)
		if err != nil {
			return err
		}
		if _, err := tx.gorm.Statement.ConnPool.ExecContext(ctx, s.sql, s.args...); err != nil {
			return tx.db.translate(err)
		}
	}
	return nil
}

func (tx *Tx) send(ctx context.Context, queue []statement, first string) error {
	batch := &pgx.Batch{}
	if first != "" {
		batch.Queue(first)
	}
	for _, s := range queue {
		s, err := tx.db.build(s)
		if err != nil {
			return err
		}
		batch.Queue(s.sql, s.args...)
	}
	return tx.conn.Raw(func(c any) error {
		return tx.db.translate(exec(ctx, c.(*stdlib.Conn).Conn(), batch))
	})
}

// errRolledBack is what a commit answers after a statement whose error somebody
// has swallowed: PostgreSQL then rolls back without calling it an error.
var errRolledBack = errors.New("the transaction had failed before and was rolled back")

func exec(ctx context.Context, conn *pgx.Conn, batch *pgx.Batch) error {
	results := conn.SendBatch(ctx, batch)
	for _, q := range batch.QueuedQueries {
		tag, err := results.Exec()
		if err == nil && q.SQL == "commit" && tag.String() == "ROLLBACK" {
			err = errRolledBack
		}
		if err != nil {
			_ = results.Close() // says the same again
			return err
		}
	}
	return results.Close()
}

func (db *DB) translate(err error) error {
	if err == nil {
		return nil
	}
	if t, ok := db.write.Dialector.(gorm.ErrorTranslator); ok {
		if translated := t.Translate(err); translated != err { //nolint:errorlint // the translator returns its argument where it knows nothing
			return fmt.Errorf("%w (%w)", translated, err)
		}
	}
	return err
}

func (tx *Tx) commit(ctx context.Context) error {
	if tx.failed != nil {
		return tx.failed
	}
	if !tx.begun {
		if len(tx.queue) == 0 {
			return nil
		}
		if tx.db.pg {
			if err := tx.connect(ctx); err != nil {
				return fmt.Errorf("connect: %w", err)
			}
			return tx.flush(ctx, "")
		}
		if err := tx.begin(ctx); err != nil {
			return fmt.Errorf("begin: %w", err)
		}
	}
	if tx.db.pg {
		// What is queued and the commit are one round trip: after a failed
		// statement PostgreSQL skips the rest of the batch, the commit too.
		queue := append(tx.queue, statement{sql: "commit"})
		tx.queue = nil
		if err := tx.send(ctx, queue, ""); err != nil {
			return err
		}
	} else {
		if err := tx.flush(ctx, ""); err != nil {
			return err
		}
		if err := tx.gorm.Commit().Error; err != nil {
			return fmt.Errorf("commit: %w", err)
		}
	}
	tx.begun = false
	return nil
}

// rollback undoes what has begun, also when ctx has ended. A connection that
// does not answer is thrown away rather than given back with a transaction on.
func (tx *Tx) rollback(ctx context.Context) {
	if !tx.begun {
		return
	}
	if !tx.db.pg {
		tx.gorm.Rollback()
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), rollbackTimeout)
	defer cancel()
	if _, err := tx.conn.ExecContext(ctx, "rollback"); err != nil {
		_ = tx.conn.Raw(func(any) error { return driver.ErrBadConn })
	}
}

func (tx *Tx) release() {
	if tx.conn != nil {
		if err := tx.conn.Close(); err != nil && !errors.Is(err, sql.ErrConnDone) {
			tx.failed = errors.Join(tx.failed, err)
		}
	}
}
