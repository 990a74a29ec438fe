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
		w.Get(name, "/v1/proposals?limit=100&"+query).Into(t, http.StatusOK, &page)
		ids := map[string]bool{}
		for _, x := range page.Items {
			ids[x.ID] = true
		}
		return ids
	}
	var draft, open, over state
	w.Post(apptest.Author, "/v1/proposals/drafts", map[string]any{"title": "还没写完"}).Into(t, http.StatusCreated, &draft)
	w.Post(apptest.Author, "/v1/proposals", motion("关于改善城乡公交衔接的建议", map[string]any{
		"public": true, "co_author_ids": []string{w.Person(apptest.CoAuthor).ID},
	})).Into(t, http.StatusCreated, &open)
	move(w, apptest.Staff, open.ID, "file", nil)
	move(w, apptest.Staff, open.ID, "publish", nil)
	w.Post(apptest.Author, "/v1/proposals", motion("关于增设夜间班车的建议", nil)).Into(t, http.StatusCreated, &over)
	move(w, apptest.Author, over.ID, "withdraw", nil)
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
		if got[draft.ID] != c.draft || got[open.ID] != c.open || got[over.ID] != c.over {
			t.Errorf("%s ?%s: draft %t, open %t, over %t", c.name, c.query, got[draft.ID], got[open.ID], got[over.ID])
		}
	}
}
