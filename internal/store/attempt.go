package store

import (
	"context"
	"errors"
	"fmt"
)

// savepoint is the name of the one savepoint that a transaction has at a time.
const savepoint = "attempt"

// Attempt runs fn inside the transaction and, where it returns an error, undoes
// what fn did and what it queued: the transaction goes on as if fn had not run,
// on PostgreSQL too, which otherwise refuses whatever follows a failed
// statement. What fn queued is sent before it is called done, so that a
// constraint which it breaks is its own error and not the next one's. The error
// is returned as it is. Attempts do not nest.
func (tx *Tx) Attempt(ctx context.Context, fn func() error) error {
	tx.Exec("SAVEPOINT " + savepoint)
	if err := tx.ready(ctx); err != nil {
		return err // of what came before
	}
	err := fn()
	if err == nil {
		err = tx.ready(ctx)
	}
	if err == nil {
		tx.Exec("RELEASE SAVEPOINT " + savepoint) // goes with what comes next
		return nil
	}
	tx.queue, tx.failed = nil, nil
	tx.Exec("ROLLBACK TO SAVEPOINT " + savepoint)
	if undone := tx.ready(ctx); undone != nil {
		tx.failed = errors.Join(err, fmt.Errorf("undo an attempt: %w", undone)) // nothing more can be done here
		return tx.failed
	}
	tx.Exec("RELEASE SAVEPOINT " + savepoint)
	return err
}
