package api_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"yanlu/internal/app/apptest"
	"yanlu/internal/store"
)

const suggestions = "/v1/suggestions/"

// people returns the names of a matter's authors, with what they agreed to.
func people(w *apptest.World, name, id string) map[string]string {
	w.T.Helper()
	var v struct {
		Authors []struct{ Name, Consent string }
	}
	w.Get(name, suggestions+id).Into(w.T, http.StatusOK, &v)
	by := map[string]string{}
	for _, a := range v.Authors {
		by[a.Name] = a.Consent
	}
	return by
}

// told returns the titles of what somebody was told of a matter.
func told(w *apptest.World, name, id string) []string {
	w.T.Helper()
	var box struct {
		Items []struct {
			MatterID string `json:"matter_id"`
			Title    string
		}
	}
	w.Get(name, "/v1/inbox?limit=100").Into(w.T, http.StatusOK, &box)
	var titles []string
	for _, m := range box.Items {
		if m.MatterID == id {
			titles = append(titles, m.Title)
		}
	}
	slices.Sort(titles)
	return titles
}

// wantCode holds what an answer refuses with.
func wantCode(t *testing.T, a apptest.Answer, status int, code string) {
	t.Helper()
	if a.Status != status || a.Code() != code {
		t.Errorf("%d %s, want %d %s: %s", a.Status, a.Code(), status, code, a.Body)
	}
}

func content(more map[string]any) map[string]any {
	body := map[string]any{"title": "修复人民路路灯", "body": "人民路中段有六盏路灯已坏两周，晚上行人不便，建议尽快修复。", "category": "CITY"}
	for k, v := range more {
		body[k] = v
	}
	return body
}

// begin hands a suggestion in with more than submit gives.
func begin(w *apptest.World, name string, more map[string]any) state {
	w.T.Helper()
	var s state
	w.Post(name, "/v1/suggestions", content(more)).Into(w.T, http.StatusCreated, &s)
	return s
}

// TestADraftIsItsAuthorsAlone: nobody else sees it, those named are asked only
// when it is handed in, and its clock begins then.
func TestADraftIsItsAuthorsAlone(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	co := w.Person(apptest.CoAuthor).ID
	var s state
	w.Post(apptest.Author, "/v1/suggestions/drafts", map[string]any{"title": "路灯", "co_author_ids": []string{co}}).Into(t, http.StatusCreated, &s)
	path := suggestions + s.ID
	for _, name := range []string{apptest.Staff, apptest.Leader, apptest.CoAuthor, apptest.OtherMember} {
		wantCode(t, w.Get(name, path), http.StatusNotFound, "matter.not_found")
	}
	if q := work(w, apptest.Staff); len(q.Items) != 0 {
		t.Errorf("a draft waits for staff: %+v", q)
	}
	s = act(w, apptest.Author, path+"/save", map[string]any{"version": s.Version, "title": "修复路灯", "co_author_ids": []string{co}})
	wantCode(t, w.Post(apptest.Author, path+"/send", map[string]any{"version": s.Version - 1, "title": "修复路灯", "body": strings.Repeat("灯", 10), "category": "CITY"}),
		http.StatusConflict, "matter.stale")
	s = act(w, apptest.Author, path+"/send", content(map[string]any{"version": s.Version, "co_author_ids": []string{co}}))
	if s.Status != "SUBMITTED" || len(work(w, apptest.Staff).Items) != 1 {
		t.Fatalf("sent: %+v", s)
	}
	if got := people(w, apptest.CoAuthor, s.ID)[apptest.CoAuthor]; got != "ASKED" {
		t.Errorf("the co-author is %q", got)
	}
	act(w, apptest.CoAuthor, path+"/agree", map[string]any{"version": s.Version})
	if got := people(w, apptest.Staff, s.ID)[apptest.CoAuthor]; got != "GIVEN" {
		t.Errorf("the co-author is %q", got)
	}
	if got := told(w, apptest.Author, s.ID); len(got) != 1 || !strings.Contains(got[0], "同意联名") {
		t.Errorf("the author was told %v", got)
	}
	// What is returned is mended and sent again; nobody is asked twice.
	s = act(w, apptest.Staff, path+"/return", map[string]any{"version": s.Version, "reason": "请写明路段。"})
	s = act(w, apptest.Author, path+"/send", content(map[string]any{"version": s.Version, "title": "修复人民路中段路灯", "co_author_ids": []string{co}}))
	if got := people(w, apptest.Staff, s.ID)[apptest.CoAuthor]; s.Status != "SUBMITTED" || got != "GIVEN" {
		t.Errorf("%+v, the co-author is %q", s, got)
	}
	if got := told(w, apptest.CoAuthor, s.ID); len(got) != 2 { // asked once, told of the return
		t.Errorf("the co-author was told %v", got)
	}
}

// TestPaperCountsByItsDate: staff record what a member without a telephone
// signed; its date counts, and the timeline shows who typed.
func TestPaperCountsByItsDate(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	w.Clock.Advance(6 * 24 * time.Hour) // from Tuesday, 3 March, the first day of everybody's appointment, to Monday
	subject := w.Person(apptest.Subject).ID
	paper := func(date string) map[string]any {
		return map[string]any{"paper": map[string]any{"person_id": subject, "date": date}}
	}
	wantCode(t, w.Post(apptest.Author, "/v1/suggestions", content(paper("2026-03-05"))), http.StatusForbidden, "matter.not_yours")
	wantCode(t, w.Post(apptest.Staff, "/v1/suggestions", content(paper("2026-03-10"))), http.StatusUnprocessableEntity, "matter.paper")
	wantCode(t, w.Post(apptest.Staff, "/v1/suggestions", content(nil)), http.StatusForbidden, "matter.not_yours")
	wantCode(t, w.Post(apptest.Staff, "/v1/suggestions", content(paper("2026-03-02"))), http.StatusForbidden, "matter.not_yours") // no member on that day
	s := begin(w, apptest.Staff, paper("2026-03-05"))
	var v struct {
		Source      string
		SubmittedAt time.Time `json:"submitted_at"`
		Timeline    []struct {
			Actor   string
			TypedBy string `json:"typed_by"`
		}
		Actions []struct {
			Name  string
			Paper bool
		}
	}
	w.Get(apptest.Staff, suggestions+s.ID).Into(t, http.StatusOK, &v)
	if v.Source != "PAPER" || v.SubmittedAt.Format("2006-01-02") != "2026-03-05" || v.Timeline[0].Actor != apptest.Subject || v.Timeline[0].TypedBy != apptest.Staff {
		t.Errorf("recorded: %+v", v)
	}
	if due := work(w, apptest.Staff).Items[0].DueAt; due.Format("2006-01-02") != "2026-03-09" { // Friday and Monday, up to midnight
		t.Errorf("the review is due %v", due)
	}
	paperOnly := false
	for _, a := range v.Actions {
		paperOnly = paperOnly || a.Name == "withdraw" && a.Paper
	}
	if !paperOnly {
		t.Errorf("staff are not offered to record a withdrawal: %+v", v.Actions)
	}
	wantCode(t, w.Post(apptest.Staff, suggestions+s.ID+"/withdraw", map[string]any{"version": s.Version}), http.StatusForbidden, "matter.not_yours")
	wantCode(t, w.Post(apptest.Staff, suggestions+s.ID+"/withdraw", map[string]any{"version": s.Version, "paper": map[string]any{"date": "2026-03-04"}}),
		http.StatusUnprocessableEntity, "matter.paper")
	if s = act(w, apptest.Staff, suggestions+s.ID+"/withdraw", map[string]any{"version": s.Version, "paper": map[string]any{"date": "2026-03-06"}}); s.Status != "WITHDRAWN" {
		t.Errorf("withdrawn on paper: %+v", s)
	}
}

// TestAUnitAnswersOnPaper: nobody of the unit has a telephone, and the author
// is answered all the same.
func TestAUnitAnswersOnPaper(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	s, lead, _ := inHands(w)
	paper := map[string]any{"signer": "张经办", "date": "2026-03-03"}
	body := signFor(1)
	body["paper"] = paper
	act(w, apptest.Staff, "/v1/assignments/"+lead+"/sign_for", body)
	body = replyBody(2)
	body["paper"] = paper
	act(w, apptest.Staff, "/v1/assignments/"+lead+"/reply", body)
	act(w, apptest.Staff, "/v1/assignments/"+lead+"/pass", map[string]any{"version": 3})
	v := look(w, apptest.Staff, s.ID)
	if v.Status != "REPLIED" || !slices.ContainsFunc(v.Timeline, func(e struct{ Action, Label, Actor, Comment string }) bool {
		return e.Action == "reply" && e.Actor == "张经办"
	}) {
		t.Errorf("%+v", v)
	}
}

// TestNumbersFollowTheList: they are given in the order that staff set, from
// the start that they choose, and never twice.
func TestNumbersFollowTheList(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	var ids []string
	for range 3 {
		s := submit(w, apptest.Author)
		act(w, apptest.Staff, suggestions+s.ID+"/accept", map[string]any{"version": 1, "route": "DIRECT_UNIT"})
		ids = append(ids, s.ID)
	}
	waiting := submit(w, apptest.Author)
	number := func(start int, ids ...string) apptest.Answer {
		return w.Post(apptest.Staff, "/v1/suggestions/numbers", map[string]any{"ids": ids, "start": start})
	}
	wantCode(t, number(0, ids[0], waiting.ID), http.StatusConflict, "matter.numbered")
	var v struct{ Items []struct{ ID, Number string } }
	number(31, ids[2], ids[0]).Into(t, http.StatusOK, &v)
	if v.Items[0].ID != ids[2] || v.Items[0].Number != "2026年第31号" || v.Items[1].Number != "2026年第32号" {
		t.Errorf("numbers: %+v", v)
	}
	wantCode(t, number(0, ids[0]), http.StatusConflict, "matter.numbered")
	wantCode(t, number(32, ids[1]), http.StatusConflict, "matter.number_used")
	number(0, ids[1]).Into(t, http.StatusOK, &v)
	if v.Items[0].Number != "2026年第33号" {
		t.Errorf("the next: %+v", v)
	}
}

// TestABatchIsDoneWholeOrNotAtAll.
func TestABatchIsDoneWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	one, two := submit(w, apptest.Author), submit(w, apptest.OtherMember)
	item := func(s state, version int) map[string]any {
		return map[string]any{"id": s.ID, "input": map[string]any{"version": version, "route": "DIRECT_UNIT", "lead_unit_id": w.Units[0].ID}}
	}
	a := w.Post(apptest.Staff, "/v1/suggestions/bulk/accept", map[string]any{"items": []any{item(one, 1), item(two, 7)}})
	wantCode(t, a, http.StatusConflict, "request.bulk")
	if !strings.Contains(string(a.Body), "body.items[1]") || look(w, apptest.Staff, one.ID).Status != "SUBMITTED" {
		t.Errorf("%s", a.Body)
	}
	w.Post(apptest.Staff, "/v1/suggestions/bulk/accept", map[string]any{"items": []any{item(one, 1), item(two, 1)}}).Want(t, http.StatusOK)
	dispatch := func(s state) map[string]any { return map[string]any{"id": s.ID, "input": map[string]any{"version": 2}} }
	w.Post(apptest.Staff, "/v1/suggestions/bulk/dispatch", map[string]any{"items": []any{dispatch(two), dispatch(one)}}).Want(t, http.StatusOK)
	for _, s := range []state{one, two} {
		if v := look(w, apptest.Staff, s.ID); v.Status != "HANDLING" || len(v.Assignments) != 1 || v.Number == "" {
			t.Errorf("dispatched to the proposed unit: %+v", v)
		}
	}
	wantCode(t, w.Post(apptest.Author, "/v1/suggestions/bulk/accept", map[string]any{"items": []any{item(one, 1)}}), http.StatusForbidden, "request.forbidden")
}

// TestAUnitAsksForMoreTimeOrToBeReleased.
func TestAUnitAsksForMoreTimeOrToBeReleased(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	s, lead, co := inHands(w)
	path := "/v1/assignments/" + lead
	act(w, apptest.LeadHandler, path+"/sign_for", signFor(1))
	before := work(w, apptest.LeadHandler).Items[0].DueAt
	act(w, apptest.LeadHandler, path+"/ask_extension", map[string]any{"version": 2, "working_days": 5, "reason": "需要招标。"})
	act(w, apptest.Staff, path+"/grant_extension", map[string]any{"version": 3})
	if after := work(w, apptest.LeadHandler).Items[0].DueAt; after.Sub(before) != 7*24*time.Hour { // five working days over a weekend
		t.Errorf("the reply was due %v, and is due %v", before, after)
	}
	wantCode(t, w.Post(apptest.LeadHandler, path+"/ask_extension", map[string]any{"version": 4, "working_days": 5, "reason": "还不够。"}),
		http.StatusConflict, "handling.extended")

	// The co-unit is not the right one; another takes its place.
	act(w, apptest.CoHandler, "/v1/assignments/"+co+"/ask_return", map[string]any{"version": 1, "reason": "不属于我单位职责。", "better_unit": "县城管局"})
	wantCode(t, w.Post(apptest.Staff, "/v1/assignments/"+co+"/allow_return", map[string]any{"version": 2, "unit_id": w.Units[0].ID}),
		http.StatusUnprocessableEntity, "handling.unit_twice")
	act(w, apptest.Staff, "/v1/assignments/"+co+"/allow_return", map[string]any{"version": 2, "unit_id": w.Units[2].ID})
	if q := work(w, apptest.OtherHandler); len(q.Items) != 1 || q.Items[0].Todo != "签收" {
		t.Errorf("the other unit's queue: %+v", q)
	}
	if got := told(w, apptest.OtherHandler, s.ID); len(got) != 1 {
		t.Errorf("the other unit was told %v", got)
	}

	// A lead unit that is released without another sends the matter back to be
	// dispatched anew; after three working days nobody is released.
	s, lead, _ = inHands(w)
	act(w, apptest.LeadHandler, "/v1/assignments/"+lead+"/ask_return", map[string]any{"version": 1, "reason": "不属于我单位职责。"})
	act(w, apptest.Staff, "/v1/assignments/"+lead+"/refuse_return", map[string]any{"version": 2, "reason": "经核实属于。"})
	act(w, apptest.LeadHandler, "/v1/assignments/"+lead+"/ask_return", map[string]any{"version": 3, "reason": "确不属于。"})
	act(w, apptest.Staff, "/v1/assignments/"+lead+"/allow_return", map[string]any{"version": 4})
	if v := look(w, apptest.Staff, s.ID); v.Status != "ACCEPTED" {
		t.Errorf("after the release: %+v", v)
	}
	again := look(w, apptest.Staff, s.ID)
	act(w, apptest.Staff, suggestions+s.ID+"/dispatch", map[string]any{"version": again.Version, "lead_unit_id": w.Units[2].ID})
	if v := look(w, apptest.Author, s.ID); v.Status != "HANDLING" || v.Number != again.Number {
		t.Errorf("dispatched anew: %+v", v)
	}
	_, lead, _ = inHands(w)
	w.Clock.Advance(4 * 24 * time.Hour)
	w.Clock.Advance(3 * 24 * time.Hour)
	wantCode(t, w.Post(apptest.LeadHandler, "/v1/assignments/"+lead+"/ask_return", map[string]any{"version": 1, "reason": "不属于我单位职责。"}),
		http.StatusConflict, "handling.too_late")
}

// TestOneObjectionIsHandledOnceMore: then 提案委主任 decides. Units see a rating
// when staff confirm it, without its words.
func TestOneObjectionIsHandledOnceMore(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	s, _, _ := inHands(w)
	path := suggestions + s.ID
	answer := func() {
		t.Helper()
		assignments := look(w, apptest.Staff, s.ID).Assignments
		i := slices.IndexFunc(assignments, func(a struct {
			state
			Unit, Role string
		}) bool {
			return a.Role == "LEAD" && a.Status == "DISPATCHED"
		})
		lead := "/v1/assignments/" + assignments[i].ID
		act(w, apptest.LeadHandler, lead+"/sign_for", signFor(1))
		act(w, apptest.LeadHandler, lead+"/report_progress", map[string]any{"version": 2, "text": "已到现场勘查。", "percent": 30})
		act(w, apptest.LeadHandler, lead+"/log_contact", map[string]any{"version": 2, "way": "VISIT", "summary": "与委员当面沟通。"})
		act(w, apptest.LeadHandler, lead+"/reply", replyBody(2))
		act(w, apptest.Staff, lead+"/pass", map[string]any{"version": 3})
	}
	object := func() {
		t.Helper()
		v := look(w, apptest.Author, s.ID)
		act(w, apptest.Author, path+"/object", map[string]any{"version": v.Version, "attitude": "BASICALLY", "reason": "路灯仍然不亮。"})
	}
	answer()
	object()
	v := look(w, apptest.Staff, s.ID)
	act(w, apptest.Staff, path+"/confirm_rating", map[string]any{"version": v.Version})
	var unit struct {
		Ratings []struct{ Result, Comment string }
	}
	w.Get(apptest.LeadHandler, path).Into(t, http.StatusOK, &unit)
	if len(unit.Ratings) != 1 || unit.Ratings[0].Result != "DISSATISFIED" || unit.Ratings[0].Comment != "" {
		t.Errorf("the unit sees %+v", unit)
	}
	act(w, apptest.Staff, path+"/rehandle", map[string]any{"version": v.Version, "reason": "请实地核查。"})
	answer()
	object()
	v = look(w, apptest.Staff, s.ID)
	// In a small office staff stand in for 提案委主任, too; a leader does not.
	wantCode(t, w.Post(apptest.Leader, path+"/rehandle", map[string]any{"version": v.Version, "reason": "再办。"}), http.StatusForbidden, "matter.not_yours")
	if s = act(w, apptest.ProposalStaff, path+"/uphold", map[string]any{"version": v.Version, "reason": "经核实已全部修复。"}); s.Status != "CLOSED" {
		t.Errorf("upheld: %+v", s)
	}
}

// TestUrgingHasItsMeasure: an author asks the office, staff urge the unit, and
// neither more often than the institution has set.
func TestUrgingHasItsMeasure(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	s, lead, _ := inHands(w)
	ask := func() apptest.Answer {
		return w.Post(apptest.Author, suggestions+s.ID+"/ask_urge", map[string]any{"version": s.Version, "note": "没有消息。"})
	}
	ask().Want(t, http.StatusOK)
	wantCode(t, ask(), http.StatusConflict, "handling.urged")
	if got := told(w, apptest.LeadHandler, s.ID); len(got) != 1 { // of the dispatch
		t.Errorf("the unit was told %v", got)
	}
	urge := func() apptest.Answer {
		return w.Post(apptest.Staff, "/v1/assignments/"+lead+"/urge", map[string]any{"version": 1})
	}
	urge().Want(t, http.StatusOK)
	wantCode(t, urge(), http.StatusConflict, "handling.urged")
	if got := told(w, apptest.LeadHandler, s.ID); len(got) != 2 {
		t.Errorf("the unit was told %v", got)
	}
	w.Clock.Advance(73 * time.Hour)
	urge().Want(t, http.StatusOK)
}

// TestTheAnsweredVersionIsTheNextOneToSend: of acts that move an assignment, and of
// those that only add to it.
func TestTheAnsweredVersionIsTheNextOneToSend(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	_, lead, _ := inHands(w)
	path := "/v1/assignments/" + lead
	s := act(w, apptest.Staff, path+"/urge", map[string]any{"version": 1})
	s = act(w, apptest.LeadHandler, path+"/sign_for", signFor(int(s.Version)))
	s = act(w, apptest.LeadHandler, path+"/report_progress", map[string]any{"version": s.Version, "text": "已到现场勘查。"})
	s = act(w, apptest.LeadHandler, path+"/log_contact", map[string]any{"version": s.Version, "way": "VISIT", "summary": "与委员当面沟通。"})
	act(w, apptest.LeadHandler, path+"/reply", replyBody(int(s.Version)))
}

// TestWhatRunsOutEndsByItself: an answer that nobody rates is closed, a return
// that nobody mends is withdrawn; but not for an author who is not on the app.
func TestWhatRunsOutEndsByItself(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	expire := func() {
		t.Helper()
		for range 10 {
			if more, err := w.Matters.Expire(t.Context()); err != nil {
				t.Fatal(err)
			} else if !more {
				return
			}
		}
		t.Fatal("there is no end to it")
	}
	answered, lead, _ := inHands(w)
	act(w, apptest.LeadHandler, "/v1/assignments/"+lead+"/sign_for", signFor(1))
	act(w, apptest.LeadHandler, "/v1/assignments/"+lead+"/reply", replyBody(2))
	act(w, apptest.Staff, "/v1/assignments/"+lead+"/pass", map[string]any{"version": 3})
	returned := submit(w, apptest.Author)
	act(w, apptest.Staff, suggestions+returned.ID+"/return", map[string]any{"version": 1, "reason": "请写明路段。"})
	onPaper := begin(w, apptest.Staff, map[string]any{"paper": map[string]any{"person_id": w.Person(apptest.Subject).ID, "date": "2026-03-03"}})
	act(w, apptest.Staff, suggestions+onPaper.ID+"/return", map[string]any{"version": 1, "reason": "请写明路段。"})

	status := func(s state) string { return look(w, apptest.Staff, s.ID).Status }
	w.Clock.Advance(6 * 24 * time.Hour)
	expire()
	if status(answered) != "REPLIED" || status(returned) != "RETURNED" {
		t.Errorf("before the time: %s, %s", status(answered), status(returned))
	}
	w.Clock.Advance(2 * 24 * time.Hour)
	expire()
	if status(answered) != "CLOSED" || status(returned) != "WITHDRAWN" || status(onPaper) != "RETURNED" {
		t.Errorf("after the time: %s, %s, on paper %s", status(answered), status(returned), status(onPaper))
	}
	if got := told(w, apptest.Author, returned.ID); !slices.Contains(got, "逾期未修改，自动撤回") {
		t.Errorf("the author was told %v", got)
	}
	v := look(w, apptest.Staff, answered.ID)
	if last := v.Timeline[len(v.Timeline)-1]; last.Action != "close_unrated" || last.Actor != "系统" {
		t.Errorf("the timeline ends with %+v", last)
	}
}

// TestStaffCloseWhatNobodyRates: the system does not close what it could not ask
// about in the app; staff may, once the time is over, and the author is told.
func TestStaffCloseWhatNobodyRates(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	s := begin(w, apptest.Staff, map[string]any{"paper": map[string]any{"person_id": w.Person(apptest.Subject).ID, "date": "2026-03-03"}})
	_, id, _ := handOut(w, s)
	act(w, apptest.LeadHandler, "/v1/assignments/"+id+"/sign_for", signFor(1))
	act(w, apptest.LeadHandler, "/v1/assignments/"+id+"/reply", replyBody(2))
	act(w, apptest.Staff, "/v1/assignments/"+id+"/pass", map[string]any{"version": 3})
	closed := func() apptest.Answer {
		return w.Post(apptest.Staff, suggestions+s.ID+"/close_without_rating", map[string]any{
			"version": look(w, apptest.Staff, s.ID).Version, "note": "电话联系过，本人不再填写。",
		})
	}
	if slices.ContainsFunc(look(w, apptest.Staff, s.ID).Actions, func(x struct{ Name string }) bool { return x.Name == "close_without_rating" }) {
		t.Error("it is offered before the time is over")
	}
	wantCode(t, closed(), http.StatusConflict, "matter.not_late")
	w.Clock.Advance(8 * 24 * time.Hour)
	if _, err := w.Matters.Expire(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := look(w, apptest.Staff, s.ID).Status; got != "REPLIED" {
		t.Fatalf("what could not be told in the app is %s", got)
	}
	if !slices.ContainsFunc(look(w, apptest.Staff, s.ID).Actions, func(x struct{ Name string }) bool { return x.Name == "close_without_rating" }) {
		t.Error("it is not offered when the time is over")
	}
	closed().Want(t, http.StatusOK)
	v := look(w, apptest.Staff, s.ID)
	if last := v.Timeline[len(v.Timeline)-1]; v.Status != "CLOSED" || last.Comment != "电话联系过，本人不再填写。" {
		t.Errorf("%s, the timeline ends with %+v", v.Status, last)
	}
}

// TestPeopleAreThereToBeChosen: members find each other by name, staff find
// their colleagues, and pass on what somebody has who is away.
func TestPeopleAreThereToBeChosen(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	names := func(a apptest.Answer) []string {
		var v struct{ Items []struct{ ID, Name string } }
		a.Into(t, http.StatusOK, &v)
		var list []string
		for _, p := range v.Items {
			list = append(list, p.Name)
		}
		return list
	}
	if got := names(w.Get(apptest.Author, "/v1/members?name=李")); !slices.Equal(got, []string{apptest.CoAuthor}) {
		t.Errorf("members: %v", got)
	}
	if got := names(w.Get(apptest.Author, "/v1/members")); slices.Contains(got, apptest.ForeignMember) || slices.Contains(got, apptest.Staff) || len(got) != 7 {
		t.Errorf("members: %v", got)
	}
	if got := names(w.Get(apptest.Staff, "/v1/work/colleagues")); !slices.Equal(got, []string{apptest.Staff, apptest.ProposalStaff}) {
		t.Errorf("colleagues: %v", got)
	}
	s := submit(w, apptest.Author)
	act(w, apptest.Staff, suggestions+s.ID+"/take", map[string]any{"version": 1})
	wantCode(t, w.Post(apptest.Staff, suggestions+s.ID+"/pass_on", map[string]any{"version": 1, "colleague_id": w.Person(apptest.Author).ID}),
		http.StatusUnprocessableEntity, "matter.colleague")
	w.Post(apptest.ProposalStaff, "/v1/work/reassign", map[string]any{"from": w.Person(apptest.Staff).ID, "to": w.Person(apptest.ProposalStaff).ID}).Want(t, http.StatusOK)
	var v struct{ Assignee string }
	w.Get(apptest.Staff, suggestions+s.ID).Into(t, http.StatusOK, &v)
	if v.Assignee != apptest.ProposalStaff {
		t.Errorf("in the hands of %q", v.Assignee)
	}
}

// TestALiaisonMendsWhatTheyHandedIn: drafts, hands in and mends for the member,
// who is the author all the while.
func TestALiaisonMendsWhatTheyHandedIn(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	w.Write(func(tx *store.Tx) error {
		tx.Exec("UPDATE appointments SET role = 'STUDIO_LIAISON' WHERE person_id = ?", w.Person(apptest.OtherMember).ID)
		return nil
	})
	const liaison = apptest.OtherMember
	var s state
	w.Post(liaison, "/v1/suggestions/drafts", map[string]any{"title": "路灯", "on_behalf_of": w.Person(apptest.Author).ID}).Into(t, http.StatusCreated, &s)
	s = act(w, liaison, suggestions+s.ID+"/send", content(map[string]any{"version": s.Version}))
	step(w, apptest.Staff, s.ID, "return", map[string]any{"reason": "请写明路段。"})
	if got := told(w, liaison, s.ID); !has(got, "请修改") {
		t.Errorf("the liaison was told %v", got)
	}
	if v := step(w, liaison, s.ID, "send", content(nil)); v.Status != "SUBMITTED" {
		t.Errorf("mended: %+v", v)
	}
	wantCode(t, w.Post(apptest.CoAuthor, suggestions+s.ID+"/withdraw", map[string]any{"version": 3}), http.StatusNotFound, "matter.not_found")
	if v := step(w, liaison, s.ID, "withdraw", nil); v.Status != "WITHDRAWN" || people(w, apptest.Author, s.ID)[apptest.Author] != "GIVEN" {
		t.Errorf("withdrawn: %+v", v)
	}
}

// TestWhoseMatterItBecomesIsTold: all that a colleague has in hand passes, a line
// in each timeline, one message.
func TestWhoseMatterItBecomesIsTold(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	one, two := submit(w, apptest.Author), submit(w, apptest.OtherMember)
	step(w, apptest.Staff, one.ID, "take", nil)
	step(w, apptest.Staff, two.ID, "take", nil)
	var done struct{ Count int }
	w.Post(apptest.Staff, "/v1/work/reassign", map[string]any{"from": w.Person(apptest.Staff).ID, "to": w.Person(apptest.ProposalStaff).ID}).Into(t, http.StatusOK, &done)
	if got := told(w, apptest.ProposalStaff, one.ID); done.Count != 2 || len(got) != 1 || !strings.Contains(got[0], "2件") {
		t.Errorf("%d passed, told %v", done.Count, got)
	}
	for _, s := range []state{one, two} {
		if v := look(w, apptest.Staff, s.ID); !slices.ContainsFunc(v.Timeline, func(e struct{ Action, Label, Actor, Comment string }) bool { return e.Action == "reassign" }) {
			t.Errorf("%+v", v.Timeline)
		}
	}
	var n int
	if err := w.DB.Gorm(t.Context()).Raw("SELECT COUNT(*) FROM audit_entries WHERE action = 'work.reassign' AND subject_id IN ?", []string{one.ID, two.ID}).Scan(&n).Error; err != nil || n != 2 {
		t.Errorf("%d entries in the audit, %v", n, err)
	}
}

// TestWhoSeesAMatterReadsWhatIsMergedIntoIt, since its answer is theirs too.
func TestWhoSeesAMatterReadsWhatIsMergedIntoIt(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	target, source := submit(w, apptest.Author), submit(w, apptest.OtherMember)
	wantCode(t, w.Get(apptest.Author, suggestions+source.ID), http.StatusNotFound, "matter.not_found")
	merge(w, source, target)
	step(w, apptest.Staff, target.ID, "accept", map[string]any{"route": "DIRECT_UNIT"})
	step(w, apptest.Staff, target.ID, "dispatch", map[string]any{"lead_unit_id": w.Units[0].ID})
	for _, name := range []string{apptest.Author, apptest.LeadHandler} {
		if a := w.Get(name, suggestions+source.ID); a.Status != http.StatusOK {
			t.Errorf("%s reads what was merged: %d", name, a.Status)
		}
	}
	wantCode(t, w.Get(apptest.OtherHandler, suggestions+source.ID), http.StatusNotFound, "matter.not_found")
}

// TestABatchLeavesAnEntryForEach in the audit.
func TestABatchLeavesAnEntryForEach(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	one, two := submit(w, apptest.Author), submit(w, apptest.OtherMember)
	item := func(s state) map[string]any {
		return map[string]any{"id": s.ID, "input": map[string]any{"version": 1, "reason": "重复。", "code": "REPEATED"}}
	}
	w.Post(apptest.Staff, "/v1/suggestions/bulk/reject", map[string]any{"items": []any{item(one), item(two)}}).Want(t, http.StatusOK)
	var subjects []string
	if err := w.DB.Gorm(t.Context()).Raw("SELECT subject_id FROM audit_entries WHERE action = 'suggestion.bulk_reject' ORDER BY subject_id").Scan(&subjects).Error; err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(subjects, []string{one.ID, two.ID}) {
		t.Errorf("entries on %v", subjects)
	}
}
