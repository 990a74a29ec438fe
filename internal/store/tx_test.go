package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"

	"yanlu/internal/institution"
	"yanlu/internal/store"
	"yanlu/internal/store/storetest"
)

var errMine = errors.New("mine")

// begin makes a transaction begin.
func begin(ctx context.Context, tx *store.Tx) error {
	return tx.Gorm(ctx).Exec("SELECT 1").Error
}

func TestWhatIsCommittedStays(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		fn   func(ctx context.Context, tx *store.Tx) error
		want []string
	}{
		"nothing": {func(context.Context, *store.Tx) error { return nil }, nil},
		"rows alone": {func(_ context.Context, tx *store.Tx) error {
			tx.Insert(newNote("a"), newNote("b"))
			return nil
		}, []string{"a", "b"}},
		"a slice of rows": {func(_ context.Context, tx *store.Tx) error {
			tx.Insert(&[]note{*newNote("a"), *newNote("b")})
			return nil
		}, []string{"a", "b"}},
		"rows and statements in their order": {func(_ context.Context, tx *store.Tx) error {
			tx.Insert(newNote("a"))
			tx.Exec("UPDATE platform_events SET id = ? WHERE id = ?", "b", "a")
			tx.Insert(newNote("a"))
			tx.Exec("DELETE FROM platform_events WHERE id = 'a'")
			return nil
		}, []string{"b"}},
		"rows before and after a read": {func(ctx context.Context, tx *store.Tx) error {
			tx.Insert(newNote("a"))
			err := begin(ctx, tx)
			tx.Insert(newNote("b"))
			return err
		}, []string{"a", "b"}},
		"a write of GORM alone": {func(ctx context.Context, tx *store.Tx) error {
			return gorm.G[note](tx.Gorm(ctx)).Create(ctx, newNote("a"))
		}, []string{"a"}},
		"a row that is filled after it was queued": {func(_ context.Context, tx *store.Tx) error {
			n := newNote("a")
			tx.Insert(n)
			n.ID = "b"
			return nil
		}, []string{"b"}},
	}
	db := storetest.Open(t)
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			fresh(t, db)
			write(t, db, func(tx *store.Tx) error { return c.fn(t.Context(), tx) })
			wantNotes(t, db, c.want...)
		})
	}
}

// TestNothingStaysOfWhatFails holds for a transaction that has begun and for
// one that has only queued, and that the one connection of the pool is good
// for the next.
func TestNothingStaysOfWhatFails(t *testing.T) {
	t.Parallel()
	fails := map[string]func(ctx context.Context, cancel func(), tx *store.Tx) error{
		"an error":                 func(context.Context, func(), *store.Tx) error { return errMine },
		"a panic":                  func(context.Context, func(), *store.Tx) error { panic(errMine) },
		"a context that ended":     func(_ context.Context, cancel func(), _ *store.Tx) error { cancel(); return nil },
		"an error after its end":   func(_ context.Context, cancel func(), _ *store.Tx) error { cancel(); return errMine },
		"a query after its end":    func(ctx context.Context, cancel func(), tx *store.Tx) error { cancel(); return begin(ctx, tx) },
		"a swallowed query after":  func(ctx context.Context, cancel func(), tx *store.Tx) error { cancel(); _ = begin(ctx, tx); return nil },
		"a statement cut short":    func(ctx context.Context, _ func(), tx *store.Tx) error { return endless(ctx, tx) },
		"a row that breaks":        func(_ context.Context, _ func(), tx *store.Tx) error { tx.Insert(newNote("a")); return nil },
		"a statement that is none": func(_ context.Context, _ func(), tx *store.Tx) error { tx.Exec("NONSENSE"); return nil },
	}
	db := open(t, storetest.Address(t), 1)
	for name, fail := range fails {
		for _, begun := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, begun %t", name, begun), func(t *testing.T) {
				fresh(t, db)
				err := failing(t, db, begun, fail)
				if err == nil {
					t.Fatal("no error")
				}
				if strings.HasPrefix(name, "an error") && err != errMine { //nolint:errorlint // as it is, not wrapped
					t.Errorf("the error is %v, want the one that was returned", err)
				}
				wantNotes(t, db)
				wantClean(t, db)
				write(t, db, func(tx *store.Tx) error {
					tx.Insert(newNote("after"))
					return begin(t.Context(), tx)
				})
				wantNotes(t, db, "after")
			})
		}
	}
}

// failing runs a transaction that fails, and returns its error or the panic's.
func failing(t *testing.T, db *store.DB, begun bool, fail func(context.Context, func(), *store.Tx) error) (err error) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			err = p.(error)
		}
	}()
	return db.Tx(ctx, func(tx *store.Tx) error {
		tx.Insert(newNote("a"))
		if begun {
			if err := begin(ctx, tx); err != nil {
				t.Error(err)
			}
			tx.Insert(newNote("b"))
		}
		return fail(ctx, cancel, tx)
	})
}

// endless runs a statement that would not end, and ends its context.
func endless(ctx context.Context, tx *store.Tx) error {
	ctx, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	statement := "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT COUNT(*) FROM c"
	if tx.Postgres() {
		statement = "SELECT pg_sleep(60)"
	}
	return tx.Gorm(ctx).Exec(statement).Error
}

// wantClean fails the test where a connection of the pool still has a
// transaction on. On SQLite the next transaction tells, which waits for it.
func wantClean(t *testing.T, db *store.DB) {
	t.Helper()
	if !db.Postgres() {
		return
	}
	var moments [2]time.Time // now() is when the transaction began
	for i := range moments {
		if err := db.Gorm(t.Context()).Raw("SELECT now()").Row().Scan(&moments[i]); err != nil {
			t.Fatal(err)
		}
	}
	if moments[0].Equal(moments[1]) {
		t.Error("the connection came back with a transaction on")
	}
}

func TestATransactionSeesWhatItQueued(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t)
	write(t, db, func(tx *store.Tx) error {
		tx.Insert(newNote("a"))
		tx.Exec("INSERT INTO platform_events (id, at) VALUES (?, ?)", "b", start)
		for _, id := range []string{"a", "b"} {
			if _, err := gorm.G[note](tx.Gorm(t.Context())).Where("id = ?", id).First(t.Context()); err != nil {
				return fmt.Errorf("%s: %w", id, err)
			}
		}
		tx.Insert(newNote("c"))
		r := tx.Gorm(t.Context()).Exec("UPDATE platform_events SET at = ?", start.Add(time.Hour))
		if r.RowsAffected != 3 {
			t.Errorf("a statement met %d rows, want 3", r.RowsAffected)
		}
		return r.Error
	})
}

// TestPeekDoesNotSeeWhatWaits holds that Peek reads outside until the
// transaction has begun, and inside from then on.
func TestPeekDoesNotSeeWhatWaits(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t)
	count := func(c store.Conn) int64 {
		n, err := gorm.G[note](c.Gorm(t.Context())).Count(t.Context(), "*")
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	write(t, db, func(tx *store.Tx) error {
		if tx.Peek().Postgres() != db.Postgres() {
			t.Error("Peek is of another database")
		}
		tx.Insert(newNote("a"))
		if n := count(tx.Peek()); n != 0 {
			t.Errorf("Peek sees %d queued rows", n)
		}
		if n := count(tx); n != 1 {
			t.Errorf("the transaction sees %d rows, want its own", n)
		}
		tx.Insert(newNote("b"))
		if n := count(tx.Peek()); n != 2 {
			t.Errorf("once begun, Peek sees %d rows, want 2", n)
		}
		if n := count(db); n != 0 {
			t.Errorf("outside, %d rows of an open transaction are seen", n)
		}
		return nil
	})
}

// TestABrokenConstraintIsToldByItsKind holds for every way on which a row
// reaches the database, and that the error has no value in it.
func TestABrokenConstraintIsToldByItsKind(t *testing.T) {
	t.Parallel()
	const secret = "13800000001"
	double := func(tx *store.Tx) { tx.Insert(newNote(secret), newNote(secret)) }
	ways := map[string]func(ctx context.Context, tx *store.Tx) error{
		"queued, at the end": func(_ context.Context, tx *store.Tx) error { double(tx); return nil },
		"queued, at the end of what has begun": func(ctx context.Context, tx *store.Tx) error {
			err := begin(ctx, tx)
			double(tx)
			return err
		},
		"queued, by First": func(ctx context.Context, tx *store.Tx) error {
			double(tx)
			_, err := gorm.G[note](tx.Gorm(ctx)).Where("id = ?", secret).First(ctx)
			return err
		},
		"queued, by Find": func(ctx context.Context, tx *store.Tx) error {
			double(tx)
			_, err := gorm.G[note](tx.Gorm(ctx)).Find(ctx)
			return err
		},
		"queued, by Count": func(ctx context.Context, tx *store.Tx) error {
			double(tx)
			_, err := gorm.G[note](tx.Gorm(ctx)).Count(ctx, "*")
			return err
		},
		"queued, by Updates": func(ctx context.Context, tx *store.Tx) error {
			double(tx)
			return tx.Gorm(ctx).Table("platform_events").Where("id = 'x'").Updates(map[string]any{"at": start}).Error
		},
		"queued, by Create": func(ctx context.Context, tx *store.Tx) error {
			double(tx)
			return gorm.G[note](tx.Gorm(ctx)).Create(ctx, newNote("other"))
		},
		"queued, by raw SQL": func(ctx context.Context, tx *store.Tx) error {
			double(tx)
			var n int
			return tx.Gorm(ctx).Raw("SELECT 1").Scan(&n).Error
		},
		"queued, by Exec": func(ctx context.Context, tx *store.Tx) error { double(tx); return begin(ctx, tx) },
		"queued, by the second query": func(ctx context.Context, tx *store.Tx) error {
			double(tx)
			_ = begin(ctx, tx)
			return begin(ctx, tx)
		},
		"queued, swallowed": func(ctx context.Context, tx *store.Tx) error { double(tx); _ = begin(ctx, tx); return nil },
		"a queued statement": func(_ context.Context, tx *store.Tx) error {
			tx.Insert(newNote(secret))
			tx.Exec("INSERT INTO platform_events (id, at) VALUES (?, ?)", secret, start)
			return nil
		},
		"a write of GORM": func(ctx context.Context, tx *store.Tx) error {
			tx.Insert(newNote(secret))
			return gorm.G[note](tx.Gorm(ctx)).Create(ctx, newNote(secret))
		},
		"a statement of GORM": func(ctx context.Context, tx *store.Tx) error {
			tx.Insert(newNote(secret))
			return tx.Gorm(ctx).Exec("INSERT INTO platform_events (id, at) VALUES (?, ?)", secret, start).Error
		},
	}
	db := storetest.Open(t)
	for name, way := range ways {
		t.Run(name, func(t *testing.T) {
			fresh(t, db)
			err := db.Tx(t.Context(), func(tx *store.Tx) error { return way(t.Context(), tx) })
			if !errors.Is(err, gorm.ErrDuplicatedKey) || !store.IsDuplicate(err) {
				t.Errorf("a double key is told as %v", err)
			}
			if err != nil && strings.Contains(err.Error(), secret) {
				t.Errorf("the error has the value: %v", err)
			}
			wantNotes(t, db)
		})
	}
}

// TestOtherConstraintsAreNoDuplicates holds that a missing parent is told as
// such, and that neither it nor a broken check is a double key.
func TestOtherConstraintsAreNoDuplicates(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t)
	err := db.Tx(t.Context(), func(tx *store.Tx) error {
		institution.AddUnit(tx, start, store.NewID(), "水利局", institution.HandlingUnit)
		return nil
	})
	if !errors.Is(err, gorm.ErrForeignKeyViolated) || store.IsDuplicate(err) {
		t.Errorf("a missing parent is told as %v", err)
	}
	err = db.Tx(t.Context(), func(tx *store.Tx) error {
		institution.Add(tx, start, "言城县政协", "VILLAGE", institution.SmallOffice, nil)
		return nil
	})
	if err == nil || store.IsDuplicate(err) {
		t.Errorf("a broken check is told as %v", err)
	}
	if store.IsDuplicate(nil) {
		t.Error("no error is a double key")
	}
}

// TestAFailureThatWasSwallowedIsNoSilentRollback holds that a transaction which
// reports success has kept what it wrote. PostgreSQL rolls back whatever came
// before a failed statement, so there the end must fail; SQLite goes on.
func TestAFailureThatWasSwallowedIsNoSilentRollback(t *testing.T) {
	t.Parallel()
	db := open(t, storetest.Address(t), 1)
	for _, last := range []bool{false, true} {
		t.Run(fmt.Sprintf("more is queued %t", last), func(t *testing.T) {
			fresh(t, db)
			err := db.Tx(t.Context(), func(tx *store.Tx) error {
				tx.Insert(newNote("a"))
				if tx.Gorm(t.Context()).Exec("SELECT nothing FROM nowhere").Error == nil {
					t.Error("nonsense is done")
				}
				if last {
					tx.Insert(newNote("b"))
				}
				return nil
			})
			switch {
			case db.Postgres() && err == nil:
				t.Error("the end says that it was committed")
			case !db.Postgres() && err != nil:
				t.Errorf("the end fails: %v", err)
			}
			want := 0
			if err == nil {
				want = 1
				if last {
					want = 2
				}
			}
			if got := notes(t, db); len(got) != want {
				t.Errorf("the table has %q, and the end said %v", got, err)
			}
			wantClean(t, db)
		})
	}
}

// TestRoundTripsAreFew counts, on PostgreSQL, what goes over the wire once the
// statements are prepared.
func TestRoundTripsAreFew(t *testing.T) {
	t.Parallel()
	address := storetest.Address(t)
	if strings.HasPrefix(address, "sqlite:") {
		t.Log("SQLite has no wire")
		return
	}
	db, r := relayed(t, address)
	ctx := t.Context()
	ids := func(turn int, name string) *note { return newNote(fmt.Sprintf("%s %d", name, turn)) }
	cases := map[string]struct {
		fn   func(turn int, tx *store.Tx) error
		want int64
	}{
		"nothing": {func(int, *store.Tx) error { return nil }, 0},
		"rows and statements alone": {func(turn int, tx *store.Tx) error {
			tx.Insert(ids(turn, "a"), ids(turn, "b"))
			tx.Exec("UPDATE platform_events SET at = ? WHERE id = ?", start, "none")
			return nil
		}, 1},
		"a look outside and rows": {func(turn int, tx *store.Tx) error {
			tx.Insert(ids(turn, "a"))
			_, err := gorm.G[note](tx.Peek().Gorm(ctx)).Where("id = ?", "none").Find(ctx)
			return err
		}, 2},
		// Begin and what is queued, the read, what is queued and commit.
		"rows, a read and rows": {func(turn int, tx *store.Tx) error {
			tx.Insert(ids(turn, "a"))
			_, err := gorm.G[note](tx.Gorm(ctx)).Where("id = ?", "none").Find(ctx)
			tx.Insert(ids(turn, "b"))
			return err
		}, 3},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			fresh(t, db)
			got := r.of(func(turn int) {
				write(t, db, func(tx *store.Tx) error { return c.fn(turn, tx) })
			})
			if got != c.want {
				t.Errorf("%d round trips, want %d", got, c.want)
			}
		})
	}
	t.Run("an act once", func(t *testing.T) {
		fresh(t, db)
		got := r.of(func(turn int) {
			if _, _, err := db.Once(ctx, once(fmt.Sprint(turn)), func(tx *store.Tx) (any, error) {
				tx.Insert(ids(turn, "a"))
				return turn, nil
			}); err != nil {
				t.Fatal(err)
			}
		})
		if got != 1 {
			t.Errorf("%d round trips, want 1", got)
		}
	})
	t.Run("a batch of reads", func(t *testing.T) {
		fresh(t, db)
		got := r.of(func(int) {
			b := db.Batch()
			for range 5 {
				var found []note
				store.Read(b, &found, "SELECT * FROM platform_events WHERE id = ?", "none")
			}
			if err := b.Run(ctx); err != nil {
				t.Fatal(err)
			}
		})
		if got != 1 {
			t.Errorf("%d round trips, want 1", got)
		}
	})
}

// TestManyTransactionsShareAFewConnections holds that nobody waits for a second
// connection while holding the first.
func TestManyTransactionsShareAFewConnections(t *testing.T) {
	t.Parallel()
	db := open(t, storetest.Address(t), 4)
	i := newInstitution(t, db)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	const workers = 50
	errs := make([]error, workers)
	var wg sync.WaitGroup
	for n := range workers {
		wg.Go(func() {
			errs[n] = db.Tx(ctx, func(tx *store.Tx) error {
				if _, err := gorm.G[note](tx.Peek().Gorm(ctx)).Limit(1).Find(ctx); err != nil {
					return err
				}
				tx.Insert(newNote(fmt.Sprintf("%02d", n)))
				if n%2 == 0 {
					return nil // inserts alone
				}
				if _, err := tx.Next(ctx, i.ID, "suggestion", "2026"); err != nil {
					return err
				}
				_, err := gorm.G[note](tx.Peek().Gorm(ctx)).Limit(1).Find(ctx)
				return err
			})
		})
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	if got := notes(t, db); len(got) != workers || !slices.IsSorted(got) {
		t.Errorf("%d of %d rows are there", len(got), workers)
	}
}

// TestReadingHandlesDoNotWriteOnSQLite holds that whatever writes goes through
// Tx, which the one writer is for.
func TestReadingHandlesDoNotWriteOnSQLite(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t)
	if db.Postgres() {
		t.Log("PostgreSQL has one pool for both")
		return
	}
	if err := gorm.G[note](db.Gorm(t.Context())).Create(t.Context(), newNote("a")); err == nil {
		t.Error("a reading handle wrote")
	}
	wantNotes(t, db)
}

// TestNoBytesAreNull: a column of bytes that a row does not fill is NULL on either
// database, not an empty value, however it is written.
func TestNoBytesAreNull(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t)
	people := seeded(t, db).people
	null := func(id string) (is bool) {
		t.Helper()
		if err := db.Gorm(t.Context()).Raw("SELECT phone_sealed IS NULL FROM people WHERE id = ?", id).Scan(&is).Error; err != nil {
			t.Fatal(err)
		}
		return is
	}
	if !null(people[0].ID) || null(people[1].ID) {
		t.Errorf("inserted: %v, %v", null(people[0].ID), null(people[1].ID))
	}
	err := db.Tx(t.Context(), func(tx *store.Tx) error {
		tx.Exec("UPDATE people SET phone_sealed = ? WHERE id = ?", []byte(nil), people[1].ID)
		tx.Exec("UPDATE people SET phone_sealed = ? WHERE id = ?", []byte{}, people[0].ID)
		return nil
	})
	if err != nil || !null(people[1].ID) || null(people[0].ID) {
		t.Errorf("updated: %v, %v, %v", err, null(people[1].ID), null(people[0].ID))
	}
	p := people[0]
	p.ID = store.NewID()
	err = db.Tx(t.Context(), func(tx *store.Tx) error { return tx.Gorm(t.Context()).Create(&p).Error })
	if err != nil || !null(p.ID) {
		t.Errorf("created: %v, %v", err, null(p.ID))
	}
}
