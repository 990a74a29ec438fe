package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

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

// letterBody is the letter of a unit in answer to a proposal.
func letterBody(version int) map[string]any {
	body := replyBody(version)
	body["signer"] = "马建设"
	return body
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
	Marks       []struct{ Honour, Meeting string }
	Assessments []struct {
		Side  string
		Score int
	}
	Supervisions []struct{ Leader, Report string }
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
	act(w, apptest.LeadHandler, "/v1/assignments/"+lead+"/reply_by_letter", letterBody(2))
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

// session is a plenary of a county, in small: what its members handed in, in the order
// of the numbers that staff set.
type session struct {
	*apptest.World
	ids map[string]string // of proposals, by their 案由
}

// bulk takes one action on proposals as a meeting decided it, for each with its input.
func (s session) bulk(action string, inputs map[string]map[string]any) {
	s.T.Helper()
	var items []map[string]any
	for title, input := range inputs {
		body := map[string]any{"version": readProposal(s.World, apptest.Staff, s.ids[title]).Version, "meeting": "第20次主席会议", "met_on": "2026-03-05"}
		for k, v := range input {
			body[k] = v
		}
		items = append(items, map[string]any{"id": s.ids[title], "input": body})
	}
	s.Post(apptest.Staff, "/v1/proposals/bulk/"+action, map[string]any{"items": items}).Want(s.T, http.StatusOK)
}

// sheet brings a table of an action, looks at it and confirms it.
func (s session) sheet(base, action string, rows ...[]string) {
	s.T.Helper()
	run := bring(s.World, apptest.Staff, base+"/sheets/"+action, action+".csv", csvOf(s.testing(), rows...))
	v := run.preview()
	if len(v.problems()) > 0 || v.Good != len(rows)-1 {
		s.T.Fatalf("%s: %v", action, v.problems())
	}
	run.confirm(v.Digest, true).Want(s.T, http.StatusOK)
}

func (s session) testing() *testing.T { return s.T.(*testing.T) }

// find learns the identifiers of all proposals by their titles.
func (s session) find() {
	s.T.Helper()
	var page struct{ Items []struct{ ID, Title string } }
	s.Get(apptest.Staff, "/v1/proposals?limit=100").Into(s.T, http.StatusOK, &page)
	for _, x := range page.Items {
		s.ids[x.Title] = x.ID
	}
}

// TestASessionOfACountyHalfOnPaper lets ten proposals go their way, five of which came
// on paper and are entered by a table: two are merged, one is not filed, one is
// withdrawn and one is chosen for the higher body; the meeting decides the list at
// once, six are numbered in the order of staff, handed over in three modes, and
// answered, half of it on paper. The counts are written by hand.
func TestASessionOfACountyHalfOnPaper(t *testing.T) {
	t.Parallel()
	s := session{apptest.New(t), map[string]string{}}
	w := s.World
	w.Post(apptest.Staff, "/v1/collections", map[string]any{"session": 3, "opens": "2026-03-10", "deadline": "2026-03-12T18:00:00+08:00"}).Want(t, http.StatusCreated)
	for title, more := range map[string]map[string]any{
		"关于城乡公交衔接的建议": nil, "关于公交候车条件的建议": nil, "关于增设社区食堂的建议": {"co_author_ids": []string{w.Person(apptest.CoAuthor).ID}},
		"关于跨州公路的建议": {"collection_id": upperCollection(w)}, "关于午休食堂的建议": nil,
	} {
		propose(w, apptest.Author, title, more)
	}
	heading := []string{"提出人", "案由", "类别", "提案者", "集体名称", "联名人", "情况", "分析", "建议", "纸件日期"}
	paper := func(title string, co string) []string {
		return []string{apptest.OtherMember, title, "教育", "", "", co, "学校门口每天拥堵半小时以上，家长和学生都不便。", "没有错峰。", "建议教育局与交警大队共同制定错峰方案并在秋季实施。", "2026-03-03"}
	}
	s.sheet("/v1/proposals", "submit", heading, paper("关于校门口错峰的建议", ""), paper("关于校园足球的建议", apptest.CoAuthor), paper("关于乡村教师住房的建议", ""),
		paper("关于课后服务的建议", ""), paper("关于修改本人职称的建议", ""))
	s.find()
	if len(s.ids) != 10 {
		t.Fatalf("received %d", len(s.ids))
	}
	if got := consents(w, apptest.Staff, s.ids["关于校园足球的建议"]); got[apptest.CoAuthor] != "GIVEN" { // who signed the paper agreed
		t.Errorf("on paper: %v", got)
	}
	move(w, apptest.CoAuthor, s.ids["关于增设社区食堂的建议"], "agree", nil)
	w.Clock.Advance(3 * 24 * time.Hour)
	move(w, apptest.Staff, s.ids["关于公交候车条件的建议"], "merge", map[string]any{"target_id": s.ids["关于城乡公交衔接的建议"]})
	move(w, apptest.Staff, s.ids["关于午休食堂的建议"], "merge", map[string]any{"target_id": s.ids["关于增设社区食堂的建议"]})
	move(w, apptest.Staff, s.ids["关于城乡公交衔接的建议"], "retitle", map[string]any{"title": "关于城乡公交衔接和候车条件的建议", "reason": "并入一件。"})
	s.find()
	move(w, apptest.Staff, s.ids["关于课后服务的建议"], "withdraw", map[string]any{"paper": map[string]any{"date": "2026-03-05"}})

	// The meeting of 5 March decides the list; the higher body has its own way.
	lead, co, third := w.Units[0].ID, w.Units[1].ID, w.Units[2].ID
	s.bulk("file", map[string]map[string]any{
		"关于城乡公交衔接和候车条件的建议": {"lead_unit_id": lead}, "关于增设社区食堂的建议": {"lead_unit_id": lead, "co_unit_ids": []string{co}},
		"关于校门口错峰的建议": {"lead_unit_id": co, "co_unit_ids": []string{third}}, "关于校园足球的建议": {"lead_unit_id": third}, "关于乡村教师住房的建议": {"lead_unit_id": third},
	})
	s.sheet("/v1/proposals", "not_file", []string{"编号或标题", "理由", "不予立案的情形", "内容的去向", "会议名称", "会议日期"},
		[]string{"关于修改本人职称的建议", "请向人社部门反映。", "本人或亲属的问题", "主管部门", "第20次主席会议", "2026-03-05"})
	s.bulk("choose", map[string]map[string]any{"关于跨州公路的建议": nil})
	for status, want := range map[string]int{"FILED": 5, "MERGED": 2, "NOT_FILED": 1, "WITHDRAWN": 1, "CHOSEN": 1} {
		var page struct{ Items []struct{ ID string } }
		w.Get(apptest.Staff, "/v1/proposals?limit=100&status="+status).Into(t, http.StatusOK, &page)
		if len(page.Items) != want {
			t.Errorf("%d are %s, want %d", len(page.Items), status, want)
		}
	}
	order := []string{"关于校门口错峰的建议", "关于校园足球的建议", "关于乡村教师住房的建议", "关于城乡公交衔接和候车条件的建议", "关于增设社区食堂的建议"}
	var ids []string
	for _, title := range order {
		ids = append(ids, s.ids[title])
	}
	var numbers struct{ Items []struct{ ID, Number string } }
	w.Post(apptest.Staff, "/v1/proposals/numbers", map[string]any{"ids": ids, "start": 31}).Into(t, http.StatusOK, &numbers)
	for i, x := range numbers.Items {
		if want := fmt.Sprintf("十一届三次会议第%d号", 31+i); x.ID != ids[i] || x.Number != want {
			t.Errorf("%s has %s, want %s", order[i], x.Number, want)
		}
	}

	// The hand-over: one proposal of two units is handled by each for itself.
	for i, title := range order {
		body := map[string]any{}
		if i == 0 {
			body["mode"], body["lead_unit_id"], body["co_unit_ids"] = "SEPARATE", co, []string{third}
		}
		move(w, apptest.Staff, s.ids[title], "dispatch", body)
	}
	s.sheet("/v1/assignments", "sign_for", []string{"编号或标题", "承办单位", "经办人", "联系电话", "纸件日期"},
		[]string{numbers.Items[0].Number, w.Units[2].Name, "张经办", "0991-5550101", "2026-03-06"},
		[]string{numbers.Items[1].Number, w.Units[2].Name, "张经办", "0991-5550101", "2026-03-06"},
		[]string{numbers.Items[2].Number, w.Units[2].Name, "张经办", "0991-5550101", "2026-03-06"})
	s.answer(apptest.LeadHandler, order[3], w.Units[0].Name)
	s.answer(apptest.LeadHandler, order[4], w.Units[0].Name)
	s.answer(apptest.CoHandler, order[0], w.Units[1].Name)
	for _, title := range order[:3] {
		s.answer("", title, w.Units[2].Name)
	}
	for _, title := range order {
		v := readProposal(w, apptest.Staff, s.ids[title])
		if v.Status != "REPLIED" || v.Occasion != "PLENARY" {
			t.Fatalf("%s is %s, %s", title, v.Status, v.Occasion)
		}
		move(w, apptest.Staff, s.ids[title], "rate", map[string]any{"attitude": "SATISFIED", "result": "BASICALLY", "paper": map[string]any{"date": "2026-03-06", "way": "PHONE"}})
	}
	for _, name := range []string{apptest.Author, apptest.CoAuthor} { // each sponsor has the answer
		if got := told(w, name, s.ids[order[4]]); !slices.Contains(got, "您的提案有答复了") {
			t.Errorf("%s was told %v", name, got)
		}
	}
}

// answer lets a unit sign for a proposal and answer it, on its telephone or, without a
// name, on paper, and the office pass it.
func (s session) answer(name, title, unit string) {
	s.T.Helper()
	for _, a := range readProposal(s.World, apptest.Staff, s.ids[title]).Assignments {
		if a.Unit != unit {
			continue
		}
		path := "/v1/assignments/" + a.ID
		reply := letterBody(0)
		reply["version"] = a.Version
		if name == "" {
			reply["paper"] = map[string]any{"date": "2026-03-06", "signer": "张经办"}
			act(s.World, apptest.Staff, path+"/reply_by_letter", reply)
		} else {
			act(s.World, name, path+"/sign_for", signFor(int(a.Version)))
			reply["version"] = a.Version + 1
			act(s.World, name, path+"/reply_by_letter", reply)
		}
		act(s.World, apptest.Staff, path+"/pass", map[string]any{"version": reply["version"].(int64) + 1})
	}
}
