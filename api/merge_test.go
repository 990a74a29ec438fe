package api_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

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

// TestAnAnswerStaysWhateverIsMerged: who was asked to be a co-author of what
// was merged, and has answered, is not asked again by another merge, nor when
// it is undone.
func TestAnAnswerStaysWhateverIsMerged(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	target := submit(w, apptest.Author)
	source := inviting(w, apptest.OtherMember, apptest.CoAuthor, apptest.InvitedMember)
	merge(w, source, target)
	act(w, apptest.CoAuthor, suggestions+target.ID+"/agree", map[string]any{"version": 1})
	act(w, apptest.InvitedMember, suggestions+target.ID+"/decline", map[string]any{"version": 1})
	merge(w, submit(w, apptest.LostPhone), target)
	if got := people(w, apptest.Staff, target.ID); got[apptest.CoAuthor] != "GIVEN" || got[apptest.InvitedMember] == "ASKED" {
		t.Errorf("after another merge: %v", got)
	}
	act(w, apptest.Staff, suggestions+source.ID+"/unmerge", map[string]any{"version": 2, "reason": "两件并不相同。"})
	if got := people(w, apptest.Staff, source.ID); got[apptest.CoAuthor] != "GIVEN" || got[apptest.InvitedMember] != "DECLINED" {
		t.Errorf("after it was undone: %v", got)
	}
	wantCode(t, w.Get(apptest.InvitedMember, suggestions+target.ID), http.StatusNotFound, "matter.not_found")
}

// TestWhoDidNotAgreeIsAnAuthorByTheirOwnMatter: who declined to be a co-author
// of one, or has not answered, and whose own is merged into it, is an author of
// it like all others.
func TestWhoDidNotAgreeIsAnAuthorByTheirOwnMatter(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	target := inviting(w, apptest.Author, apptest.CoAuthor, apptest.InvitedMember)
	act(w, apptest.CoAuthor, suggestions+target.ID+"/decline", map[string]any{"version": 1})
	for _, name := range []string{apptest.CoAuthor, apptest.InvitedMember} {
		merge(w, submit(w, name), target)
	}
	for _, name := range []string{apptest.CoAuthor, apptest.InvitedMember} {
		if got := people(w, apptest.Staff, target.ID)[name]; got != "GIVEN" {
			t.Errorf("%s is %q", name, got)
		}
	}
	act(w, apptest.Staff, suggestions+target.ID+"/reject", map[string]any{"version": 1, "code": "UNCLEAR", "reason": "请写明路段。"})
	for _, name := range []string{apptest.Author, apptest.CoAuthor, apptest.InvitedMember} {
		n := 0
		for _, title := range told(w, name, target.ID) {
			if strings.Contains(title, "没有受理") {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%s was told of the decision %d times", name, n)
		}
	}
}

// TestMendingLosesNobodyWhoWasMerged: the first author of a matter that was
// returned names other co-authors, and those of what was merged into it stay,
// also who was a co-author of both. Nor may the matter be taken back.
func TestMendingLosesNobodyWhoWasMerged(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	target, source := inviting(w, apptest.Author, apptest.CoAuthor), submit(w, apptest.CoAuthor)
	act(w, apptest.CoAuthor, suggestions+target.ID+"/agree", map[string]any{"version": 1})
	merge(w, source, target)
	wantCode(t, w.Post(apptest.Author, suggestions+target.ID+"/withdraw", map[string]any{"version": 1}), http.StatusConflict, "matter.others_in")
	act(w, apptest.Staff, suggestions+target.ID+"/return", map[string]any{"version": 1, "reason": "请写明路段。"})
	invited := map[string]any{"version": 2, "co_author_ids": []string{w.Person(apptest.InvitedMember).ID}}
	act(w, apptest.Author, suggestions+target.ID+"/send", content(invited))
	if got := people(w, apptest.Staff, target.ID); got[apptest.CoAuthor] != "GIVEN" || got[apptest.InvitedMember] != "ASKED" || len(got) != 3 {
		t.Errorf("after it was mended: %v", got)
	}
	act(w, apptest.Staff, suggestions+source.ID+"/unmerge", map[string]any{"version": 2, "reason": "两件并不相同。"})
	if got := people(w, apptest.Staff, target.ID); len(got) != 2 {
		t.Errorf("after it was undone: %v", got)
	}
}

// TestWhatOthersWereMergedIntoIsNotWithdrawnByItself: its author does not mend
// it, and the others' would be lost with it.
func TestWhatOthersWereMergedIntoIsNotWithdrawnByItself(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	target, source := submit(w, apptest.Author), submit(w, apptest.OtherMember)
	merge(w, source, target)
	act(w, apptest.Staff, suggestions+target.ID+"/return", map[string]any{"version": 1, "reason": "请写明路段。"})
	for range 2 {
		w.Clock.Advance(8 * 24 * time.Hour)
		if err := w.Round(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if got := look(w, apptest.Staff, target.ID).Status; got != "RETURNED" {
		t.Errorf("it is %s", got)
	}
}
