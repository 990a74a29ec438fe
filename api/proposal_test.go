package api_test

import (
	"net/http"
	"strings"
	"testing"

	"yanlu/internal/app/apptest"
)

const proposals = "/v1/proposals/"

// motion is a good proposal, with more than that.
func motion(title string, more map[string]any) map[string]any {
	body := map[string]any{
		"title": title, "category": "TRAFFIC", "public": true, "situation": "城乡公交目前每天只有四班，换乘平均要等一个小时，学生和老人尤其不便。",
		"analysis": "主要是两家公司的班次各排各的，没有衔接。", "advice": "建议由交通局统一排班，并在换乘站公布时刻表，半年内完成，年底由提案委回访。",
	}
	for k, v := range more {
		body[k] = v
	}
	return body
}

// propose hands a proposal in as somebody.
func propose(w *apptest.World, name, title string, more map[string]any) state {
	w.T.Helper()
	var s state
	w.Post(name, "/v1/proposals", motion(title, more)).Into(w.T, http.StatusCreated, &s)
	return s
}

// proposalSeen is what reading a proposal answers, as far as tests look.
type proposalSeen struct {
	matterView
	Title           string
	Proposer        string
	Occasion        string
	Situation       string
	CollectionTitle string `json:"collection_title"`
	TextVersion     int    `json:"text_version"`
	Before          []struct{ Title, Situation string }
	Authors         []struct{ Name, Role, Consent string }
	Reviews         []struct{ Stage, Reviewer, Decision, Note string }
	Translations    []struct {
		Language, Title, Translator, Checker string
		Current                              bool
	}
	Marks        []struct{ Honour, Meeting string }
	Supervisions []struct{ Leader, Report string }
	FollowUps    []struct{ Result string } `json:"follow_ups"`
	Hints        []struct{ Code, Ground, Message string }
	Upper        *struct{ Body, Number, Answer, Award string }
	Meeting      string
	MetOn        string `json:"met_on"`
	Ground       string
}

func readProposal(w *apptest.World, name, id string) proposalSeen {
	w.T.Helper()
	var v proposalSeen
	w.Get(name, proposals+id).Into(w.T, http.StatusOK, &v)
	return v
}

// move takes an action on a proposal as it stands now.
func move(w *apptest.World, name, id, action string, body map[string]any) state {
	w.T.Helper()
	all := map[string]any{"version": readProposal(w, name, id).Version}
	for k, v := range body {
		all[k] = v
	}
	return act(w, name, proposals+id+"/"+action, all)
}

// TestAProposalGoesFromThePhoneToItsClosing walks the slice: handed in, reviewed,
// filed, numbered, handed over, signed for, answered, passed and rated.
func TestAProposalGoesFromThePhoneToItsClosing(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	s := propose(w, apptest.Author, "关于改善城乡公交衔接的建议", nil)
	if q := work(w, apptest.Staff); s.Status != "SUBMITTED" || len(q.Items) != 1 || q.Items[0].Todo != "预审" {
		t.Fatalf("%+v, staff's queue: %+v", s, q)
	}
	move(w, apptest.Staff, s.ID, "pre_review", map[string]any{"decision": "FILE", "lead_unit_id": w.Units[0].ID, "note": "情况清楚。"})
	s = move(w, apptest.ProposalStaff, s.ID, "file", map[string]any{"meeting": "提案审查委员会第一次会议", "lead_unit_id": w.Units[0].ID, "co_unit_ids": []string{w.Units[1].ID}})
	if got := told(w, apptest.Author, s.ID); s.Status != "FILED" || len(got) != 1 || got[0] != "您的提案已立案" {
		t.Fatalf("filed: %+v, told %v", s, got)
	}
	var numbers struct{ Items []struct{ Number string } }
	w.Post(apptest.Staff, "/v1/proposals/numbers", map[string]any{"ids": []string{s.ID}, "start": 31}).Into(t, http.StatusOK, &numbers)
	if len(numbers.Items) != 1 || numbers.Items[0].Number != "十一届二次会议第31号" {
		t.Fatalf("numbers: %+v", numbers)
	}
	s = move(w, apptest.Staff, s.ID, "dispatch", nil)
	lead := work(w, apptest.LeadHandler).Items[0].AssignmentID
	act(w, apptest.LeadHandler, "/v1/assignments/"+lead+"/sign_for", signFor(1))
	act(w, apptest.LeadHandler, "/v1/assignments/"+lead+"/reply", replyBody(2))
	act(w, apptest.Staff, "/v1/assignments/"+lead+"/pass", map[string]any{"version": 3})
	v := readProposal(w, apptest.Author, s.ID)
	if v.Status != "REPLIED" || len(v.Replies) != 1 || v.Occasion != "INTERIM" || v.CollectionTitle != "十一届二次会议" || len(v.Reviews) != 0 {
		t.Fatalf("the author reads %+v", v)
	}
	s = move(w, apptest.Author, s.ID, "rate", map[string]any{"attitude": "SATISFIED", "result": "SATISFIED"})
	if s.Status != "CLOSED" || s.Number != "十一届二次会议第31号" {
		t.Errorf("rated: %+v", s)
	}
	var lines []string
	for _, e := range v.Timeline {
		lines = append(lines, e.Action)
	}
	if got := strings.Join(lines, " "); got != "submit file dispatch sign_for settle" {
		t.Errorf("the author's timeline is %s", got)
	}
}
