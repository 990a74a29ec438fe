package store_test

import (
	"errors"
	"slices"
	"sync"
	"testing"

	"yanlu/internal/store"
	"yanlu/internal/store/storetest"
)

func TestNumbersHaveNeitherGapNorDouble(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		fails func(worker int) bool
		want  int
	}{
		"when all are committed":       {func(int) bool { return false }, 200},
		"when every fourth rolls back": {func(n int) bool { return n%4 == 0 }, 150},
		"when every second rolls back": {func(n int) bool { return n%2 == 0 }, 100},
	}
	db := storetest.Open(t)
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			i := newInstitution(t, db)
			var mu sync.Mutex
			var given []int64
			var wg sync.WaitGroup
			for worker := range 200 {
				wg.Go(func() {
					var number int64
					err := db.Tx(t.Context(), func(tx *store.Tx) (err error) {
						if number, err = tx.Next(t.Context(), i.ID, "suggestion", "2026"); err == nil && c.fails(worker) {
							err = errMine
						}
						return err
					})
					switch {
					case err == nil:
						mu.Lock()
						given = append(given, number)
						mu.Unlock()
					case !errors.Is(err, errMine):
						t.Error(err)
					}
				})
			}
			wg.Wait()
			slices.Sort(given)
			if len(given) != c.want {
				t.Fatalf("%d numbers, want %d", len(given), c.want)
			}
			for n, number := range given {
				if number != int64(n+1) {
					t.Fatalf("number %d stands where %d should: %v", number, n+1, given)
				}
			}
		})
	}
}

func TestScopesAreCountedApart(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t)
	one, other := newInstitution(t, db), newInstitution(t, db)
	type scope struct{ institution, kind, scope string }
	scopes := []scope{
		{one.ID, "suggestion", "2026"}, {one.ID, "suggestion", "2027"}, {one.ID, "proposal", "2026"}, {other.ID, "suggestion", "2026"},
	}
	for want := range int64(3) {
		for _, s := range scopes {
			write(t, db, func(tx *store.Tx) error {
				n, err := tx.Next(t.Context(), s.institution, s.kind, s.scope)
				if n != want+1 {
					t.Errorf("%v gives %d, want %d", s, n, want+1)
				}
				return err
			})
		}
	}
	err := db.Tx(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Next(t.Context(), store.NewID(), "suggestion", "2026")
		return err
	})
	if err == nil {
		t.Error("an institution that there is not has a counter")
	}
}
