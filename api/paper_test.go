package api_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"yanlu/internal/app/apptest"
	"yanlu/internal/attachment/attachmenttest"
	"yanlu/internal/audit"
	"yanlu/internal/matter"
	"yanlu/internal/store"
)

// paperView is what reading a suggestion shows of scans and files.
type paperView struct {
	state
	ClosedAt    *time.Time `json:"closed_at"`
	Attachments []struct{ ID string }
	Timeline    []struct {
		Action, Actor, Way string
		TypedBy            string `json:"typed_by"`
		WayLabel           string `json:"way_label"`
		Scans, Files       []struct{ ID, URL, Name string }
	}
}

func (v paperView) line(action string) (scans, files int) {
	for _, e := range v.Timeline {
		if e.Action == action {
			return len(e.Scans), len(e.Files)
		}
	}
	return -1, -1
}

func papers(w *apptest.World, name, id string) paperView {
	w.T.Helper()
	var v paperView
	w.Get(name, suggestions+id).Into(w.T, http.StatusOK, &v)
	return v
}

func scan(w *apptest.World, name string) string {
	w.T.Helper()
	return w.Uploaded(name, "扫描件.pdf", attachmenttest.PDF())
}

// TestScansStandWithTheirLine: of whatever was recorded from paper, for the
// office; the unit sees those of its own acts alone, and no author sees any.
func TestScansStandWithTheirLine(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	paper := func(body map[string]any, more map[string]any) map[string]any {
		p := map[string]any{"date": "2026-03-03", "scans": []string{scan(w, apptest.Staff)}}
		for k, v := range more {
			p[k] = v
		}
		body["paper"] = p
		return body
	}
	s := begin(w, apptest.Staff, paper(map[string]any{}, map[string]any{"person_id": w.Person(apptest.Author).ID}))
	act(w, apptest.Staff, suggestions+s.ID+"/accept", map[string]any{"version": 1, "route": "DIRECT_UNIT"})
	act(w, apptest.Staff, suggestions+s.ID+"/dispatch", map[string]any{"version": 2, "lead_unit_id": w.Units[0].ID, "co_unit_ids": []string{w.Units[1].ID}})
	lead := "/v1/assignments/" + look(w, apptest.Staff, s.ID).Assignments[0].ID
	act(w, apptest.Staff, lead+"/sign_for", paper(signFor(1), map[string]any{"signer": "张经办"}))
	act(w, apptest.LeadHandler, lead+"/report_progress", map[string]any{
		"version": 2, "text": "已到现场勘查。", "files": []string{w.Uploaded(apptest.LeadHandler, "现场.jpg", attachmenttest.JPEG(40, 30)), scan(w, apptest.LeadHandler)},
	})
	act(w, apptest.Staff, lead+"/reply", paper(replyBody(2), nil))
	act(w, apptest.Staff, lead+"/pass", map[string]any{"version": 3})
	now := look(w, apptest.Staff, s.ID).Version
	act(w, apptest.Staff, suggestions+s.ID+"/object", paper(map[string]any{"version": now, "attitude": "DISSATISFIED", "reason": "灯还是不亮。"}, map[string]any{"way": "PHONE"}))

	want := map[string]map[string]int{ // scans by who looks
		apptest.Staff:       {"submit": 1, "sign_for": 1, "reply": 1, "object": 1},
		apptest.Leader:      {"submit": 1, "sign_for": 1, "reply": 1, "object": 1},
		apptest.LeadHandler: {"submit": 0, "sign_for": 1, "reply": 1, "object": -1},
		apptest.CoHandler:   {"submit": 0, "sign_for": 0, "reply": 0, "object": -1},
		apptest.Author:      {"submit": 0, "sign_for": 0, "reply": -1, "object": -1},
	}
	for name, lines := range want {
		v := papers(w, name, s.ID)
		for action, n := range lines {
			if got, _ := v.line(action); got != n {
				t.Errorf("%s sees %d scans of %s, want %d", name, got, action, n)
			}
		}
		if _, files := v.line("report_progress"); files != 2 || len(v.Attachments) != 0 {
			t.Errorf("%s sees %d files of the progress, %v of the matter", name, files, v.Attachments)
		}
	}
	v := papers(w, apptest.Staff, s.ID)
	last := v.Timeline[len(v.Timeline)-1]
	if last.Action != "object" || last.Actor != apptest.Author || last.TypedBy+" "+last.WayLabel != "王静 电话记录" || last.Way != "PHONE" {
		t.Errorf("%+v", last)
	}
	w.Send(apptest.Call{Method: http.MethodGet, Path: v.Timeline[0].Scans[0].URL}).Want(t, http.StatusOK)
	if v.Timeline[0].WayLabel != "纸件代录" {
		t.Errorf("%+v", v.Timeline[0])
	}
}

// TestOnlyWhoTypesItHasTheScan: nobody refers to another's upload, nor to one
// that is used, nor to what is no scan; then nothing is recorded.
func TestOnlyWhoTypesItHasTheScan(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	s := submit(w, apptest.Author)
	withdraw := func(scans ...string) apptest.Answer {
		return w.Post(apptest.Staff, suggestions+s.ID+"/withdraw", map[string]any{"version": 1, "paper": map[string]any{"date": "2026-03-03", "scans": scans}})
	}
	mine := scan(w, apptest.Staff)
	wantCode(t, withdraw(scan(w, apptest.ProposalStaff)), http.StatusNotFound, "attachment.not_found")
	wantCode(t, withdraw(mine, mine), http.StatusUnprocessableEntity, "attachment.twice")
	wantCode(t, withdraw(w.Uploaded(apptest.Staff, "a.docx", attachmenttest.DOCX())), http.StatusUnprocessableEntity, "attachment.sort")
	wantCode(t, withdraw(slices.Repeat([]string{mine}, 10)...), http.StatusUnprocessableEntity, "request.invalid")
	if v := look(w, apptest.Staff, s.ID); v.Status != "SUBMITTED" || len(v.Timeline) != 1 {
		t.Errorf("%+v", v)
	}
	withdraw(mine).Want(t, http.StatusOK)
	other := submit(w, apptest.Author)
	wantCode(t, w.Post(apptest.Staff, suggestions+other.ID+"/withdraw", map[string]any{"version": 1, "paper": map[string]any{"date": "2026-03-03", "scans": []string{mine}}}),
		http.StatusNotFound, "attachment.not_found")
}

// TestABatchOfTheOfficeIsNobodyElses: what the office decides for a list is not
// recorded as a colleague's, and nothing is left of what was refused.
func TestABatchOfTheOfficeIsNobodyElses(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	one, mine := submit(w, apptest.Author), scan(w, apptest.Staff)
	a := w.Post(apptest.Staff, "/v1/suggestions/bulk/reject", map[string]any{"items": []any{map[string]any{"id": one.ID, "input": map[string]any{
		"version": 1, "code": "REPEATED", "reason": "重复。", "paper": map[string]any{"date": "2026-03-03", "person_id": w.Person(apptest.ProposalStaff).ID, "scans": []string{mine}},
	}}}})
	wantCode(t, a, http.StatusConflict, "request.bulk")
	if v := look(w, apptest.Staff, one.ID); v.Status != "SUBMITTED" || slices.ContainsFunc(audited(w), func(e audit.Entry) bool { return e.Action != "attachment.upload" }) {
		t.Errorf("%+v, %v", v, audited(w))
	}
	act(w, apptest.Staff, suggestions+one.ID+"/withdraw", map[string]any{"version": 1, "paper": map[string]any{"date": "2026-03-03", "scans": []string{mine}}})
}

// TestPaperKeepsTheOrderOfActs: its date is not before the act before it, not
// tomorrow, and clocks and the end go by it.
func TestPaperKeepsTheOrderOfActs(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	s, lead, co := inHands(w) // on Tuesday, 3 March
	w.Clock.Advance(24 * 24 * time.Hour)
	on := func(date string, body map[string]any) map[string]any {
		body["paper"] = map[string]any{"date": date}
		return body
	}
	path := "/v1/assignments/" + lead
	wantCode(t, w.Post(apptest.Staff, path+"/sign_for", on("2026-03-02", signFor(1))), http.StatusUnprocessableEntity, "matter.paper")
	wantCode(t, w.Post(apptest.Staff, path+"/sign_for", on("2026-03-28", signFor(1))), http.StatusUnprocessableEntity, "matter.paper")
	act(w, apptest.Staff, path+"/sign_for", on("2026-03-06", signFor(1)))
	wantCode(t, w.Post(apptest.Staff, path+"/reply", on("2026-03-05", replyBody(2))), http.StatusUnprocessableEntity, "matter.paper")
	// What only adds to it has no order: the note is older than the signing.
	act(w, apptest.Staff, path+"/report_progress", on("2026-03-04", map[string]any{"version": 2, "text": "已到现场勘查。"}))
	// The other unit has an order of its own.
	act(w, apptest.Staff, "/v1/assignments/"+co+"/sign_for", on("2026-03-03", signFor(1)))
	act(w, apptest.Staff, path+"/reply", on("2026-03-17", replyBody(2)))
	act(w, apptest.Staff, path+"/pass", map[string]any{"version": 3})
	now := look(w, apptest.Staff, s.ID).Version
	rate := map[string]any{"version": now, "attitude": "SATISFIED", "result": "SATISFIED"}
	wantCode(t, w.Post(apptest.Staff, suggestions+s.ID+"/rate", on("2026-03-18", rate)), http.StatusUnprocessableEntity, "matter.paper") // before it was answered
	w.Clock.Advance(5 * 24 * time.Hour)
	act(w, apptest.Staff, suggestions+s.ID+"/rate", on("2026-03-30", rate))
	if v := papers(w, apptest.Staff, s.ID); v.ClosedAt == nil || v.ClosedAt.Format("2006-01-02") != "2026-03-30" {
		t.Errorf("closed at %v", v.ClosedAt)
	}
	var deadlines []matter.Deadline
	if err := w.DB.Gorm(t.Context()).Where("assignment_id = ? AND kind IN ('sign', 'reply')", lead).Order("id").Find(&deadlines).Error; err != nil {
		t.Fatal(err)
	}
	late := map[string]bool{}
	for _, d := range deadlines {
		late[d.Kind] = d.MetAt.After(d.DueAt)
	}
	if !late["sign"] || late["reply"] { // signed on the third working day of two, answered on the tenth of ten
		t.Errorf("late: %v", late)
	}
}

// TestWhoActedOnPaperHeldTheOffice on its date: a member of then, though no
// longer; not one whose account was suspended before.
func TestWhoActedOnPaperHeldTheOffice(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	w.Clock.Advance(10 * 24 * time.Hour) // Friday, 13 March
	former, suspended := w.Person(apptest.OtherMember), w.Person(apptest.Subject)
	at := time.Date(2026, time.March, 6, 4, 0, 0, 0, time.UTC)
	w.Write(func(tx *store.Tx) error {
		tx.Exec("UPDATE appointments SET ends = '2026-03-06' WHERE person_id = ?", former.ID)
		tx.Exec("UPDATE people SET suspended_at = ? WHERE id = ?", at, suspended.ID)
		return nil
	})
	cases := map[string]struct {
		person, date string
		status       int
		code         string
	}{
		"a member on their last day":          {former.ID, "2026-03-06", http.StatusCreated, ""},
		"no member any more":                  {former.ID, "2026-03-07", http.StatusForbidden, "matter.not_yours"},
		"on the day of the suspension":        {suspended.ID, "2026-03-06", http.StatusCreated, ""},
		"after the suspension":                {suspended.ID, "2026-03-07", http.StatusUnprocessableEntity, "matter.paper_suspended"},
		"nobody of the roster":                {w.Units[0].ID, "2026-03-06", http.StatusUnprocessableEntity, "matter.paper"},
		"somebody of another institution":     {w.Person(apptest.ForeignMember).ID, "2026-03-06", http.StatusUnprocessableEntity, "matter.paper"},
		"longer ago than papers are recorded": {former.ID, "2025-03-05", http.StatusUnprocessableEntity, "matter.paper"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			a := w.Post(apptest.Staff, "/v1/suggestions", content(map[string]any{"paper": map[string]any{"person_id": c.person, "date": c.date}}))
			wantCode(t, a, c.status, c.code)
		})
	}
	// A former member rates what was theirs, as they could on the app.
	var own string
	if err := w.DB.Gorm(t.Context()).Raw("SELECT matter_id FROM authors WHERE person_id = ?", former.ID).Scan(&own).Error; err != nil {
		t.Fatal(err)
	}
	if s := act(w, apptest.Staff, suggestions+own+"/withdraw", map[string]any{"version": 1, "paper": map[string]any{"date": "2026-03-12"}}); s.Status != "WITHDRAWN" {
		t.Errorf("%+v", s)
	}
	a := w.Post(apptest.Staff, "/v1/suggestions", content(map[string]any{"paper": map[string]any{"person_id": former.ID, "date": "2026-03-12"}}))
	if !strings.Contains(string(a.Body), "那一天不是现任委员") {
		t.Errorf("%s", a.Body)
	}
}

// TestTheOfficeActsInItsOwnName: staff record what members, leaders and units did,
// not what they or a colleague did themselves, and so never on an earlier day.
func TestTheOfficeActsInItsOwnName(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	s := submit(w, apptest.Author)
	w.Clock.Advance(10 * 24 * time.Hour)
	for name, code := range map[string]string{apptest.Staff: "matter.paper", apptest.ProposalStaff: "matter.not_yours"} {
		a := w.Post(apptest.Staff, suggestions+s.ID+"/accept", map[string]any{
			"version": 1, "route": "DIRECT_UNIT", "paper": map[string]any{"person_id": w.Person(name).ID, "date": "2026-03-04"},
		})
		if a.Code() != code {
			t.Errorf("accepted in the name of %s, ten days ago: %d %s", name, a.Status, a.Code())
		}
	}
	answer(w, s.ID)
	step(w, apptest.Author, s.ID, "object", map[string]any{"attitude": "BASICALLY", "reason": "路灯仍不亮。"})
	wantCode(t, w.Post(apptest.Staff, suggestions+s.ID+"/uphold", map[string]any{
		"version": look(w, apptest.Staff, s.ID).Version, "reason": "已超出本级事权。", "paper": map[string]any{"person_id": w.Person(apptest.ProposalStaff).ID, "date": "2026-03-13"},
	}), http.StatusForbidden, "matter.not_yours") // who only stands in for the chair signs nothing
}

// TestADraftIsNoPaper: a draft is not an act that a paper records, and its input
// has no place for one.
func TestADraftIsNoPaper(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	body := submission("修复人民路路灯")
	body["paper"] = map[string]any{"date": "2026-03-02", "person_id": w.Person(apptest.OtherMember).ID}
	wantCode(t, w.Post(apptest.Author, suggestions+"drafts", body), http.StatusUnprocessableEntity, "request.invalid")
	delete(body, "paper")
	w.Post(apptest.Author, suggestions+"drafts", body).Want(t, http.StatusCreated)
}
