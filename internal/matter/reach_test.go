package matter_test

import (
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yanlu/internal/app/apptest"
	"yanlu/internal/institution"
	"yanlu/internal/matter"
	"yanlu/internal/member"
	"yanlu/internal/store"
	"yanlu/internal/suggestion"
	"yanlu/internal/workflow"
)

// alter registers suggestions again as a kind that has more of its own.
func alter(w *apptest.World, change func(*matter.Head)) {
	for _, h := range w.Matters.Heads() {
		if h.Kind == suggestion.Kind {
			change(&h)
			w.Matters.Register(h)
		}
	}
}

// closed are the states in which the suggestions of these tests are closed.
var closed = []workflow.Status{suggestion.Submitted, suggestion.Returned, suggestion.Rejected, suggestion.Withdrawn}

// shuts closes suggestions until they are accepted, to all but the office, and
// lets the government's office oversee the rest.
func shuts(w *apptest.World) {
	w.T.Helper()
	alter(w, func(h *matter.Head) {
		h.Reach = matter.Reach{
			Closed: closed, To: []member.Role{member.InfoStaff, member.ProposalStaff, member.ProposalChair}, Overseers: []member.Role{member.GovOffice},
		}
	})
	w.Write(func(tx *store.Tx) error {
		tx.Exec("UPDATE appointments SET role = 'GOV_OFFICE' WHERE person_id = ?", w.Person(apptest.Admin).ID)
		return nil
	})
}

// isClosed tells whether a matter is closed: by its own state, or by that of what
// it was merged into, however often.
func (r rowsOf) isClosed(m matter.Matter) bool {
	for m.MergedInto != nil {
		m = r.matters[slices.IndexFunc(r.matters, func(x matter.Matter) bool { return x.ID == *m.MergedInto })]
	}
	return slices.Contains(closed, m.Status)
}

// seesBy tells by the rules of such a kind alone whether somebody may see a
// matter.
func (r rowsOf) seesBy(w *apptest.World, name string, m matter.Matter) bool {
	if m.InstitutionID != w.Person(name).InstitutionID {
		return false
	}
	own := slices.ContainsFunc(r.authors, func(a matter.Author) bool {
		return (a.MatterID == m.ID || m.MergedInto != nil && a.MatterID == *m.MergedInto) && a.Is(w.Person(name).ID) && a.Consent != matter.Declined
	})
	switch {
	case own, name == apptest.Staff, name == apptest.ProposalStaff, name == apptest.ForeignStaff:
		return true
	case r.isClosed(m):
		return false
	case name == apptest.Leader, name == apptest.Admin:
		return true
	}
	return r.sees(w, name, m) || m.MergedInto != nil && slices.Contains(handlers, name) && r.sees(w, name, r.matters[slices.IndexFunc(r.matters, func(x matter.Matter) bool { return x.ID == *m.MergedInto })])
}

// TestWhatAKindClosesIsSeenByItsOwnAlone: until it is accepted only authors, who
// is asked to be one and the office see it; list, read, act and the list of who is
// late agree.
func TestWhatAKindClosesIsSeenByItsOwnAlone(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	shuts(w)
	scatter(w, rand.New(rand.NewPCG(11, 12)), 18)
	merge := func(from, into workflow.Status) {
		rows := read(w).matters
		is := func(s workflow.Status, not string) int {
			return slices.IndexFunc(rows, func(m matter.Matter) bool { return m.Status == s && m.InstitutionID == w.County.ID && m.ID != not })
		}
		i := is(from, "")
		j := is(into, rows[i].ID)
		s := &walk{World: w, id: rows[i].ID, version: rows[i].Version}
		s.act(apptest.Staff, "", "merge", map[string]any{"target_id": rows[j].ID})
	}
	merge(suggestion.Submitted, suggestion.Submitted)
	merge(suggestion.Submitted, suggestion.Accepted)
	r := read(w)
	accept := map[string]any{"version": 1 << 30, "route": "DIRECT_UNIT"}
	saw := map[bool]int{}
	for _, name := range people {
		var want []string
		by := map[workflow.Status][]string{}
		for _, m := range slices.Backward(r.matters) {
			status, sees := http.StatusNotFound, r.seesBy(w, name, m)
			if saw[sees]++; sees {
				want, status = append(want, m.ID), http.StatusOK
				by[m.Status] = append(by[m.Status], m.ID)
			}
			if a := w.Get(name, "/v1/suggestions/"+m.ID); a.Status != status {
				t.Errorf("%s reads %s in %s: %d, want %d", name, m.ID, m.Status, a.Status, status)
			}
			if got := answer(w.Post(name, "/v1/suggestions/"+m.ID+"/accept", accept)); sees == (got == "404 matter.not_found") {
				t.Errorf("%s acts on %s in %s, seen %t: %s", name, m.ID, m.Status, sees, got)
			}
		}
		if diff := cmp.Diff(want, listed(w, name)); diff != "" {
			t.Errorf("the list of %s: %s", name, diff)
		}
		for _, state := range suggestion.Flow().States {
			var got struct{ Items []struct{ ID string } }
			w.Get(name, "/v1/suggestions?limit=100&status="+string(state.Name)).Into(t, http.StatusOK, &got)
			var ids []string
			for _, x := range got.Items {
				ids = append(ids, x.ID)
			}
			if diff := cmp.Diff(by[state.Name], ids); diff != "" {
				t.Errorf("the list of %s in %s: %s", name, state.Name, diff)
			}
		}
	}
	if saw[true] < 20 || saw[false] < 20 {
		t.Errorf("seen and not seen were %v: too few to say anything", saw)
	}

	w.Clock.Advance(5 * 24 * time.Hour)
	late := func(name string) (n int) {
		var v struct {
			Groups []struct {
				Items []struct {
					MatterID string `json:"matter_id"`
				}
			}
		}
		w.Get(name, "/v1/work/overdue").Into(t, http.StatusOK, &v)
		for _, g := range v.Groups {
			for _, x := range g.Items {
				n++
				m := r.matters[slices.IndexFunc(r.matters, func(m matter.Matter) bool { return m.ID == x.MatterID })]
				if !r.seesBy(w, name, m) {
					t.Errorf("%s learns that %s in %s is late", name, m.ID, m.Status)
				}
			}
		}
		return n
	}
	if staff, leader := late(apptest.Staff), late(apptest.Leader); leader == 0 || leader >= staff {
		t.Errorf("staff see %d that are late, a leader %d", staff, leader)
	}
}

// TestWhoOverseesAKindReadsAllOfIt: but for the notes of the office.
func TestWhoOverseesAKindReadsAllOfIt(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	shuts(w)
	s := newWalk(w)
	s.submit(apptest.Author)
	s.accept()
	s.act(apptest.Staff, "", "note", map[string]any{"text": "内部备注。"})
	s.dispatch(0, 0)
	s.sign(0)
	s.act(apptest.LeadHandler, s.assignments[0], "log_contact", map[string]any{"way": "VISIT", "summary": "见面谈过。"})
	lines := func(name string) (actions []string) {
		var v struct {
			Timeline []struct{ Action, Actor string }
		}
		w.Get(name, "/v1/suggestions/"+s.id).Into(t, http.StatusOK, &v)
		for _, e := range v.Timeline {
			actions = append(actions, e.Action+":"+e.Actor)
		}
		return actions
	}
	want := slices.DeleteFunc(lines(apptest.Leader), func(l string) bool { return strings.HasPrefix(l, "note:") })
	if got := lines(apptest.Admin); !slices.Equal(got, want) || len(want) < 5 {
		t.Errorf("reads %q, want %q", got, want)
	}
}

// TestUnitsDoNotLearnWhoTheAuthorsAre: where the institution keeps it from them,
// nothing that a unit gets has an author's name; the office and the authors read
// it as ever.
func TestUnitsDoNotLearnWhoTheAuthorsAre(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	toUnits := institution.Setting[bool]{Name: "test.authors_to_units", Label: "承办单位能否看到提出人", Default: false}
	alter(w, func(h *matter.Head) { h.AuthorsToUnits = &toUnits })
	names := []string{apptest.Author, apptest.CoAuthor, apptest.InvitedMember, apptest.OtherMember}
	id := func(n string) string { return w.Person(n).ID }
	act := func(s *walk, name, action string, body map[string]any) {
		t.Helper()
		s.act(name, "", action, body)
	}

	s := newWalk(w)
	s.submitAs(apptest.Author, map[string]any{"co_author_ids": []string{id(apptest.CoAuthor), id(apptest.InvitedMember)}})
	act(s, apptest.CoAuthor, "agree", nil)
	act(s, apptest.Staff, "return", map[string]any{"reason": "请写明是哪几盏。"})
	// Who agreed is named no more, and yet stands in the timeline.
	act(s, apptest.Author, "send", map[string]any{
		"title": "修复人民路路灯", "body": "人民路中段有六盏路灯已坏两周，晚上行人不便，建议尽快修复。", "category": "CITY", "co_author_ids": []string{id(apptest.InvitedMember)},
	})
	act(s, apptest.Staff, "decline", map[string]any{"paper": map[string]any{"person_id": id(apptest.InvitedMember), "date": "2026-03-03"}})
	other := newWalk(w)
	other.submit(apptest.OtherMember)
	other.act(apptest.Staff, "", "merge", map[string]any{"target_id": s.id})
	s.version++
	s.accept()
	s.dispatch(0, 0, 1)
	s.sign(0)
	act(s, apptest.Author, "ask_urge", nil)
	s.act(apptest.Staff, s.assignments[0], "urge", nil)
	s.reply(0)
	s.act(apptest.Staff, s.assignments[0], "pass", nil)
	s.version++
	act(s, apptest.Author, "rate", map[string]any{"attitude": "SATISFIED", "result": "SATISFIED"})
	act(s, apptest.Staff, "confirm_rating", nil)

	reads := func(name string) []string {
		var found []string
		var raw strings.Builder
		for _, path := range []string{"/v1/suggestions/" + s.id, "/v1/suggestions/" + other.id, "/v1/suggestions", "/v1/work", "/v1/inbox"} {
			a := w.Get(name, path)
			a.Want(t, http.StatusOK)
			raw.Write(a.Body)
		}
		for _, n := range names {
			if strings.Contains(raw.String(), n) {
				found = append(found, n)
			}
		}
		return found
	}
	for _, name := range []string{apptest.LeadHandler, apptest.CoHandler} {
		if got := reads(name); len(got) > 0 {
			t.Errorf("%s reads %q", name, got)
		}
		var v struct {
			Authors  []any
			Hidden   bool `json:"authors_hidden"`
			Timeline []struct{ Action, Actor, Comment string }
		}
		w.Get(name, "/v1/suggestions/"+s.id).Into(t, http.StatusOK, &v)
		if len(v.Authors) > 0 || !v.Hidden || v.Timeline[0].Actor != "提出人" {
			t.Errorf("%s reads %+v", name, v)
		}
	}
	if got := reads(apptest.Staff); !slices.Equal(got, names) {
		t.Errorf("the office reads %q of %q", got, names)
	}
	// A handler who is a member as well, and its author.
	w.Write(func(tx *store.Tx) error {
		member.Appoint(tx, w.Clock.Now(), w.Person(apptest.Author), member.UnitHandler, w.Units[0].ID)
		return nil
	})
	if got := reads(apptest.Author); !slices.Contains(got, apptest.Author) {
		t.Errorf("the author reads %q", got)
	}
	w.Write(func(tx *store.Tx) error {
		return institution.Set(tx, w.Clock.Now(), w.County.ID, toUnits, json.RawMessage("true"))
	})
	if got := reads(apptest.LeadHandler); !slices.Contains(got, apptest.Author) {
		t.Errorf("once the institution lets it, a unit reads %q", got)
	}
}
