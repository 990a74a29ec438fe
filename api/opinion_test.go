package api_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"yanlu/internal/app/apptest"
	"yanlu/internal/attachment/attachmenttest"
	"yanlu/internal/institution"
	"yanlu/internal/matter"
	"yanlu/internal/member"
	"yanlu/internal/opinion"
	"yanlu/internal/store"
	"yanlu/internal/workflow"
)

const opinions = "/v1/opinions/"

// report is a 社情民意 as a member writes it, with more or other fields.
func report(title string, more map[string]any) map[string]any {
	body := map[string]any{
		"title": title, "situation": "近期走访了解到，我县农村留守老人就医取药不便，部分村卫生室常用药品不全。", "analysis": "药品配送周期长，老人不会用手机预约。",
		"advice": "建议由县医院每周巡诊送药，由村干部代为预约。", "category": "HEALTH",
	}
	for k, v := range more {
		body[k] = v
	}
	return body
}

// handIn hands a report in as somebody.
func handIn(w *apptest.World, name string, more map[string]any) state {
	w.T.Helper()
	var s state
	w.Post(name, "/v1/opinions", report("关于改善农村留守老人就医取药的建议", more)).Into(w.T, http.StatusCreated, &s)
	return s
}

// opinionSeen is what reading a report answers, as far as tests look.
type opinionSeen struct {
	state
	Urgent                              bool
	Title, Confidentiality              string
	IssueType                           string `json:"issue_type"`
	IssueNo                             string `json:"issue_no"`
	SignedBy                            string `json:"signed_by"`
	Result                              string
	Text, Edited                        *struct{ Title, Situation, Source string }
	Findings                            []struct{ Findings, Finder string }
	Dispatches, Adoptions, Instructions []factSeen
	Authors                             []struct{ Name, Body, Consent string }
	Timeline                            []struct{ Action, Comment string }
	Deadlines                           []struct{ Kind, Span string }
	Assignments                         []struct{ state }
	Replies                             []struct{ Body string }
}

type factSeen struct {
	Fact                                                              int
	Date, Organ, Level, Adopter, Leader, Number, Text, Recorder, Form string
	DocumentNo                                                        string     `json:"document_no"`
	ReceiptNo                                                         string     `json:"receipt_no"`
	RevokedAt                                                         *time.Time `json:"revoked_at"`
	Reason                                                            string     `json:"revoked_reason"`
}

func seeOpinion(w *apptest.World, name, id string) opinionSeen {
	w.T.Helper()
	var v opinionSeen
	w.Get(name, opinions+id).Into(w.T, http.StatusOK, &v)
	return v
}

// does takes an action on a report, from the version that it has.
func does(w *apptest.World, name, id, action string, more map[string]any) state {
	w.T.Helper()
	return act(w, name, opinions+id+"/"+action, versioned(w, id, more))
}

// refuses holds that an action on a report is refused with a code.
func refuses(w *apptest.World, name, id, action string, more map[string]any, code string) {
	w.T.Helper()
	if a := w.Post(name, opinions+id+"/"+action, versioned(w, id, more)); a.Code() != code {
		w.T.Errorf("%s by %s: %d %s, want %s", action, name, a.Status, a.Body, code)
	}
}

func versioned(w *apptest.World, id string, more map[string]any) map[string]any {
	w.T.Helper()
	var version int64
	if err := w.DB.Gorm(w.T.Context()).Raw("SELECT version FROM matters WHERE id = ?", id).Scan(&version).Error; err != nil {
		w.T.Fatal(err)
	}
	body := map[string]any{"version": version}
	for k, v := range more {
		body[k] = v
	}
	return body
}

// edited is an edited text.
func edited(more map[string]any) map[string]any {
	body := map[string]any{
		"title": "农村留守老人就医取药难亟待重视", "situation": "委员反映，我县部分村卫生室常用药品不全，留守老人就医取药不便。", "analysis": "药品配送周期长。",
		"advice": "建议由县医院每周巡诊送药。", "issue_type": "SINGLE",
	}
	for k, v := range more {
		body[k] = v
	}
	return body
}

// reportedOpinion hands a report in and brings it to where it was reported.
func reportedOpinion(w *apptest.World) string {
	w.T.Helper()
	id := handIn(w, apptest.Author, nil).ID
	does(w, apptest.Staff, id, "register", nil)
	does(w, apptest.Staff, id, "edit", edited(nil))
	does(w, apptest.Staff, id, "send_for_sign", nil)
	does(w, apptest.Leader, id, "sign", nil)
	does(w, apptest.Staff, id, "report", map[string]any{"organ": "市政协办公室", "level": "PREFECTURE"})
	return id
}

// toldTitles lists the titles of somebody's messages, the oldest first.
func toldTitles(w *apptest.World, name string) []string {
	w.T.Helper()
	var box struct {
		Items []struct{ Title, Body string }
	}
	w.Get(name, "/v1/inbox?limit=100").Into(w.T, http.StatusOK, &box)
	var all []string
	for _, m := range slices.Backward(box.Items) {
		all = append(all, m.Title)
	}
	return all
}

// bodies is all that somebody was told.
func bodies(w *apptest.World, name string) string {
	w.T.Helper()
	return string(w.Get(name, "/v1/inbox?limit=100").Want(w.T, http.StatusOK).Body)
}

// TestAReportGoesFromThePhoneToAnAdoption walks the whole of a 社情民意 by
// telephone: handed in, registered, verified, edited twice, sent back, signed,
// reported to two recipients, adopted, instructed upon, turned over, answered,
// rated, filed away.
func TestAReportGoesFromThePhoneToAnAdoption(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	s := handIn(w, apptest.Author, map[string]any{"co_author_ids": []string{w.Person(apptest.CoAuthor).ID}})
	id := s.ID
	does(w, apptest.CoAuthor, id, "agree", nil)
	if q := work(w, apptest.Staff); len(q.Items) != 1 || q.Items[0].Todo != "登记" {
		t.Fatalf("staff's queue: %+v", q)
	}
	if s = does(w, apptest.Staff, id, "register", map[string]any{"category": "LIVELIHOOD"}); s.Number != "社情民意〔2026〕1号" || s.Status != "REGISTERED" {
		t.Fatalf("registered: %+v", s)
	}
	does(w, apptest.Staff, id, "verify", map[string]any{"points": "涉及几个村"})
	does(w, apptest.Staff, id, "record_findings", map[string]any{"findings": "走访三个村，情况属实。"})
	does(w, apptest.Staff, id, "edit", edited(nil))
	does(w, apptest.Staff, id, "send_for_sign", map[string]any{"note": "拟报市政协"})
	does(w, apptest.Leader, id, "send_back", map[string]any{"reason": "建议部分请再具体。"})
	does(w, apptest.Staff, id, "edit", edited(map[string]any{"advice": "建议由县医院每周巡诊送药，村干部代为预约。", "note": "补充了预约"}))
	does(w, apptest.Staff, id, "send_for_sign", nil)
	does(w, apptest.Leader, id, "sign", map[string]any{"opinion": "同意报送。"})
	does(w, apptest.Staff, id, "report", map[string]any{"organ": "市政协办公室", "level": "PREFECTURE", "document_no": "县政协信〔2026〕1号"})
	does(w, apptest.Staff, id, "report_more", map[string]any{"organ": "县委办公室", "level": "COUNTY", "date": "2026-03-03"})
	does(w, apptest.Staff, id, "record_receipt", map[string]any{"fact": 1, "receipt_no": "市政协2026-118"})
	does(w, apptest.Staff, id, "record_adoption", map[string]any{"adopter": "市政协", "level": "PREFECTURE", "publication": "《社情民意》第12期"})
	does(w, apptest.Staff, id, "record_instruction", map[string]any{"leader": "县委书记周明德", "rank": "COUNTY", "number": "批〔2026〕7号", "unit_ids": []string{w.Units[0].ID}})
	does(w, apptest.Staff, id, "dispatch", map[string]any{"lead_unit_id": w.Units[0].ID, "requirement": "请按批示办理。"})

	task := work(w, apptest.LeadHandler).Items[0]
	// Fifteen working days after Tuesday, 3 March.
	if due := seeOpinion(w, apptest.LeadHandler, id); !slices.ContainsFunc(due.Deadlines, func(d struct{ Kind, Span string }) bool {
		return d.Kind == "reply" && d.Span == "15个工作日"
	}) {
		t.Errorf("the unit's deadlines: %+v", due.Deadlines)
	}
	asg := "/v1/assignments/" + task.AssignmentID
	act(w, apptest.LeadHandler, asg+"/sign_for", signFor(1))
	act(w, apptest.LeadHandler, asg+"/reply", replyBody(2))
	act(w, apptest.Staff, asg+"/pass", map[string]any{"version": 3})
	does(w, apptest.Author, id, "rate", map[string]any{"attitude": "SATISFIED", "result": "SATISFIED"})
	if s = does(w, apptest.Staff, id, "archive", nil); s.Status != "ARCHIVED" {
		t.Fatalf("filed away: %+v", s)
	}
	does(w, apptest.Staff, id, "record_adoption", map[string]any{"adopter": "省政协", "level": "PROVINCE", "form": "AWARD", "publication": "优秀社情民意信息"})

	v := seeOpinion(w, apptest.Staff, id)
	if v.IssueNo != "2026年第1期" || v.SignedBy != apptest.Leader || v.IssueType != "SINGLE" || len(v.Findings) != 1 || len(v.Dispatches) != 2 || len(v.Adoptions) != 2 || len(v.Instructions) != 1 {
		t.Errorf("the office reads %+v", v)
	}
	if d := v.Dispatches[0]; d.DocumentNo != "县政协信〔2026〕1号" || d.ReceiptNo != "市政协2026-118" || d.Recorder != apptest.Staff {
		t.Errorf("the first dispatch: %+v", d)
	}
	want := []string{
		apptest.CoAuthor + "同意联名", "您的社情民意已登记", "您的社情民意已报送", "您的社情民意又报送了一处", "您的社情民意被采用了", "您的社情民意获批示", "您的社情民意有答复了", "您的社情民意获奖了",
	}
	if got := toldTitles(w, apptest.Author); !slices.Equal(got, want) {
		t.Errorf("the author was told %v, want %v", got, want)
	}
	if got := toldTitles(w, apptest.CoAuthor); !slices.Equal(got[1:], want[1:]) {
		t.Errorf("the co-author was told %v", got)
	}
}

// TestAReportGoesByPaper does the same with everything but the office's own work on
// paper: the author, the leader and the unit have no telephone.
func TestAReportGoesByPaper(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	w.Clock.Advance(7 * 24 * time.Hour) // Tuesday, 10 March
	paper := func(more map[string]any) map[string]any {
		body := map[string]any{"date": "2026-03-05"}
		for k, v := range more {
			body[k] = v
		}
		return map[string]any{"paper": body}
	}
	scan := w.Uploaded(apptest.Staff, "原件.png", attachmenttest.PNG(8, 8))
	s := handIn(w, apptest.Staff, paper(map[string]any{"person_id": w.Person(apptest.OtherMember).ID, "scans": []string{scan}}))
	id := s.ID
	if v := seeOpinion(w, apptest.OtherMember, id); v.Text == nil || v.Text.Title == "" {
		t.Fatalf("the author reads %+v", v)
	}
	does(w, apptest.Staff, id, "register", nil)
	does(w, apptest.Staff, id, "send_for_sign", nil)
	refuses(w, apptest.Staff, id, "sign", nil, "matter.not_yours")
	refuses(w, apptest.Staff, id, "sign", paper(map[string]any{"person_id": w.Person(apptest.Author).ID, "date": "2026-03-10"}), "matter.not_yours")
	does(w, apptest.Staff, id, "sign", paper(map[string]any{"person_id": w.Person(apptest.Leader).ID, "date": "2026-03-10"}))
	does(w, apptest.Staff, id, "report", map[string]any{"organ": "县委办公室", "level": "COUNTY", "date": "2026-03-06"})
	does(w, apptest.Staff, id, "dispatch", map[string]any{"lead_unit_id": w.Units[0].ID})
	asg := "/v1/assignments/" + seeOpinion(w, apptest.Staff, id).Assignments[0].ID
	unit := func(body map[string]any) map[string]any {
		body["paper"] = map[string]any{"date": "2026-03-10", "signer": "张经办"}
		return body
	}
	act(w, apptest.Staff, asg+"/sign_for", unit(signFor(1)))
	act(w, apptest.Staff, asg+"/reply", unit(replyBody(2)))
	act(w, apptest.Staff, asg+"/pass", map[string]any{"version": 3})
	s = does(w, apptest.Staff, id, "rate", map[string]any{
		"attitude": "SATISFIED", "result": "BASICALLY", "paper": map[string]any{"date": "2026-03-10", "way": "PHONE", "person_id": w.Person(apptest.OtherMember).ID},
	})
	if s.Status != "CLOSED" {
		t.Errorf("rated by telephone: %+v", s)
	}
	v := seeOpinion(w, apptest.Staff, id)
	if v.SignedBy != apptest.Leader || v.IssueNo != "2026年第1期" || v.Dispatches[0].Date != "2026-03-06" {
		t.Errorf("the office reads %+v", v)
	}
}

// TestFactsComeByASheet records who took reports up by a spreadsheet, two for one.
func TestFactsComeByASheet(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	one, two := reportedOpinion(w), reportedOpinion(w)
	csv := "编号或标题,采用单位,层级,刊物或奖项\n社情民意〔2026〕1号,市政协,地市,第3期\n社情民意〔2026〕1号,省政协,省区市,第8期\n社情民意〔2026〕2号,市政协,地市,第4期\n"
	file := w.Uploaded(apptest.Staff, "采用.csv", []byte(csv))
	var seen struct {
		Wrong, Good int
		Digest      string
	}
	w.Post(apptest.Staff, "/v1/opinions/sheets/record_adoption/preview", map[string]any{"attachment_id": file}).Into(t, http.StatusOK, &seen)
	if seen.Wrong != 0 || seen.Good != 3 {
		t.Fatalf("the preview: %+v", seen)
	}
	w.Post(apptest.Staff, "/v1/opinions/sheets/record_adoption", map[string]any{"attachment_id": file, "digest": seen.Digest}).Want(t, http.StatusOK)
	if a, b := seeOpinion(w, apptest.Staff, one).Adoptions, seeOpinion(w, apptest.Staff, two).Adoptions; len(a) != 2 || a[1].Fact != 2 || len(b) != 1 {
		t.Errorf("adoptions: %+v, %+v", a, b)
	}
	again := w.Uploaded(apptest.Staff, "再来.csv", []byte(csv))
	w.Post(apptest.Staff, "/v1/opinions/sheets/record_adoption/preview", map[string]any{"attachment_id": again}).Into(t, http.StatusOK, &seen)
	if seen.Wrong != 3 {
		t.Errorf("the same list again: %+v", seen)
	}
}

// TestWhatIsSecretIsNotTakenIn: it is turned away with a word how to hand it in,
// and nothing of it stays anywhere.
func TestWhatIsSecretIsNotTakenIn(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	const canary = "金丝雀工程"
	secret := map[string]any{"confidentiality": "SECRET", "situation": canary + strings.Repeat("情况", 20)}
	a := w.Post(apptest.Author, "/v1/opinions", report(canary, secret))
	if a.Code() != "opinion.secret" || !strings.Contains(string(a.Body), "没有保存") || !strings.Contains(string(a.Body), "当面") {
		t.Errorf("handed in: %d %s", a.Status, a.Body)
	}
	if a := w.Post(apptest.Author, "/v1/opinions/drafts", map[string]any{"title": canary, "confidentiality": "SECRET"}); a.Code() != "opinion.secret" {
		t.Errorf("drafted: %d %s", a.Status, a.Body)
	}
	var s state
	w.Post(apptest.Author, "/v1/opinions/drafts", map[string]any{"title": "草稿"}).Into(t, http.StatusCreated, &s)
	refuses(w, apptest.Author, s.ID, "save", map[string]any{"title": canary, "confidentiality": "SECRET"}, "opinion.secret")
	refuses(w, apptest.Author, s.ID, "send", report(canary, secret), "opinion.secret")
	for _, query := range []string{
		"SELECT COUNT(*) FROM matters WHERE title LIKE ?", "SELECT COUNT(*) FROM opinion_versions WHERE title LIKE ? OR situation LIKE ?",
		"SELECT COUNT(*) FROM idempotency WHERE CAST(response AS TEXT) LIKE ?", "SELECT COUNT(*) FROM events WHERE comment LIKE ?",
	} {
		args := slices.Repeat([]any{"%" + canary + "%"}, strings.Count(query, "?"))
		var n int
		if err := w.DB.Gorm(t.Context()).Raw(query, args...).Scan(&n).Error; err != nil || n != 0 {
			t.Errorf("%s: %d, %v", query, n, err)
		}
	}
	if strings.Contains(w.Log.String(), canary) {
		t.Error("the log has it")
	}
}

// TestWhatIsUrgentHasHours: it goes to the top, the office is told at once, and the
// clock runs in hours; the other way round when it turns out that it can wait.
func TestWhatIsUrgentHasHours(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	slow := handIn(w, apptest.Author, nil).ID
	fast := handIn(w, apptest.CoAuthor, map[string]any{"urgency": "URGENT"}).ID
	q := work(w, apptest.Staff)
	if q.Items[0].MatterID != fast || q.Items[1].MatterID != slow {
		t.Fatalf("the queue: %+v", q)
	}
	if in := q.Items[0].DueAt.Sub(w.Clock.Now()); in <= 3*time.Hour || in > 4*time.Hour {
		t.Errorf("what is urgent is due in %v", in)
	}
	if got := toldTitles(w, apptest.Staff); !slices.Equal(got, []string{"急：有社情民意待登记"}) {
		t.Errorf("the office was told %v", got)
	}
	refuses(w, apptest.Staff, fast, "set_urgency", map[string]any{"urgency": "URGENT"}, "opinion.urgency")
	does(w, apptest.Staff, fast, "set_urgency", map[string]any{"urgency": "NORMAL"})
	does(w, apptest.Staff, slow, "set_urgency", map[string]any{"urgency": "URGENT"})
	q = work(w, apptest.Staff)
	if q.Items[0].MatterID != slow || q.Items[1].DueAt.Sub(w.Clock.Now()) < 48*time.Hour || q.Items[0].DueAt.Sub(w.Clock.Now()) > 4*time.Hour {
		t.Errorf("the queue after the change: %+v", q)
	}
	var settings struct{ Items []map[string]any }
	w.Get(apptest.Staff, "/v1/settings").Into(t, http.StatusOK, &settings)
	if !strings.Contains(fmt.Sprint(settings), "opinion.register_urgent") {
		t.Error("an institution cannot set the hours")
	}
}

// TestTheAuthorsTextStays: what is edited stands beside it, version by version, and
// the difference is told in pieces that give both texts.
func TestTheAuthorsTextStays(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	id := handIn(w, apptest.Author, nil).ID
	does(w, apptest.Staff, id, "register", nil)
	does(w, apptest.Staff, id, "return", map[string]any{"reason": "请补充涉及的村数。"})
	does(w, apptest.Author, id, "send", report("关于改善农村留守老人就医取药的建议", map[string]any{"situation": "近期走访三个村了解到，农村留守老人就医取药不便。"}))
	s := does(w, apptest.Staff, id, "register", nil)
	if s.Number != "社情民意〔2026〕1号" {
		t.Errorf("it has the number %s now", s.Number)
	}
	does(w, apptest.Staff, id, "edit", edited(nil))
	does(w, apptest.Staff, id, "edit", edited(nil)) // nothing new
	does(w, apptest.Staff, id, "edit", edited(map[string]any{"issue_type": "SPECIAL", "situation": strings.Repeat("情", 2900)}))
	refuses(w, apptest.Staff, id, "edit", edited(map[string]any{"situation": strings.Repeat("情", 1490)}), "opinion.edited")

	var versions struct {
		Items []struct {
			Ordinal                   int
			Source, Situation, Writer string
		}
	}
	w.Get(apptest.Leader, opinions+id+"/versions").Into(t, http.StatusOK, &versions)
	var sources []string
	for _, v := range versions.Items {
		sources = append(sources, v.Source)
	}
	if want := []string{"AUTHOR", "AUTHOR", "OFFICE", "OFFICE"}; !slices.Equal(sources, want) || versions.Items[0].Writer != apptest.Author || versions.Items[2].Writer != apptest.Staff {
		t.Fatalf("versions: %+v", versions)
	}
	var d struct {
		From, To  int
		Situation []struct{ Change, Text string }
	}
	w.Get(apptest.Staff, opinions+id+"/difference?to=3").Into(t, http.StatusOK, &d)
	var before, after strings.Builder
	for _, p := range d.Situation {
		if p.Change != "ADDED" {
			before.WriteString(p.Text)
		}
		if p.Change != "REMOVED" {
			after.WriteString(p.Text)
		}
	}
	if d.From != 2 || d.To != 3 || before.String() != versions.Items[1].Situation || after.String() != versions.Items[2].Situation || len(d.Situation) < 3 {
		t.Errorf("the difference: %+v", d)
	}
	if a := w.Get(apptest.Staff, opinions+id+"/difference?from=9"); a.Code() != "opinion.version" {
		t.Errorf("of a version that there is not: %d %s", a.Status, a.Body)
	}
	for _, path := range []string{"/versions", "/difference"} {
		if a := w.Get(apptest.Author, opinions+id+path); a.Code() != "opinion.versions" {
			t.Errorf("the author reads %s: %d %s", path, a.Status, a.Body)
		}
		if a := w.Get(apptest.OtherMember, opinions+id+path); a.Code() != "matter.not_found" {
			t.Errorf("a stranger reads %s: %d %s", path, a.Status, a.Body)
		}
	}
	if v := seeOpinion(w, apptest.Author, id); v.Edited != nil || v.Text == nil || !strings.Contains(v.Text.Situation, "三个村") {
		t.Errorf("the author reads %+v", v)
	}
}

// TestALeadersWordsAreKeptOnlyWhereWanted, and read by the office and leaders alone.
func TestALeadersWordsAreKeptOnlyWhereWanted(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	id := reportedOpinion(w)
	const words, who = "请卫健委认真研究解决", "县委书记周明德"
	full := map[string]any{"leader": who, "rank": "COUNTY", "text": words, "unit_ids": []string{w.Units[0].ID}}
	refuses(w, apptest.Staff, id, "record_instruction", full, "opinion.words")
	scan := w.Uploaded(apptest.Staff, "批示.png", attachmenttest.PNG(8, 8))
	refuses(w, apptest.Staff, id, "record_instruction", map[string]any{"leader": who, "rank": "COUNTY", "scans": []string{scan}}, "opinion.words")
	w.Post(apptest.Staff, "/v1/settings", map[string]any{"name": "opinion.instruction_words", "value": true}).Want(t, http.StatusOK)
	full["scans"] = []string{scan}
	does(w, apptest.Staff, id, "record_instruction", full)
	does(w, apptest.Staff, id, "dispatch", map[string]any{"lead_unit_id": w.Units[0].ID, "co_unit_ids": []string{w.Units[1].ID}})

	for _, name := range []string{apptest.Staff, apptest.Leader} {
		if x := seeOpinion(w, name, id).Instructions; len(x) != 1 || x[0].Text != words || x[0].Leader != who {
			t.Errorf("%s reads %+v", name, x)
		}
	}
	if x := seeOpinion(w, apptest.LeadHandler, id).Instructions; len(x) != 1 || x[0].Text != "" || x[0].Leader != who {
		t.Errorf("the unit that is named reads %+v", x)
	}
	if x := seeOpinion(w, apptest.CoHandler, id).Instructions; len(x) != 0 {
		t.Errorf("a unit that is not named reads %+v", x)
	}
	if x := seeOpinion(w, apptest.Author, id).Instructions; len(x) != 1 || x[0].Date == "" || x[0].Leader != "" || x[0].Number != "" {
		t.Errorf("the author reads %+v", x)
	}
	for _, name := range []string{apptest.Author, apptest.LeadHandler, apptest.CoHandler} {
		raw := string(w.Get(name, opinions+id).Want(t, http.StatusOK).Body) + bodies(w, name)
		if strings.Contains(raw, words) || strings.Contains(raw, scan) || name == apptest.Author && strings.Contains(raw, who) {
			t.Errorf("%s reads of it: %s", name, raw)
		}
	}
	if got := toldTitles(w, apptest.Author); got[len(got)-1] != "您的社情民意获批示" {
		t.Errorf("the author was told %v", got)
	}
}

// TestAFactIsTakenBackWithATrace: it stays to be read, does not hold, and whoever
// was told of it is told.
func TestAFactIsTakenBackWithATrace(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	id := reportedOpinion(w)
	adoption := map[string]any{"adopter": "省政协", "level": "PROVINCE", "publication": "第8期"}
	does(w, apptest.Staff, id, "record_adoption", adoption)
	refuses(w, apptest.Staff, id, "record_adoption", adoption, "opinion.recorded")
	refuses(w, apptest.Staff, id, "revoke_fact", map[string]any{"sort": "ADOPTION", "fact": 2, "reason": "错了"}, "opinion.fact")
	does(w, apptest.Staff, id, "revoke_fact", map[string]any{"sort": "ADOPTION", "fact": 1, "reason": "应为市政协采用。"})
	refuses(w, apptest.Staff, id, "revoke_fact", map[string]any{"sort": "ADOPTION", "fact": 1, "reason": "应为市政协采用。"}, "opinion.fact")
	does(w, apptest.Staff, id, "record_adoption", map[string]any{"adopter": "市政协", "level": "PREFECTURE", "publication": "第8期"})
	v := seeOpinion(w, apptest.Staff, id)
	if len(v.Adoptions) != 2 || v.Adoptions[0].RevokedAt == nil || v.Adoptions[0].Reason != "应为市政协采用。" || v.Adoptions[1].RevokedAt != nil {
		t.Errorf("the office reads %+v", v.Adoptions)
	}
	if x := seeOpinion(w, apptest.Author, id).Adoptions; len(x) != 1 || x[0].Adopter != "市政协" {
		t.Errorf("the author reads %+v", x)
	}
	if got := toldTitles(w, apptest.Author); !slices.Contains(got, "更正：采用登记有误") {
		t.Errorf("the author was told %v", got)
	}
	refuses(w, apptest.Staff, id, "record_adoption", map[string]any{"adopter": "市委", "level": "PREFECTURE", "date": "2026-03-04"}, "opinion.date")
	refuses(w, apptest.Staff, id, "record_adoption", map[string]any{"adopter": "市委", "level": "PREFECTURE", "date": "2026-03-02"}, "opinion.date")
	refuses(w, apptest.Staff, id, "record_adoption", map[string]any{"adopter": "市委", "level": "PREFECTURE", "date": "三月三日"}, "opinion.date")
}

// TestACompositeKeepsItsAuthors: reports that are merged go on as one; each author
// is told of what comes of it and reads their own text, and not the other's.
func TestACompositeKeepsItsAuthors(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	one, two := handIn(w, apptest.Author, nil).ID, handIn(w, apptest.OtherMember, nil).ID
	for _, id := range []string{one, two} {
		does(w, apptest.Staff, id, "register", nil)
	}
	does(w, apptest.Staff, two, "keep", map[string]any{"reason": "暂不编报，留作综合素材。"})
	if got := toldTitles(w, apptest.OtherMember); !slices.Contains(got, "您的社情民意已留存") || !strings.Contains(bodies(w, apptest.OtherMember), "照样计入") {
		t.Errorf("whose report is kept was told %v", got)
	}
	does(w, apptest.Staff, two, "merge", map[string]any{"target_id": one})
	does(w, apptest.Staff, one, "edit", edited(map[string]any{"issue_type": "COMPOSITE"}))
	does(w, apptest.Staff, one, "send_for_sign", nil)
	does(w, apptest.Leader, one, "sign", nil)
	does(w, apptest.Staff, one, "report", map[string]any{"organ": "市政协", "level": "PREFECTURE"})
	does(w, apptest.Staff, one, "record_adoption", map[string]any{"adopter": "市政协", "level": "PREFECTURE", "form": "PART"})
	v := seeOpinion(w, apptest.OtherMember, one)
	if v.Text != nil || v.Edited != nil || len(v.Adoptions) != 1 {
		t.Errorf("whose report was merged reads %+v", v)
	}
	if v := seeOpinion(w, apptest.OtherMember, two); v.Text == nil {
		t.Error("they do not read their own")
	}
	if v := seeOpinion(w, apptest.Author, one); v.Text == nil || len(v.Authors) != 2 {
		t.Errorf("the first author reads %+v", v)
	}
	for _, name := range []string{apptest.Author, apptest.OtherMember} {
		if got := toldTitles(w, name); !slices.Contains(got, "您的社情民意被采用了") {
			t.Errorf("%s was told %v", name, got)
		}
	}
}

// TestAReportGoesToSeveralAtOnce: one act, with what each recipient has of its own, and
// one message; a row that is wrong leaves none.
func TestAReportGoesToSeveralAtOnce(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	id := handIn(w, apptest.Author, nil).ID
	for _, action := range []string{"register", "send_for_sign"} {
		does(w, apptest.Staff, id, action, nil)
	}
	does(w, apptest.Leader, id, "sign", nil)
	w.Clock.Advance(24 * time.Hour)
	to := func(more ...any) map[string]any {
		return map[string]any{"organ": "市政协办公室", "level": "PREFECTURE", "date": "2026-03-03", "document_no": "县政协信〔2026〕5号", "more": more}
	}
	refuses(w, apptest.Staff, id, "report", to(map[string]any{"organ": "县委办公室", "level": "COUNTY", "date": "2027-01-01"}), "opinion.date")
	refuses(w, apptest.Staff, id, "report", to(map[string]any{"organ": "县委办公室"}), "request.invalid")
	again := map[string]any{"organ": "县委办公室", "level": "COUNTY"}
	refuses(w, apptest.Staff, id, "report", to(again, again), "opinion.recorded")
	does(w, apptest.Staff, id, "report", to(again, map[string]any{"organ": "自治区政协", "level": "PROVINCE", "date": "2026-03-04", "document_no": "县政协信〔2026〕6号"}))
	var got []string
	for _, d := range seeOpinion(w, apptest.Staff, id).Dispatches {
		got = append(got, strings.Join([]string{d.Organ, d.Level, d.Date, d.DocumentNo}, " "))
	}
	want := []string{"市政协办公室 PREFECTURE 2026-03-03 县政协信〔2026〕5号", "县委办公室 COUNTY 2026-03-03 ", "自治区政协 PROVINCE 2026-03-04 县政协信〔2026〕6号"}
	if !slices.Equal(got, want) {
		t.Errorf("it went to %q", got)
	}
	if said := told(w, apptest.Author, id); said[0] != "您的社情民意已报送" || !strings.Contains(bodies(w, apptest.Author), "已报送市政协办公室、县委办公室、自治区政协。") {
		t.Errorf("the author was told %q", said)
	}
}

// committee is a committee of the county with somebody who works for it.
func committee(w *apptest.World, name string) institution.Unit {
	w.T.Helper()
	var unit institution.Unit
	w.Write(func(tx *store.Tx) error {
		unit = institution.AddUnit(tx, w.Clock.Now(), w.County.ID, "农业和农村委员会", institution.Committee)
		tx.Exec("UPDATE appointments SET unit_id = ? WHERE person_id = ? AND role = ?", unit.ID, w.Person(name).ID, member.UnitHandler)
		return nil
	})
	return unit
}

// wantSteps holds what a queue counts, by what each step is called.
func wantSteps(w *apptest.World, name string, want map[string]int) {
	w.T.Helper()
	var c struct {
		All   int
		Steps []struct {
			Label string
			Count int
		}
	}
	w.Get(name, "/v1/work/count").Into(w.T, http.StatusOK, &c)
	got, all := map[string]int{}, 0
	for _, x := range c.Steps {
		got[x.Label] = x.Count
		all += x.Count
	}
	if !maps.Equal(got, want) || all != c.All {
		w.T.Errorf("%s has %d: %v, want %v", name, c.All, got, want)
	}
}

// TestACommitteeVerifies: its people see the report from then on, and record what
// they found; they do not read what the units and the authors have of it.
func TestACommitteeVerifies(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	unit := committee(w, apptest.OtherHandler)
	id := handIn(w, apptest.Author, nil).ID
	does(w, apptest.Staff, id, "register", nil)
	w.Get(apptest.OtherHandler, opinions+id).Want(t, http.StatusNotFound)
	refuses(w, apptest.Staff, id, "verify", map[string]any{"committee_id": w.Units[0].ID}, "opinion.committee")
	does(w, apptest.Staff, id, "verify", map[string]any{"committee_id": unit.ID, "points": "涉及几个村"})
	if q := work(w, apptest.OtherHandler); len(q.Items) != 1 || q.Items[0].Todo != "调查核实" {
		t.Fatalf("the committee's queue: %+v", q)
	}
	wantSteps(w, apptest.OtherHandler, map[string]int{"待核实": 1})
	does(w, apptest.Staff, id, "set_urgency", map[string]any{"urgency": "URGENT"})
	file := w.Uploaded(apptest.OtherHandler, "现场.png", attachmenttest.PNG(8, 8))
	if s := does(w, apptest.OtherHandler, id, "record_findings", map[string]any{"findings": "走访三个村，情况属实。", "files": []string{file}}); s.Status != "EDITING" {
		t.Errorf("after the findings: %+v", s)
	}
	if v := seeOpinion(w, apptest.OtherHandler, id); len(v.Findings) != 1 || v.Text == nil {
		t.Errorf("the committee reads %+v", v)
	}
	w.Get(apptest.OtherHandler, opinions+id+"/versions").Want(t, http.StatusOK)
	if raw := string(w.Get(apptest.Author, opinions+id).Body); strings.Contains(raw, "走访三个村，情况属实") || strings.Contains(raw, file) {
		t.Errorf("the author reads the findings: %s", raw)
	}
}

// TestABodyHandsIn: a unit's own people hand in for it, an information officer for
// themselves, the office from paper for a lower institution that has nobody here.
func TestABodyHandsIn(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	own := map[string]any{"body_kind": "UNIT", "body_unit_id": w.Units[0].ID}
	id := handIn(w, apptest.LeadHandler, own).ID
	if v := seeOpinion(w, apptest.LeadHandler, id); v.Authors[0].Body != w.Units[0].Name || v.Text == nil {
		t.Errorf("the unit reads %+v", v)
	}
	does(w, apptest.Staff, id, "register", nil)
	if got := toldTitles(w, apptest.LeadHandler); !slices.Equal(got, []string{"您的社情民意已登记"}) {
		t.Errorf("who handed in for the unit was told %v", got)
	}
	post := func(name string, more map[string]any) apptest.Answer {
		return w.Post(name, "/v1/opinions", report("关于改善农村留守老人就医取药的建议", more))
	}
	for code, a := range map[string]apptest.Answer{
		"opinion.behalf":    post(apptest.CoHandler, own),
		"matter.not_yours":  post(apptest.CoHandler, nil),
		"matter.body":       post(apptest.Author, map[string]any{"body_kind": "STUDIO", "body_name": "没有的工作室"}),
		"request.forbidden": post(apptest.Admin, nil),
	} {
		if a.Code() != code {
			t.Errorf("%d %s, want %s", a.Status, a.Body, code)
		}
	}
	w.Write(func(tx *store.Tx) error {
		tx.Exec("UPDATE appointments SET role = ?, unit_id = NULL WHERE person_id = ?", member.InfoOfficer, w.Person(apptest.OtherHandler).ID)
		return nil
	})
	handIn(w, apptest.OtherHandler, nil)
	lower := handIn(w, apptest.Staff, map[string]any{"body_kind": "INSTITUTION", "body_name": "政协言城县城关镇委员会", "paper": map[string]any{"date": "2026-03-03"}}).ID
	does(w, apptest.Staff, lower, "register", nil)
	if v := seeOpinion(w, apptest.Staff, lower); v.Authors[0].Body != "政协言城县城关镇委员会" || v.Authors[0].Name != "" {
		t.Errorf("a lower institution: %+v", v.Authors)
	}
}

// TestAPushSaysNothingOfAReport: the platform learns that something happened, and
// nothing of what is in it; nor is the text or a picture handed to its check.
func TestAPushSaysNothingOfAReport(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	for _, event := range []string{"decision", "task", "reply", "progress"} {
		w.Post(apptest.Author, "/v1/grants", map[string]any{"consents": []any{map[string]any{"template_id": "template-" + event, "accepted": true}}}).Want(t, http.StatusOK)
		w.Sim.Grant(w.OpenID(apptest.Author), "template-"+event, 9)
	}
	picture := w.Uploaded(apptest.Author, "现场.png", attachmenttest.PNG(8, 8))
	const canary = "金丝雀村取药难"
	var s state
	w.Post(apptest.Author, "/v1/opinions", report(canary, map[string]any{"pictures": []string{picture}})).Into(t, http.StatusCreated, &s)
	does(w, apptest.Staff, s.ID, "register", nil)
	does(w, apptest.Staff, s.ID, "keep", map[string]any{"reason": canary})
	if n, err := w.Dispatcher.Once(t.Context()); n == 0 || err != nil {
		t.Fatalf("dispatched %d, %v", n, err)
	}
	sent := w.Sim.Sent()
	if len(sent) == 0 || sent[0].Fields["thing1"] != "社情民意" {
		t.Fatalf("sent %+v", sent)
	}
	if strings.Contains(fmt.Sprint(sent), "金丝雀") {
		t.Errorf("sent %+v", sent)
	}
	if !strings.Contains(bodies(w, apptest.Author), canary) {
		t.Error("the inbox does not say what it is about")
	}
	if _, err := w.Checker.Step(t.Context()); err != nil {
		t.Fatal(err)
	}
	var n int
	if err := w.DB.Gorm(t.Context()).Raw("SELECT COUNT(*) FROM checks WHERE matter_id = ?", s.ID).Scan(&n).Error; err != nil || n != 0 {
		t.Errorf("%d checks are left, %v", n, err)
	}
	var settings struct{ Items []map[string]any }
	w.Get(apptest.Staff, "/v1/settings").Into(t, http.StatusOK, &settings)
	if strings.Contains(fmt.Sprint(settings), "safety.opinion") {
		t.Error("an institution may send reports to the platform's check")
	}
}

// TestNobodyElseSeesAReport: not in a list, not by its address, whatever degree of
// confidentiality it has.
func TestNobodyElseSeesAReport(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	id := handIn(w, apptest.Author, map[string]any{"confidentiality": "PUBLIC"}).ID
	for _, name := range []string{apptest.OtherMember, apptest.LeadHandler, apptest.Admin, apptest.ForeignStaff, apptest.ForeignMember} {
		w.Get(name, opinions+id).Want(t, http.StatusNotFound)
		if raw := string(w.Get(name, "/v1/opinions").Want(t, http.StatusOK).Body); strings.Contains(raw, id) {
			t.Errorf("%s has it in the list: %s", name, raw)
		}
	}
}

// TestReadingAReportAsksNoQueryForAFact: with one fact and with twenty more a report
// takes as many queries. They are all of the one batch that a 微建议 is read with.
func TestReadingAReportAsksNoQueryForAFact(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	id := reportedOpinion(w)
	n := countQueries(w)
	measure := func() int64 {
		before := n.Load()
		w.Get(apptest.Staff, opinions+id).Want(t, http.StatusOK)
		return n.Load() - before
	}
	few := measure()
	for i := range 10 {
		does(w, apptest.Staff, id, "record_adoption", map[string]any{"adopter": fmt.Sprintf("市直单位%d", i), "level": "PREFECTURE"})
		does(w, apptest.Staff, id, "report_more", map[string]any{"organ": fmt.Sprintf("县直单位%d", i), "level": "COUNTY"})
	}
	if many := measure(); many != few {
		t.Errorf("%d queries for a little, %d for much", few, many)
	}
}

// TestUnitsReadTheAuthorsOnlyWhereWanted: by default the units that handle a report
// read what it says and not whose it is.
func TestUnitsReadTheAuthorsOnlyWhereWanted(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	id := reportedOpinion(w)
	does(w, apptest.Staff, id, "dispatch", map[string]any{"lead_unit_id": w.Units[0].ID})
	raw := string(w.Get(apptest.LeadHandler, opinions+id).Want(t, http.StatusOK).Body)
	for _, list := range []string{"/v1/opinions", "/v1/work", "/v1/inbox"} {
		raw += string(w.Get(apptest.LeadHandler, list).Want(t, http.StatusOK).Body)
	}
	if strings.Contains(raw, apptest.Author) || !strings.Contains(raw, "留守老人") {
		t.Errorf("the unit reads %s", raw)
	}
	if v := seeOpinion(w, apptest.LeadHandler, id); v.Text != nil || v.Edited == nil || v.Edited.Source != "OFFICE" {
		t.Errorf("the unit reads %+v", v)
	}
	w.Post(apptest.Staff, "/v1/settings", map[string]any{"name": "opinion.authors_to_units", "value": true}).Want(t, http.StatusOK)
	if v := seeOpinion(w, apptest.LeadHandler, id); len(v.Authors) != 1 || v.Authors[0].Name != apptest.Author {
		t.Errorf("where it is wanted the unit reads %+v", v.Authors)
	}
}

// TestASuggestionBecomesAReport, and goes on with its author; and the other way.
func TestASuggestionBecomesAReport(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	s := submit(w, apptest.Author)
	convert := func(path, kind string, version int64) {
		t.Helper()
		act(w, apptest.Staff, path+"/convert", map[string]any{"version": version, "kind": kind, "reason": "更适合这样办理。"})
	}
	convert(suggestions+s.ID, "opinion", s.Version)
	var list struct{ Items []state }
	w.Get(apptest.Author, "/v1/opinions").Into(t, http.StatusOK, &list)
	if len(list.Items) != 1 {
		t.Fatalf("the author's reports: %+v", list)
	}
	id := list.Items[0].ID
	does(w, apptest.Staff, id, "register", nil)
	if v := seeOpinion(w, apptest.Author, id); v.Text == nil || !strings.Contains(v.Text.Situation, "六盏路灯") || v.Number == "" {
		t.Errorf("the author reads %+v", v)
	}
	if got := toldTitles(w, apptest.Author); !slices.Equal(got, []string{"您的微建议已转为社情民意", "您的社情民意已登记"}) {
		t.Errorf("the author was told %v", got)
	}
	other := handIn(w, apptest.CoAuthor, nil)
	convert(opinions+other.ID, "suggestion", other.Version)
	w.Get(apptest.CoAuthor, "/v1/suggestions").Into(t, http.StatusOK, &list)
	if len(list.Items) != 1 || list.Items[0].Status != "SUBMITTED" {
		t.Errorf("the author's suggestions: %+v", list)
	}
}

// TestAReportGoesUpThreeLevels, and what the province decides comes back to the
// member who wrote it; the text that goes up is the edited one.
func TestAReportGoesUpThreeLevels(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	city := putAbove(w, w.County.ID, "天河市政协", institution.Prefecture)
	province := putAbove(w, city.institution.ID, "天山省政协", institution.Province)
	id := handIn(w, apptest.Author, nil).ID
	does(w, apptest.Staff, id, "register", nil)
	does(w, apptest.Staff, id, "edit", edited(nil))
	does(w, apptest.Staff, id, "send_for_sign", nil)
	does(w, apptest.Leader, id, "sign", nil)
	does(w, apptest.Staff, id, "hand_up", nil)
	if v := seeOpinion(w, apptest.Staff, id); v.Status != "DISPATCHED" || len(v.Dispatches) != 1 || v.Dispatches[0].Organ != "天河市政协" {
		t.Errorf("the county's office reads %+v", v)
	}
	refuses(w, apptest.Staff, id, "hand_up", nil, "matter.handed_up")

	inCity := upperOf(w, id)
	city.does(city.staff, inCity, "register", func(s workflow.Seen) workflow.Input { return opinion.RegisterInput{Seen: s} })
	city.does(city.staff, inCity, "send_for_sign", func(s workflow.Seen) workflow.Input { return opinion.SendForSignInput{Seen: s} })
	city.does(city.leader, inCity, "sign", func(s workflow.Seen) workflow.Input { return opinion.SignInput{Seen: s} })
	city.does(city.staff, inCity, "hand_up", func(s workflow.Seen) workflow.Input { return matter.HandUpInput{Seen: s} })
	inProvince := upperOf(w, inCity)
	province.does(province.staff, inProvince, "register", func(s workflow.Seen) workflow.Input { return opinion.RegisterInput{Seen: s} })
	province.does(province.staff, inProvince, "send_for_sign", func(s workflow.Seen) workflow.Input { return opinion.SendForSignInput{Seen: s} })
	province.does(province.leader, inProvince, "sign", func(s workflow.Seen) workflow.Input { return opinion.SignInput{Seen: s} })
	province.does(province.staff, inProvince, "report", func(s workflow.Seen) workflow.Input {
		return opinion.ReportInput{Seen: s, Recipient: opinion.Recipient{Organ: "省委办公室", Level: opinion.Province}}
	})
	province.does(province.staff, inProvince, "record_instruction", func(s workflow.Seen) workflow.Input {
		return opinion.InstructionInput{Seen: s, Leader: "省长贺远山", Rank: opinion.Province}
	})
	takeDown(w)
	var situation string
	err := w.DB.Gorm(t.Context()).Raw("SELECT situation FROM opinion_versions WHERE matter_id = ? AND ordinal = 1", inProvince).Scan(&situation).Error
	if err != nil || situation != edited(nil)["situation"] {
		t.Errorf("the province has %q, %v", situation, err)
	}
	told := bodies(w, apptest.Author)
	for _, want := range []string{"天河市政协：", "天山省政协：", "已报送省委办公室", "获领导批示"} {
		if !strings.Contains(told, want) {
			t.Errorf("the author was not told %q: %s", want, told)
		}
	}
	if raw := told + string(w.Get(apptest.Author, opinions+id).Body); strings.Contains(raw, "贺远山") {
		t.Errorf("the author reads whose instruction it is: %s", raw)
	}
}
