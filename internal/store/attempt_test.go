package store_test

import (
	"context"
	"errors"
	"testing"

	"yanlu/internal/store"
	"yanlu/internal/store/storetest"
)

// TestAFailedAttemptLeavesNothing holds that the transaction goes on after it,
// whatever failed and whether it had been sent or was queued only.
func TestAFailedAttemptLeavesNothing(t *testing.T) {
	t.Parallel()
	cases := map[string]func(ctx context.Context, tx *store.Tx) error{
		"an error before anything": func(context.Context, *store.Tx) error { return errMine },
		"an error after queueing":  func(_ context.Context, tx *store.Tx) error { tx.Insert(newNote("b")); return errMine },
		"an error after sending": func(ctx context.Context, tx *store.Tx) error {
			tx.Insert(newNote("b"))
			return errors.Join(begin(ctx, tx), errMine)
		},
		"a row that breaks at last": func(_ context.Context, tx *store.Tx) error { tx.Insert(newNote("b"), newNote("a")); return nil },
		"a row that breaks a query": func(ctx context.Context, tx *store.Tx) error {
			tx.Insert(newNote("b"), newNote("a"))
			return begin(ctx, tx)
		},
		"a statement that is none": func(_ context.Context, tx *store.Tx) error { tx.Exec("NONSENSE"); return nil },
	}
	db := storetest.Open(t)
	for name, fail := range cases {
		for _, begun := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				fresh(t, db)
				write(t, db, func(tx *store.Tx) error {
					ctx := t.Context()
					tx.Insert(newNote("a"))
					if begun {
						if err := begin(ctx, tx); err != nil {
							return err
						}
					}
					for range 2 {
						if err := tx.Attempt(ctx, func() error { return fail(ctx, tx) }); err == nil {
							t.Error("the attempt has no error")
						}
					}
					return tx.Attempt(ctx, func() error { tx.Insert(newNote("c")); return nil })
				})
				wantNotes(t, db, "a", "c")
			})
		}
	}
}

// TestAnAttemptIsRolledBackWithTheRest.
func TestAnAttemptIsRolledBackWithTheRest(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t)
	fresh(t, db)
	err := db.Tx(t.Context(), func(tx *store.Tx) error {
		if err := tx.Attempt(t.Context(), func() error { tx.Insert(newNote("a")); return nil }); err != nil {
			return err
		}
		return errMine
	})
	if err != errMine { //nolint:errorlint // as it is, not wrapped
		t.Errorf("the error is %v", err)
	}
	wantNotes(t, db)
}
