package store_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"gorm.io/gorm"

	"yanlu/internal/fault"
	"yanlu/internal/store"
	"yanlu/internal/store/storetest"
)

const owner = "0198a000-0000-7000-8000-000000000001"

func once(key string) store.Once {
	return store.Once{AccountID: owner, Key: key, Route: "POST /v1/suggestions", BodyHash: "hash", CreatedAt: start}
}

// keeps is an act that writes a note and answers it: after a read where begun,
// else without one.
func keeps(ctx context.Context, id string, begun bool) func(tx *store.Tx) (any, error) {
	return func(tx *store.Tx) (any, error) {
		if begun {
			if err := begin(ctx, tx); err != nil {
				return nil, err
			}
		}
		tx.Insert(newNote(id))
		return map[string]string{"id": id}, nil
	}
}

// bothWays runs a test with acts that read and with acts that do not.
func bothWays(t *testing.T, fn func(t *testing.T, db *store.DB, begun bool)) {
	db := open(t, storetest.Address(t), 4)
	for _, begun := range []bool{false, true} {
		t.Run(fmt.Sprintf("the act reads %t", begun), func(t *testing.T) {
			fn(t, fresh(t, db), begun)
		})
	}
}

func TestAKeyActsOnce(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, db *store.DB, begun bool) {
		for turn, id := range []string{"first", "second", "third"} {
			got, replayed, err := db.Once(t.Context(), once("key"), keeps(t.Context(), id, begun))
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != `{"id":"first"}` || replayed != (turn > 0) {
				t.Errorf("time %d: %s, replayed %t", turn, got, replayed)
			}
		}
		wantNotes(t, db, "first")
	})
}

func TestAnotherAccountMayHaveTheSameKey(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t)
	other := once("key")
	other.AccountID = "0198a000-0000-7000-8000-000000000002"
	for _, want := range []store.Once{once("key"), once("key2"), other} {
		if _, replayed, err := db.Once(t.Context(), want, keeps(t.Context(), want.AccountID+want.Key, false)); replayed || err != nil {
			t.Errorf("%s of %s: replayed %t, %v", want.Key, want.AccountID, replayed, err)
		}
	}
}

func TestAKeyWithAnotherRequestIsRefused(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, db *store.DB, begun bool) {
		if _, _, err := db.Once(t.Context(), once("key"), keeps(t.Context(), "a", begun)); err != nil {
			t.Fatal(err)
		}
		otherBody, otherRoute := once("key"), once("key")
		otherBody.BodyHash, otherRoute.Route = "other", "POST /v1/suggestions/1/accept"
		for name, want := range map[string]store.Once{"body": otherBody, "route": otherRoute} {
			got, replayed, err := db.Once(t.Context(), want, keeps(t.Context(), "b", begun))
			if !errors.Is(err, store.ErrKeyReused) || got != nil || replayed {
				t.Errorf("another %s: %s, %t, %v", name, got, replayed, err)
			}
		}
		wantNotes(t, db, "a")
	})
}

// TestAnActThatFailsMayBeTriedAgain holds for an error, a fault, an answer that
// is no JSON, and a panic.
func TestAnActThatFailsMayBeTriedAgain(t *testing.T) {
	t.Parallel()
	broken := fault.New(fault.Conflict, "test.broken", "不行。")
	bothWays(t, func(t *testing.T, db *store.DB, begun bool) {
		act := keeps(t.Context(), "a", begun)
		for name, want := range map[string]struct {
			answer any
			err    error
		}{"an error": {nil, errMine}, "a fault": {nil, broken}, "no JSON": {make(chan int), nil}} {
			got, replayed, err := db.Once(t.Context(), once("key"), func(tx *store.Tx) (any, error) {
				_, _ = act(tx)
				return want.answer, want.err
			})
			if err == nil || got != nil || replayed || want.err != nil && !errors.Is(err, want.err) {
				t.Errorf("%s: %s, %t, %v", name, got, replayed, err)
			}
		}
		func() {
			defer func() { _ = recover() }()
			_, _, _ = db.Once(t.Context(), once("key"), func(tx *store.Tx) (any, error) {
				_, _ = act(tx)
				panic(errMine)
			})
		}()
		wantNotes(t, db)
		if _, replayed, err := db.Once(t.Context(), once("key"), act); replayed || err != nil {
			t.Errorf("tried again: replayed %t, %v", replayed, err)
		}
		wantNotes(t, db, "a")
	})
}

// TestADuplicateOfTheActIsNoReplay holds that only the key's own row makes an
// answer an earlier one.
func TestADuplicateOfTheActIsNoReplay(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, db *store.DB, begun bool) {
		write(t, db, func(tx *store.Tx) error { tx.Insert(newNote("taken")); return nil })
		got, replayed, err := db.Once(t.Context(), once("key"), keeps(t.Context(), "taken", begun))
		if !store.IsDuplicate(err) || got != nil || replayed {
			t.Errorf("a double row of the act: %s, %t, %v", got, replayed, err)
		}
		// The act itself meets the duplicate and returns it.
		got, replayed, err = db.Once(t.Context(), once("key"), func(tx *store.Tx) (any, error) {
			return "done", tx.Gorm(t.Context()).Exec("INSERT INTO platform_events (id, at) VALUES (?, ?)", "taken", start).Error
		})
		if !store.IsDuplicate(err) || got != nil || replayed {
			t.Errorf("a double row that the act returns: %s, %t, %v", got, replayed, err)
		}
		if _, replayed, err = db.Once(t.Context(), once("key"), keeps(t.Context(), "free", begun)); replayed || err != nil {
			t.Errorf("the key afterwards: replayed %t, %v", replayed, err)
		}
	})
}

// outcome is what Once returned.
type outcome struct {
	response json.RawMessage
	replayed bool
	err      error
}

// twins starts an act that holds its transaction open, and the same key again
// in another goroutine. Finish lets the first one go, with an error or without.
func twins(t *testing.T, db *store.DB, finish error) (first, second outcome) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	begun, release := make(chan struct{}), make(chan struct{})
	results := [2]chan outcome{make(chan outcome, 1), make(chan outcome, 1)}
	run := func(n int, act func(tx *store.Tx) (any, error)) {
		var o outcome
		o.response, o.replayed, o.err = db.Once(ctx, once("key"), act)
		results[n] <- o
	}
	go run(0, func(tx *store.Tx) (any, error) {
		answer, err := keeps(ctx, "first", true)(tx)
		close(begun)
		<-release
		return answer, errors.Join(err, finish)
	})
	<-begun
	go run(1, keeps(ctx, "second", true))
	select {
	case o := <-results[1]:
		t.Errorf("the twin did not wait: %+v", o)
		results[1] <- o
	case <-time.After(150 * time.Millisecond):
	}
	close(release)
	return <-results[0], <-results[1]
}

// TestATwinWaitsForTheAnswer holds that a twin gets the answer of the first, and
// acts itself where the first failed.
func TestATwinWaitsForTheAnswer(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t)
	first, second := twins(t, db, nil)
	if first.err != nil || string(first.response) != `{"id":"first"}` || first.replayed {
		t.Errorf("the first: %s, %t, %v", first.response, first.replayed, first.err)
	}
	if second.err != nil || string(second.response) != `{"id":"first"}` || !second.replayed {
		t.Errorf("the twin: %s, %t, %v", second.response, second.replayed, second.err)
	}
	wantNotes(t, db, "first")

	first, second = twins(t, fresh(t, db), errMine)
	if !errors.Is(first.err, errMine) {
		t.Errorf("the first, which fails: %v", first.err)
	}
	if second.err != nil || string(second.response) != `{"id":"second"}` || second.replayed {
		t.Errorf("the twin of what failed: %s, %t, %v", second.response, second.replayed, second.err)
	}
	wantNotes(t, db, "second")
}

// TestManyTwinsAreOneAct holds for acts that read and for those that do not.
func TestManyTwinsAreOneAct(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, db *store.DB, begun bool) {
		const many = 16
		results := make(chan outcome, many)
		for n := range many {
			go func() {
				var o outcome
				o.response, o.replayed, o.err = db.Once(t.Context(), once("key"), keeps(t.Context(), fmt.Sprint(n), begun))
				results <- o
			}()
		}
		answers, acted := map[string]bool{}, 0
		for range many {
			o := <-results
			if o.err != nil {
				t.Error(o.err)
			}
			answers[string(o.response)] = true
			if !o.replayed {
				acted++
			}
		}
		if len(answers) != 1 || acted != 1 || len(notes(t, db)) != 1 {
			t.Errorf("%d acted, the answers are %v, the rows %v", acted, answers, notes(t, db))
		}
	})
}

// TestForgottenKeysMayBeUsedAgain holds that only what is older than the time
// goes, a thousand at once.
func TestForgottenKeysMayBeUsedAgain(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t)
	limit := start.Add(time.Hour)
	rows := make([]store.Once, 1001)
	for i := range rows {
		rows[i] = once(fmt.Sprintf("old %d", i))
		rows[i].Response, rows[i].CreatedAt = "{}", limit.Add(-time.Microsecond)
	}
	at, later := once("at"), once("later")
	at.Response, at.CreatedAt, later.Response, later.CreatedAt = "{}", limit, "{}", limit.Add(time.Hour)
	write(t, db, func(tx *store.Tx) error { tx.Insert(&rows, &at, &later); return nil })
	for _, want := range []int64{1000, 1, 0} {
		if n, err := db.Forget(t.Context(), limit); n != want || err != nil {
			t.Errorf("forgot %d, %v; want %d", n, err, want)
		}
	}
	left, err := gorm.G[store.Once](db.Gorm(t.Context())).Order("key").Find(t.Context())
	if err != nil || len(left) != 2 || left[0].Key != "at" || left[1].Key != "later" {
		t.Errorf("left are %v, %v", left, err)
	}
	if _, replayed, err := db.Once(t.Context(), once("old 1"), keeps(t.Context(), "again", false)); replayed || err != nil {
		t.Errorf("a forgotten key: replayed %t, %v", replayed, err)
	}
}
