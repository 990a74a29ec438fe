package api_test

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"yanlu/internal/app/apptest"
)

// step takes an action on a suggestion as it stands now.
func step(w *apptest.World, name, id, action string, body map[string]any) state {
	w.T.Helper()
	all := map[string]any{"version": look(w, apptest.Staff, id).Version}
	maps.Copy(all, body)
	return act(w, name, suggestions+id+"/"+action, all)
}

func merge(w *apptest.World, source, target state) {
	w.T.Helper()
	step(w, apptest.Staff, source.ID, "merge", map[string]any{"target_id": target.ID})
}

// answer takes a suggestion from handing in to the answer that its authors get.
func answer(w *apptest.World, id string) {
	w.T.Helper()
	step(w, apptest.Staff, id, "accept", map[string]any{"route": "DIRECT_UNIT"})
	step(w, apptest.Staff, id, "dispatch", map[string]any{"lead_unit_id": w.Units[0].ID})
	reply(w, id)
}

// reply lets the lead unit answer, and the answer pass.
func reply(w *apptest.World, id string) {
	w.T.Helper()
	replyAs(w, id, apptest.Staff)
}

// answers counts how often somebody was told of the answer of a matter.
func answers(w *apptest.World, name, id string) int {
	w.T.Helper()
	n := 0
	for _, title := range told(w, name, id) {
		if strings.Contains(title, "有答复了") {
			n++
		}
	}
	return n
}

// TestAnAnswerStandsOnAllThatWasMerged: who is asked to sign two matters answers once
// where these have become one, however many merges lie between them.
func TestAnAnswerStandsOnAllThatWasMerged(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	asked := map[string]any{"co_author_ids": []string{w.Person(apptest.InvitedMember).ID}}
	first, middle, last := begin(w, apptest.Author, asked), submit(w, apptest.OtherMember), begin(w, apptest.CoAuthor, asked)
	merge(w, first, middle)
	merge(w, middle, last)
	step(w, apptest.InvitedMember, first.ID, "agree", nil)
	for _, x := range []state{first, middle, last} {
		if got := people(w, apptest.Staff, x.ID)[apptest.InvitedMember]; got != "GIVEN" {
			t.Errorf("on %s they are %q", x.ID, got)
		}
	}
}

func expire(w *apptest.World) {
	w.T.Helper()
	for more, err := w.Matters.Expire(w.T.Context()); more || err != nil; more, err = w.Matters.Expire(w.T.Context()) {
		if err != nil {
			w.T.Fatal(err)
		}
	}
}

// TestAMergeLosesNobody: the authors of both are answered, once each, and the
// merge can be undone until then.
func TestAMergeLosesNobody(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	target, source, third := submit(w, apptest.Author), submit(w, apptest.OtherMember), submit(w, apptest.CoAuthor)
	wantCode(t, w.Post(apptest.Staff, suggestions+source.ID+"/merge", map[string]any{"version": 1, "target_id": source.ID}),
		http.StatusUnprocessableEntity, "matter.merge_target")
	merge(w, source, target)
	merge(w, third, target)
	if got := people(w, apptest.OtherMember, target.ID); len(got) != 3 {
		t.Fatalf("authors of what others were merged into: %v", got)
	}
	if got := told(w, apptest.OtherMember, source.ID); len(got) != 1 {
		t.Errorf("the author of what was merged was told %v", got)
	}
	wantCode(t, w.Post(apptest.Staff, suggestions+target.ID+"/reject", map[string]any{"version": 1, "reason": "重复。", "code": "REPEATED"}),
		http.StatusConflict, "matter.stale") // who decides must have seen who is in it
	wantCode(t, w.Post(apptest.Author, suggestions+target.ID+"/withdraw", map[string]any{"version": 3}), http.StatusConflict, "matter.others_in")
	back := step(w, apptest.Staff, third.ID, "unmerge", map[string]any{"reason": "两件并不相同。"})
	if back.Status != "SUBMITTED" || len(people(w, apptest.Staff, target.ID)) != 2 {
		t.Errorf("undone: %+v, authors %v", back, people(w, apptest.Staff, target.ID))
	}
	if got := told(w, apptest.Author, target.ID); len(got) != 3 { // of two merges and of the undoing
		t.Errorf("the author of the target was told %v", got)
	}
	wantCode(t, w.Get(apptest.CoAuthor, suggestions+target.ID), http.StatusNotFound, "matter.not_found")
	answer(w, target.ID)
	for _, name := range []string{apptest.Author, apptest.OtherMember} {
		if n := answers(w, name, target.ID); n != 1 {
			t.Errorf("%s was told of the answer %d times", name, n)
		}
	}
	wantCode(t, w.Post(apptest.Staff, suggestions+source.ID+"/unmerge", map[string]any{"version": 2, "reason": "晚了。"}), http.StatusConflict, "matter.merged_later")
}

// TestWhoDeclinedIsAnsweredForTheirOwn: somebody who did not want to be a
// co-author hands in a suggestion of their own, which is merged: they are its
// author there too, and what they said before comes back with the undoing.
func TestWhoDeclinedIsAnsweredForTheirOwn(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	co := w.Person(apptest.CoAuthor).ID
	target := begin(w, apptest.Author, map[string]any{"co_author_ids": []string{co}})
	act(w, apptest.CoAuthor, suggestions+target.ID+"/decline", map[string]any{"version": 1})
	source := submit(w, apptest.CoAuthor)
	merge(w, source, target)
	step(w, apptest.Staff, source.ID, "unmerge", map[string]any{"reason": "两件并不相同。"})
	if got := people(w, apptest.Staff, target.ID)[apptest.CoAuthor]; got != "DECLINED" {
		t.Errorf("undone, the consent is %q", got)
	}
	merge(w, source, target)
	merge(w, submit(w, apptest.OtherMember), target)
	answer(w, target.ID)
	if n := answers(w, apptest.CoAuthor, target.ID); n != 1 || w.Get(apptest.CoAuthor, suggestions+target.ID).Status != http.StatusOK {
		t.Errorf("told of the answer %d times", n)
	}
}

// TestAConsentOutlivesTheNextMerge, given on either of the two.
func TestAConsentOutlivesTheNextMerge(t *testing.T) {
	t.Parallel()
	for name, on := range map[string]func(source, target state) state{
		"on what was merged": func(source, _ state) state { return source },
		"on the target":      func(_, target state) state { return target },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := apptest.New(t)
			target := submit(w, apptest.Author)
			source := begin(w, apptest.CoAuthor, map[string]any{"co_author_ids": []string{w.Person(apptest.InvitedMember).ID}})
			merge(w, source, target)
			step(w, apptest.InvitedMember, on(source, target).ID, "agree", nil)
			merge(w, submit(w, apptest.OtherMember), target)
			if got := people(w, apptest.Staff, target.ID)[apptest.InvitedMember]; got != "GIVEN" {
				t.Errorf("after the next merge the consent is %q", got)
			}
			answer(w, target.ID)
			if n := answers(w, apptest.InvitedMember, target.ID); n != 1 {
				t.Errorf("told of the answer %d times", n)
			}
		})
	}
}

// TestNobodyGoesWithAnothersMatter: what others were merged into is neither
// withdrawn by its author's inaction nor, where they stood on it before, by the
// author; and they can be taken out of what came to nothing.
func TestNobodyGoesWithAnothersMatter(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	target := begin(w, apptest.Author, map[string]any{"co_author_ids": []string{w.Person(apptest.CoAuthor).ID}})
	step(w, apptest.CoAuthor, target.ID, "agree", nil)
	source := submit(w, apptest.CoAuthor)
	merge(w, source, target)
	wantCode(t, w.Post(apptest.Author, suggestions+target.ID+"/withdraw", map[string]any{"version": look(w, apptest.Author, target.ID).Version}),
		http.StatusConflict, "matter.others_in")
	step(w, apptest.Staff, target.ID, "return", map[string]any{"reason": "请写明路段。"})
	w.Clock.Advance(20 * 24 * time.Hour)
	expire(w)
	if got := look(w, apptest.Staff, target.ID).Status; got != "RETURNED" {
		t.Fatalf("what others were merged into is %s", got)
	}
	if back := step(w, apptest.Staff, source.ID, "unmerge", map[string]any{"reason": "单独办理。"}); back.Status != "SUBMITTED" {
		t.Errorf("taken out: %+v", back)
	}
	w.Clock.Advance(2 * 24 * time.Hour)
	expire(w)
	if got := look(w, apptest.Staff, target.ID).Status; got != "WITHDRAWN" {
		t.Errorf("alone again, it is %s", got)
	}
	if got := told(w, apptest.CoAuthor, target.ID); !slices.ContainsFunc(got, func(s string) bool { return strings.Contains(s, "自动撤回") }) {
		t.Errorf("the co-author was told %v", got)
	}
}

// TestAWithdrawalIsToldToCoAuthors and to nobody twice.
func TestAWithdrawalIsToldToCoAuthors(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	s := begin(w, apptest.Author, map[string]any{"co_author_ids": []string{w.Person(apptest.CoAuthor).ID}})
	step(w, apptest.CoAuthor, s.ID, "agree", nil)
	before := len(told(w, apptest.CoAuthor, s.ID))
	step(w, apptest.Author, s.ID, "withdraw", nil)
	if after := told(w, apptest.CoAuthor, s.ID); len(after) != before+1 {
		t.Errorf("the co-author was told %v", after)
	}
}

// TestNothingIsMergedIntoWhatGoes holds it where both happen at once.
func TestNothingIsMergedIntoWhatGoes(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	staff, author := w.Token(apptest.Staff), w.Token(apptest.Author)
	acts := map[string]apptest.Call{
		"withdraw": {Method: http.MethodPost, Token: author, Body: map[string]any{"version": 1}},
		"reject":   {Method: http.MethodPost, Token: staff, Body: map[string]any{"version": 1, "reason": "重复。", "code": "REPEATED"}},
	}
	for range 10 {
		for action, call := range acts {
			target, source := submit(w, apptest.Author), submit(w, apptest.OtherMember)
			call.Path = suggestions + target.ID + "/" + action
			codes := together(2, func(i int) string {
				if i == 0 {
					return w.Send(call).Code()
				}
				return w.Send(apptest.Call{
					Method: http.MethodPost, Path: suggestions + source.ID + "/merge", Token: staff, Body: map[string]any{"version": 1, "target_id": target.ID},
				}).Code()
			})
			gone, merged := look(w, apptest.Staff, target.ID).Status != "SUBMITTED", look(w, apptest.Staff, source.ID).Status == "MERGED"
			if gone == merged {
				t.Fatalf("%s at the moment of a merge: done %t, merged %t, %q", action, gone, merged, codes)
			}
		}
	}
}

// TestOnlyOneOfManyActsWins holds it for acts that make rows of their own.
func TestOnlyOneOfManyActsWins(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	once := func(name, path string, body map[string]any) {
		t.Helper()
		token, won := w.Token(name), 0
		for _, code := range together(8, func(int) string {
			a := w.Send(apptest.Call{Method: http.MethodPost, Path: path, Token: token, Body: body})
			if a.Status == http.StatusOK {
				return "won"
			}
			return a.Code()
		}) {
			switch code {
			case "won":
				won++
			case "matter.stale", "matter.not_now":
			default:
				t.Errorf("%s: one who lost was told %q", path, code)
			}
		}
		if won != 1 {
			t.Errorf("%s: %d won", path, won)
		}
	}
	for range 5 {
		s := submit(w, apptest.Author)
		path := suggestions + s.ID
		act(w, apptest.Staff, path+"/accept", map[string]any{"version": 1, "route": "DIRECT_UNIT"})
		once(apptest.Staff, path+"/dispatch", map[string]any{"version": 2, "lead_unit_id": w.Units[0].ID})
		reply(w, s.ID)
		once(apptest.Author, path+"/rate", map[string]any{"version": look(w, apptest.Author, s.ID).Version, "attitude": "SATISFIED", "result": "SATISFIED"})
	}
}

// TestUrgentSurvivesMerging: what an urgent suggestion is merged into is urgent
// from then on, for whoever it waits for, and stays so when it is accepted
// without a word of it.
func TestUrgentSurvivesMerging(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	source, target := submit(w, apptest.Author), submit(w, apptest.OtherMember)
	step(w, apptest.Staff, source.ID, "accept", map[string]any{"route": "DIRECT_UNIT", "urgent": true})
	merge(w, source, target)
	urgent := func(when string) {
		t.Helper()
		var v struct{ Urgent bool }
		w.Get(apptest.Staff, suggestions+target.ID).Into(t, http.StatusOK, &v)
		var q tasks
		w.Get(apptest.Staff, "/v1/work?urgent=true").Into(t, http.StatusOK, &q)
		if !v.Urgent || len(q.Items) != 1 || q.Items[0].MatterID != target.ID {
			t.Errorf("%s: urgent %v, the queue %+v", when, v.Urgent, q.Items)
		}
	}
	urgent("merged")
	if last := look(w, apptest.Staff, target.ID).Timeline; !strings.Contains(last[len(last)-1].Comment, "随之加急") {
		t.Errorf("the timeline does not say so: %+v", last)
	}
	step(w, apptest.Staff, target.ID, "accept", map[string]any{"route": "DIRECT_UNIT"})
	urgent("accepted")
}
