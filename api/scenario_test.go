package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"yanlu/internal/app/apptest"
)

// state is what an action answers.
type state struct {
	ID      string
	Number  string
	Status  string
	Version int64
	Actions []struct{ Name string }
}

func submission(title string) map[string]any {
	return map[string]any{"title": title, "body": "人民路中段有六盏路灯已坏两周，晚上行人不便，建议尽快修复。", "category": "CITY"}
}

// submit hands a suggestion in as a person.
func submit(w *apptest.World, name string) state {
	w.T.Helper()
	var s state
	w.Post(name, "/v1/suggestions", submission("修复人民路路灯")).Into(w.T, http.StatusCreated, &s)
	return s
}

// act takes an action on a matter or assignment and returns where it stands.
func act(w *apptest.World, name, path string, body map[string]any) state {
	w.T.Helper()
	var s state
	w.Post(name, path, body).Into(w.T, http.StatusOK, &s)
	return s
}

// matterView is what reading a suggestion answers, as far as tests look.
type matterView struct {
	state
	Timeline    []struct{ Action, Label, Actor, Comment string }
	Deadlines   []struct{ Kind, Span string }
	Assignments []struct {
		state
		Unit, Role string
	}
	Replies []struct{ Kind, Body, Verdict, ContactPhone string }
	Ratings []struct{ Attitude, Result string }
}

func look(w *apptest.World, name, id string) matterView {
	w.T.Helper()
	var v matterView
	w.Get(name, "/v1/suggestions/"+id).Into(w.T, http.StatusOK, &v)
	return v
}

type tasks struct {
	Items []struct {
		MatterID     string `json:"matter_id"`
		AssignmentID string `json:"assignment_id"`
		Todo         string
		DueAt        time.Time `json:"due_at"`
	}
	Next string
}

func work(w *apptest.World, name string) tasks {
	w.T.Helper()
	var q tasks
	w.Get(name, "/v1/work").Into(w.T, http.StatusOK, &q)
	return q
}

func signFor(version int) map[string]any {
	return map[string]any{"version": version, "handler_name": "阿依努尔·买买提", "handler_phone": "0991-5550101"}
}

func replyBody(version int) map[string]any {
	return map[string]any{
		"version": version, "outcome": "A", "body": "路灯已于本周修复，感谢您的建议。", "contact_name": "阿依努尔·买买提",
		"contact_phone": "0991-5550101", "way": "PHONE",
	}
}

// TestASuggestionGoesFromThePhoneToAPushMessage walks the slice.
func TestASuggestionGoesFromThePhoneToAPushMessage(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	w.Post(apptest.Author, "/v1/grants", map[string]any{"consents": []any{map[string]any{"template_id": apptest.TemplateID, "accepted": true}}}).Want(t, http.StatusOK)
	w.Sim.Grant(w.OpenID(apptest.Author), apptest.TemplateID, 1)

	s := submit(w, apptest.Author)
	path := "/v1/suggestions/" + s.ID
	if q := work(w, apptest.Staff); len(q.Items) != 1 || q.Items[0].Todo != "审核" {
		t.Fatalf("staff's queue: %+v", q)
	}
	s = act(w, apptest.Staff, path+"/accept", map[string]any{"version": s.Version, "route": "DIRECT_UNIT"})
	if s.Status != "ACCEPTED" {
		t.Fatalf("accepted: %+v", s)
	}
	s = act(w, apptest.Staff, path+"/dispatch", map[string]any{
		"version": s.Version, "lead_unit_id": w.Units[0].ID, "co_unit_ids": []string{w.Units[1].ID}, "working_days": 5, "requirement": "请实地查看。",
	})
	if s.Number != "2026年第1号" {
		t.Fatalf("dispatched: %+v", s)
	}
	lead, co := work(w, apptest.LeadHandler).Items[0].AssignmentID, work(w, apptest.CoHandler).Items[0].AssignmentID

	act(w, apptest.LeadHandler, "/v1/assignments/"+lead+"/sign_for", signFor(1))
	// Five working days after Tuesday are next Tuesday, up to midnight in Beijing.
	if due, want := work(w, apptest.LeadHandler).Items[0].DueAt, time.Date(2026, 3, 10, 15, 59, 59, 999999000, time.UTC); !due.Equal(want) {
		t.Errorf("the reply is due %v, want %v", due, want)
	}
	act(w, apptest.CoHandler, "/v1/assignments/"+co+"/sign_for", signFor(1))
	act(w, apptest.CoHandler, "/v1/assignments/"+co+"/give_opinion", map[string]any{"version": 2, "body": "我单位配合，电费由我单位承担。"})
	act(w, apptest.LeadHandler, "/v1/assignments/"+lead+"/reply", replyBody(2))

	if v := look(w, apptest.Author, s.ID); len(v.Replies) != 0 {
		t.Errorf("the author reads a reply that has not passed: %+v", v.Replies)
	}
	act(w, apptest.ProposalStaff, "/v1/assignments/"+lead+"/send_back_reply", map[string]any{"version": 3, "reason": "请写明修复的日期。"})
	act(w, apptest.LeadHandler, "/v1/assignments/"+lead+"/reply", replyBody(4))
	act(w, apptest.ProposalStaff, "/v1/assignments/"+lead+"/pass", map[string]any{"version": 5})

	if n, err := w.Dispatcher.Once(t.Context()); n == 0 || err != nil {
		t.Fatalf("dispatched %d, %v", n, err)
	}
	sent := w.Sim.Sent()
	if len(sent) != 1 || sent[0].OpenID != w.OpenID(apptest.Author) || sent[0].Fields["phrase3"] != "已解决" || sent[0].Fields["thing1"] != "修复人民路路灯" {
		t.Fatalf("sent %+v", sent)
	}
	if want := "pages/matter/index?kind=suggestion&id=" + s.ID; sent[0].Page != want {
		t.Errorf("the push opens %s, want %s", sent[0].Page, want)
	}

	v := look(w, apptest.Author, s.ID)
	if len(v.Replies) != 1 || v.Replies[0].Verdict != "PASSED" || v.Status != "REPLIED" {
		t.Fatalf("the author reads %+v", v)
	}
	var comments []string
	for _, e := range v.Timeline {
		comments = append(comments, e.Action)
		if e.Actor != "" || strings.Contains(e.Comment, "请写明") {
			t.Errorf("the author reads an internal line: %+v", e)
		}
	}
	if got, want := fmt.Sprint(comments), "[submit accept dispatch sign_for sign_for settle]"; got != want {
		t.Errorf("the author's timeline is %s, want %s", got, want)
	}
	s = act(w, apptest.Author, path+"/rate", map[string]any{"version": v.Version, "attitude": "SATISFIED", "result": "BASICALLY"})
	if s.Status != "CLOSED" || len(s.Actions) != 0 {
		t.Errorf("rated: %+v", s)
	}
	for _, name := range []string{apptest.Author, apptest.Staff, apptest.ProposalStaff, apptest.LeadHandler, apptest.CoHandler} {
		if q := work(w, name); len(q.Items) != 0 {
			t.Errorf("%s still waits: %+v", name, q)
		}
	}
	if v := look(w, apptest.LeadHandler, s.ID); len(v.Ratings) != 0 {
		t.Errorf("a unit reads the rating: %+v", v.Ratings)
	}
}

// TestARejectedSuggestionIsToldWithItsReason holds that the author reads why.
func TestARejectedSuggestionIsToldWithItsReason(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	s := submit(w, apptest.Author)
	s = act(w, apptest.Staff, "/v1/suggestions/"+s.ID+"/reject", map[string]any{"version": s.Version, "code": "REPEATED", "reason": "与上月第3号相同。"})
	if s.Status != "REJECTED" || s.Number != "" {
		t.Errorf("rejected: %+v", s)
	}
	var inbox struct {
		Items []struct{ ID, Title, Body string }
	}
	w.Get(apptest.Author, "/v1/inbox").Into(t, http.StatusOK, &inbox)
	if len(inbox.Items) != 1 || !strings.Contains(inbox.Items[0].Body, "与上月第3号相同") {
		t.Fatalf("the author's inbox: %+v", inbox)
	}
	w.Post(apptest.Author, "/v1/inbox/"+inbox.Items[0].ID+"/read", nil).Want(t, http.StatusOK)
	if got := string(w.Get(apptest.Author, "/v1/inbox/count").Want(t, http.StatusOK).Body); got != "{\"unread\":0}\n" {
		t.Errorf("unread: %s", got)
	}
}
