package api_test

import (
	"net/http"
	"testing"

	"yanlu/internal/app/apptest"
)

// TestAListIsNarrowed: one's own matters are those that one wrote, or is asked to
// sign; what all members may read is not among them. A draft is nobody's but its
// author's, and what has ended is apart from what is under way.
func TestAListIsNarrowed(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	listed := func(name, query string) map[string]bool {
		t.Helper()
		var page struct{ Items []struct{ ID string } }
		w.Get(name, "/v1/suggestions?limit=100&"+query).Into(t, http.StatusOK, &page)
		ids := map[string]bool{}
		for _, x := range page.Items {
			ids[x.ID] = true
		}
		return ids
	}
	sent := func(title string, more map[string]any) string {
		t.Helper()
		body := submission(title)
		for k, v := range more {
			body[k] = v
		}
		var s state
		w.Post(apptest.Author, "/v1/suggestions", body).Into(t, http.StatusCreated, &s)
		return s.ID
	}
	var draft state
	w.Post(apptest.Author, "/v1/suggestions/drafts", map[string]any{"title": "还没写完"}).Into(t, http.StatusCreated, &draft)
	open := sent("人民路路灯", map[string]any{"co_author_ids": []string{w.Person(apptest.CoAuthor).ID}})
	over := sent("已经撤回的", nil)
	act(w, apptest.Author, "/v1/suggestions/"+over+"/withdraw", map[string]any{"version": 1})
	if err := w.DB.Gorm(t.Context()).Exec("UPDATE matters SET visibility = 'MEMBERS' WHERE id = ?", open).Error; err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, query       string
		draft, open, over bool
	}{
		{apptest.Author, "mine=true", true, true, true},
		{apptest.Author, "mine=true&stage=DRAFT", true, false, false},
		{apptest.Author, "mine=true&stage=OPEN", false, true, false},
		{apptest.Author, "stage=OVER", false, false, true},
		{apptest.CoAuthor, "mine=true", false, true, false},
		{apptest.OtherMember, "", false, true, false},
		{apptest.OtherMember, "mine=true", false, false, false},
		{apptest.Staff, "", false, true, true},
		{apptest.Staff, "stage=OPEN", false, true, false},
		{apptest.Staff, "mine=true", false, false, false},
	} {
		got := listed(c.name, c.query)
		if got[draft.ID] != c.draft || got[open] != c.open || got[over] != c.over {
			t.Errorf("%s ?%s: draft %t, open %t, over %t", c.name, c.query, got[draft.ID], got[open], got[over])
		}
	}
}
