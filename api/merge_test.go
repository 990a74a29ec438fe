package api_test

import (
	"slices"
	"strings"
	"testing"

	"yanlu/internal/app/apptest"
)

// merge merges a matter, of which nobody has moved the version, into another.
func merge(w *apptest.World, source, target state) {
	w.T.Helper()
	act(w, apptest.Staff, suggestions+source.ID+"/merge", map[string]any{"version": source.Version, "target_id": target.ID})
}

// inviting hands a suggestion in with co-authors, who are asked.
func inviting(w *apptest.World, name string, co ...string) state {
	w.T.Helper()
	ids := []string{}
	for _, c := range co {
		ids = append(ids, w.Person(c).ID)
	}
	return begin(w, name, map[string]any{"co_author_ids": ids})
}

// TestWhoIsAnAuthorOfBothIsToldOnceThatTheyAreMerged: the others of each side
// are told for theirs.
func TestWhoIsAnAuthorOfBothIsToldOnceThatTheyAreMerged(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	target, source := inviting(w, apptest.Author, apptest.CoAuthor), submit(w, apptest.Author)
	act(w, apptest.CoAuthor, suggestions+target.ID+"/agree", map[string]any{"version": 1})
	before := len(told(w, apptest.Author, target.ID))
	merge(w, source, target)
	if got := told(w, apptest.Author, source.ID); len(got) != 1 || !strings.Contains(got[0], "已合并办理") {
		t.Errorf("the author of both was told of the one that was merged: %v", got)
	}
	if got := told(w, apptest.Author, target.ID); len(got) != before {
		t.Errorf("the author of both was told again: %v", got)
	}
	if got := told(w, apptest.CoAuthor, target.ID); !slices.ContainsFunc(got, func(s string) bool { return strings.Contains(s, "并入") }) {
		t.Errorf("the other author was told %v", got)
	}
}
