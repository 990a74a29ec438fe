package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"gorm.io/gorm"

	"yanlu/internal/app/apptest"
)

// countQueries counts the queries that a world reads with.
func countQueries(w *apptest.World) *atomic.Int64 {
	w.T.Helper()
	var n atomic.Int64
	more := func(*gorm.DB) { n.Add(1) }
	c := w.DB.Gorm(w.T.Context()).Callback()
	if err := c.Query().Before("*").Register("test:query", more); err != nil {
		w.T.Fatal(err)
	}
	if err := c.Row().Before("*").Register("test:row", more); err != nil {
		w.T.Fatal(err)
	}
	if err := c.Raw().Before("*").Register("test:raw", more); err != nil {
		w.T.Fatal(err)
	}
	return &n
}

// TestAListAsksNoQueryForALine: with five lines and with fifty a list takes as
// many queries, and not many.
func TestAListAsksNoQueryForALine(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	n := countQueries(w)
	grow := func(k int) {
		t.Helper()
		for i := range k {
			s := submit(w, apptest.Author)
			path := "/v1/suggestions/" + s.ID
			addPhrase(w, apptest.Staff, rejectReason, "重复", nil)
			act(w, apptest.Staff, path+"/take", map[string]any{"version": s.Version})
			propose(w, apptest.Author, "关于改善城乡公交衔接的建议", nil)
			if i%2 == 0 {
				s = act(w, apptest.Staff, path+"/accept", map[string]any{"version": s.Version, "route": "DIRECT_UNIT", "urgent": i%4 == 0})
				act(w, apptest.Staff, path+"/dispatch", map[string]any{"version": s.Version, "lead_unit_id": w.Units[0].ID})
			}
		}
	}
	lists := []struct{ name, path string }{
		{apptest.Staff, "/v1/work?limit=100"}, {apptest.LeadHandler, "/v1/work?limit=100"},
		{apptest.Staff, "/v1/work?limit=100&category=CITY&assignee=me&overdue=false&step=review"}, {apptest.Staff, "/v1/work/count"},
		{apptest.Staff, "/v1/suggestions?limit=100"}, {apptest.Author, "/v1/suggestions?limit=100"}, {apptest.LeadHandler, "/v1/suggestions?limit=100"},
		{apptest.Staff, "/v1/phrases?limit=100"}, {apptest.Staff, "/v1/proposals?limit=100"}, {apptest.Author, "/v1/proposals?limit=100"}, {apptest.Author, "/v1/collections"},
		{apptest.Staff, "/v1/counts?kind=suggestion"}, {apptest.Staff, "/v1/proposals?limit=100&year=2026"},
		{apptest.Staff, "/v1/suggestions/export"}, {apptest.LeadHandler, "/v1/suggestions/export"},
	}
	measure := func(lines int) map[string]int64 {
		t.Helper()
		got := map[string]int64{}
		for _, l := range lists {
			w.Token(l.name)
			before := n.Load()
			a := w.Get(l.name, l.path).Want(t, http.StatusOK)
			got[fmt.Sprint(l.name, " ", l.path)] = n.Load() - before
			if len(a.Body) < 100*lines/2 && l.path != "/v1/work/count" && l.path != "/v1/collections" {
				t.Fatalf("%s has too few lines: %s", l.path, a.Body)
			}
		}
		return got
	}
	grow(5)
	few := measure(1)
	grow(45)
	many := measure(20)
	for path, k := range few {
		// On PostgreSQL a batch does not pass through GORM, and is not counted; on
		// SQLite each of its queries is.
		most := int64(6)
		if strings.HasSuffix(path, "/export") { // of a table with all that is known of a matter, which the audit has
			most = 12
		}
		if many[path] != k || k < 1 || k > most {
			t.Errorf("%s: %d queries for a few lines, %d for many", path, k, many[path])
		}
	}
	t.Log(many)
}
