package handling_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"yanlu/internal/app/apptest"
	"yanlu/internal/handling"
	"yanlu/internal/workflow"
)

// list is what somebody reads of a meeting.
type list struct {
	Title string
	Items []struct {
		ID       string `json:"assignment_id"`
		Unit     string
		Status   string
		Version  int64
		SignedAt *string `json:"signed_at"`
		DueAt    *string `json:"due_at"`
	}
}

// TestAListIsHandedOverAndSignedFor: what one meeting handed over is one list; each
// unit reads its own lines and signs for all of them at once.
func TestAListIsHandedOverAndSignedFor(t *testing.T) {
	t.Parallel()
	s := newStage(t, terms())
	over := func(id, meeting, day string, units ...int) error {
		return s.try(apptest.Staff, id, "dispatch", func(v workflow.Seen) workflow.Input {
			in := s.order("", units...)(v).(handling.HandOverInput)
			in.Meeting, in.MetOn = meeting, day
			return in
		})
	}
	one, two, three := s.open(apptest.Author, "甲"), s.open(apptest.Author, "乙"), s.open(apptest.Author, "丙")
	for _, wrong := range [][2]string{{"提案交办会", "2026-03-04"}, {"提案交办会", "2025-01-01"}, {"", "2026-03-03"}, {"提案交办会", "三月三日"}} {
		wantFault(t, over(one, wrong[0], wrong[1], 0), handling.ErrMeeting)
	}
	for _, x := range []struct {
		id    string
		units []int
	}{{one, []int{0, 1}}, {two, []int{0}}} {
		if err := over(x.id, "提案交办会", "2026-03-02", x.units...); err != nil {
			t.Fatal(err)
		}
	}
	if err := over(three, "平时提案交办会", "", 2); err != nil {
		t.Fatal(err)
	}
	var meetings struct{ Items []struct{ ID, Title string } }
	s.Get(apptest.Staff, "/v1/handovers").Into(t, http.StatusOK, &meetings)
	if len(meetings.Items) != 2 || meetings.Items[1].Title != "提案交办会" {
		t.Fatalf("%+v", meetings)
	}
	path := "/v1/handovers/" + meetings.Items[1].ID
	read := func(name string, lines int) list {
		t.Helper()
		var l list
		s.Get(name, path).Into(t, http.StatusOK, &l)
		if len(l.Items) != lines || l.Title != "提案交办会" {
			t.Errorf("%s reads %+v", name, l)
		}
		return l
	}
	read(apptest.Staff, 3)
	read(apptest.CoHandler, 1)
	wantCode(t, s.Get(apptest.OtherHandler, path), "handling.no_handover")
	wantCode(t, s.Get(apptest.Author, path), "request.forbidden")
	mine := read(apptest.LeadHandler, 2)
	items := []any{}
	for _, x := range mine.Items {
		items = append(items, map[string]any{"id": x.ID, "input": map[string]any{"version": x.Version, "handler_name": "张经办", "handler_phone": "0991-5550101"}})
	}
	bulk := func(name string, items []any) apptest.Answer {
		return s.Post(name, "/v1/assignments/bulk/sign_for", map[string]any{"items": items})
	}
	foreign := map[string]any{"id": s.with(one, 1).ID, "input": map[string]any{"version": 1, "handler_name": "张经办", "handler_phone": "0991-5550101"}}
	wantCode(t, bulk(apptest.LeadHandler, append([]any{foreign}, items...)), "request.bulk") // one is another's: none is signed
	if l := read(apptest.LeadHandler, 2); l.Items[0].SignedAt != nil {
		t.Errorf("%+v", l)
	}
	bulk(apptest.LeadHandler, items).Want(t, http.StatusOK)
	for _, x := range read(apptest.LeadHandler, 2).Items {
		if x.SignedAt == nil || x.DueAt == nil || x.Status != string(handling.Signed) {
			t.Errorf("%+v", x)
		}
	}
	var first, second list
	if err := json.Unmarshal(s.Get(apptest.Staff, path+"?limit=2").Body, &first); err != nil || len(first.Items) != 2 {
		t.Fatalf("%+v, %v", first, err)
	}
	s.Get(apptest.Staff, path+"?limit=2&after="+first.Items[1].ID).Into(t, http.StatusOK, &second)
	if len(second.Items) != 1 || second.Items[0].Unit != s.Units[0].Name {
		t.Errorf("%+v", second)
	}
}

// TestUrgingHasItsWeight: of an author, of the office, of a leader.
func TestUrgingHasItsWeight(t *testing.T) {
	t.Parallel()
	s := newStage(t, terms())
	id := s.dispatched()
	s.on(apptest.Author, id, "ask_urge", func(v workflow.Seen) workflow.Input { return handling.AskUrgeInput{Seen: v} })
	s.do(apptest.Staff, id, 0, "urge", nil)
	s.Clock.Advance(4 * day)
	s.do(apptest.Leader, id, 0, "urge", nil)
	if lead, co := s.with(id, 0).Urged, s.with(id, 1).Urged; lead != 7 || co != 1 {
		t.Errorf("the lead unit was urged by %d, the co-unit by %d", lead, co)
	}
}
