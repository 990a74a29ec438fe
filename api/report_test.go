package api_test

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"yanlu/internal/app/apptest"
	"yanlu/internal/calendar"
	"yanlu/internal/matter"
	reports "yanlu/internal/report"
	"yanlu/internal/store"
	"yanlu/internal/workflow"
)

// counted is what the counts answer, as far as tests look.
type counted struct {
	Year   int
	Total  int
	States []struct {
		Status string
		Label  string `json:"status_label"`
		Count  int
	}
	Months     []int
	Categories []struct {
		Category string
		Label    string `json:"category_label"`
		Count    int
	}
	Others  int `json:"other_categories"`
	InTime  int `json:"in_time"`
	Overdue int
	Rated   int
	Grades  []struct {
		Grade            string
		Attitude, Result int
	}
}

// line is a matter of a list, as far as tests look.
type line struct {
	ID, Status, Category string
	SubmittedAt          time.Time `json:"submitted_at"`
}

func counts(w *apptest.World, name, query string) counted {
	w.T.Helper()
	var c counted
	w.Get(name, "/v1/counts?"+query).Into(w.T, http.StatusOK, &c)
	return c
}

// lines follows a list to its end.
func lines(w *apptest.World, name, path string) []line {
	w.T.Helper()
	var all []line
	for after := ""; ; {
		var page struct {
			Items []line
			Next  string
		}
		w.Get(name, path+"&limit=7&after="+after).Into(w.T, http.StatusOK, &page)
		all = append(all, page.Items...)
		if after = page.Next; after == "" {
			return all
		}
	}
}

// tally counts lines as the counts do, from the lines alone.
func tally(h matter.Head, lines []line, year int) (states, categories map[string]int, months []int, total int) {
	states, categories, months = map[string]int{}, map[string]int{}, make([]int, 12)
	for _, l := range lines {
		day := calendar.Of(l.SubmittedAt)
		if s := workflow.Status(l.Status); day.Year() != year || s == matter.Draft || slices.Contains(h.Unsent, s) {
			continue
		}
		total++
		states[l.Status]++
		categories[l.Category]++
		months[day.Month()-1]++
	}
	return states, categories, months, total
}

// wantTally fails the test unless the counts say what the lines do.
func wantTally(t *testing.T, what string, h matter.Head, got counted, lines []line, year int) {
	t.Helper()
	states, categories, months, total := tally(h, lines, year)
	has := map[string]int{}
	for _, s := range got.States {
		if s.Count > 0 {
			has[s.Status] = s.Count
		}
		if s.Label != h.Flow.LabelOf(workflow.Status(s.Status)) {
			t.Errorf("%s: %s is called %q", what, s.Status, s.Label)
		}
	}
	of := map[string]int{}
	for _, c := range got.Categories {
		of[c.Category] = c.Count
	}
	for name, diff := range map[string]string{"states": cmp.Diff(states, has), "categories": cmp.Diff(categories, of), "months": cmp.Diff(months, got.Months), "total": cmp.Diff(total, got.Total)} {
		if diff != "" {
			t.Errorf("%s, %s of %d: %s", what, name, year, diff)
		}
	}
}

// TestCountsAgreeWithTheList: of every kind, in every state, whoever may count counts
// what the list shows to the same person, for the year that it is in Beijing; also a
// leader, to whom much of a kind is closed, and a unit, by the package.
func TestCountsAgreeWithTheList(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	w := s.World
	for _, h := range s.Matters.Heads() {
		for i, state := range h.Flow.States {
			x := s.bring(h, state.Name)
			at := []time.Time{ // about the turn of the year in Beijing
				{}, time.Date(2025, 12, 31, 15, 59, 59, 0, time.UTC), time.Date(2025, 12, 31, 16, 0, 0, 0, time.UTC), time.Date(2026, 1, 31, 16, 0, 0, 0, time.UTC),
			}[i%4]
			if !at.IsZero() {
				w.Write(func(tx *store.Tx) error {
					tx.Exec("UPDATE matters SET submitted_at = ?, category = ? WHERE id = ?", at, []string{"CITY", "OTHER", "HEALTH"}[i%3], x.matter)
					return nil
				})
			}
		}
	}
	for _, h := range s.Matters.Heads() {
		path, kind := base(h.Kind)+"?", "kind="+string(h.Kind)
		seen := map[string]int{}
		for _, name := range []string{apptest.Staff, apptest.Leader, apptest.ForeignStaff} {
			all := lines(w, name, path)
			for _, year := range []int{2025, 2026} {
				what := fmt.Sprint(h.Kind, " by ", name)
				got := counts(w, name, fmt.Sprintf("%s&year=%d", kind, year))
				wantTally(t, what, h, got, all, year)
				narrowed := lines(w, name, fmt.Sprintf("%syear=%d", path, year))
				want := slices.DeleteFunc(slices.Clone(all), func(l line) bool { return calendar.Of(l.SubmittedAt).Year() != year })
				if diff := cmp.Diff(want, narrowed); diff != "" {
					t.Errorf("%s: the list of %d: %s", what, year, diff)
				}
				seen[name] += got.Total
				for _, x := range got.States {
					if n := len(lines(w, name, fmt.Sprintf("%syear=%d&status=%s", path, year, x.Status))); n != x.Count {
						t.Errorf("%s: %d in %s, listed %d", what, x.Count, x.Status, n)
					}
				}
			}
		}
		if seen[apptest.Staff] < 10 || seen[apptest.ForeignStaff] != 0 || h.Reach.Closed != nil && seen[apptest.Leader] >= seen[apptest.Staff] {
			t.Errorf("%s: counted %v", h.Kind, seen)
		}
		for _, name := range []string{apptest.Author, apptest.CoAuthor, apptest.InvitedMember, apptest.LeadHandler, apptest.CoHandler, apptest.Translator} {
			for _, more := range []string{"", "mine=true&"} {
				want := slices.DeleteFunc(lines(w, name, path+more), func(l line) bool { return calendar.Of(l.SubmittedAt).Year() != 2026 })
				if diff := cmp.Diff(want, lines(w, name, path+more+"year=2026")); diff != "" {
					t.Errorf("%s, listed for %s by %sthe year: %s", h.Kind, name, more, diff)
				}
			}
		}
		all := lines(w, apptest.LeadHandler, path)
		c, err := w.Reports.Count(t.Context(), w.Actor(apptest.LeadHandler), h.Kind, matter.Part{}.InYear(2026))
		if _, _, _, total := tally(h, all, 2026); err != nil || c.Total != total || total == 0 || total >= seen[apptest.Staff] || c.Rated > 0 {
			t.Errorf("%s: a unit counts %+v, %v, and sees %d", h.Kind, c, err, total)
		}
	}
	for _, name := range []string{apptest.Author, apptest.LeadHandler, apptest.Admin, apptest.Translator} {
		wantCode(t, w.Get(name, "/v1/counts?kind=proposal"), http.StatusForbidden, "request.forbidden")
	}
}

// TestCountsByHand: what a small office has had until the end of April.
func TestCountsByHand(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	path := "/v1/suggestions/"
	hand := func(title, category string) state {
		var s state
		body := submission(title)
		body["category"] = category
		w.Post(apptest.Author, "/v1/suggestions", body).Into(t, http.StatusCreated, &s)
		return s
	}
	dispatch := func(s state) string {
		act(w, apptest.Staff, path+s.ID+"/accept", map[string]any{"version": s.Version, "route": "DIRECT_UNIT"})
		act(w, apptest.Staff, path+s.ID+"/dispatch", map[string]any{"version": s.Version + 1, "lead_unit_id": w.Units[0].ID})
		return look(w, apptest.Staff, s.ID).Assignments[0].ID
	}
	answer := func(s state) {
		id := "/v1/assignments/" + dispatch(s)
		act(w, apptest.LeadHandler, id+"/sign_for", signFor(1))
		act(w, apptest.LeadHandler, id+"/reply", replyBody(2))
		act(w, apptest.Staff, id+"/pass", map[string]any{"version": 3})
	}
	rate := func(s state, attitude, result string) {
		act(w, apptest.Author, path+s.ID+"/rate", map[string]any{"version": look(w, apptest.Author, s.ID).Version, "attitude": attitude, "result": result})
	}
	one, two := hand("修复路灯", "CITY"), hand("加开班车", "TRAFFIC")
	answer(one)
	rate(one, "SATISFIED", "BASICALLY")
	answer(two)
	rate(two, "SATISFIED", "SATISFIED")
	late := hand("清理河道", "ENVIRONMENT")
	dispatch(late)
	w.Clock.Advance(50 * 24 * time.Hour)
	w.LoginAgain()
	dispatch(hand("补种行道树", "CITY"))
	hand("增设座椅", "CITY")
	got := counts(w, apptest.Leader, "kind=suggestion") // this year
	if got.Year != 2026 || got.Total != 5 || got.InTime != 1 || got.Overdue != 1 || got.Rated != 2 || got.Others != 0 {
		t.Errorf("%+v", got)
	}
	states := map[string]int{}
	for _, s := range got.States {
		states[s.Status+" "+s.Label] = s.Count
	}
	for state, n := range map[string]int{"SUBMITTED 待审核": 1, "HANDLING 办理中": 2, "CLOSED 已办结": 2, "REPLIED 已答复": 0} {
		if states[state] != n {
			t.Errorf("%s: %d, want %d", state, states[state], n)
		}
	}
	if _, there := states["DRAFT 草稿"]; there || got.States[0].Status != "SUBMITTED" {
		t.Errorf("the states are %+v", got.States)
	}
	if diff := cmp.Diff([]int{0, 0, 3, 2, 0, 0, 0, 0, 0, 0, 0, 0}, got.Months); diff != "" {
		t.Error(diff)
	}
	if c := got.Categories; len(c) != 3 || c[0].Category != "CITY" || c[0].Label != "城市建设" || c[0].Count != 3 {
		t.Errorf("by category: %+v", c)
	}
	if g := got.Grades; len(g) != 3 || g[0].Grade != "SATISFIED" || g[0].Attitude != 2 || g[0].Result != 1 || g[1].Result != 1 || g[2].Attitude+g[2].Result != 0 {
		t.Errorf("ratings: %+v", g)
	}
	if none := counts(w, apptest.Staff, "kind=suggestion&year=2025"); none.Total != 0 || len(none.States) == 0 || none.Rated != 0 {
		t.Errorf("a year in which there was nothing: %+v", none)
	}
	for query, code := range map[string]int{"": 422, "kind=letter": 422, "kind=suggestion&year=1999": 422, "kind=suggestion&collection_id=" + one.ID: 422, "kind=proposal&collection_id=" + one.ID: 404} {
		w.Get(apptest.Staff, "/v1/counts?"+query).Want(t, code)
	}
}

// TestProposalsAreCountedBySession: a session is counted whole, over the turn of the
// year, and a higher body's collection for itself.
func TestProposalsAreCountedBySession(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	var all struct {
		Items []struct{ ID, Title, Body string }
	}
	w.Get(apptest.Staff, "/v1/collections").Into(t, http.StatusOK, &all)
	of := map[bool]string{}
	for _, c := range all.Items {
		of[c.Body != ""] = c.ID
	}
	propose(w, apptest.Author, "关于改善城乡公交衔接的建议", nil)
	old := propose(w, apptest.Author, "关于农村厕所改造的建议", nil)
	propose(w, apptest.Author, "关于建设区域医疗中心的建议", map[string]any{"collection_id": of[true]})
	w.Write(func(tx *store.Tx) error {
		tx.Exec("UPDATE matters SET submitted_at = ? WHERE id = ?", time.Date(2025, 12, 30, 0, 0, 0, 0, time.UTC), old.ID)
		return nil
	})
	for query, want := range map[string][2]int{
		"collection_id=" + of[false]: {2, 0}, "collection_id=" + of[true]: {1, 0}, "collection_id=" + of[false] + "&year=2026": {1, 12}, "year=2026": {2, 12},
	} {
		if got := counts(w, apptest.Staff, "kind=proposal&"+query); got.Total != want[0] || len(got.Months) != want[1] {
			t.Errorf("%s: %+v", query, got)
		}
		if n := len(lines(w, apptest.Staff, "/v1/proposals?"+query)); n != want[0] {
			t.Errorf("%s: listed %d", query, n)
		}
	}
	wantCode(t, w.Get(apptest.ForeignStaff, "/v1/proposals?collection_id="+of[false]), http.StatusNotFound, "proposal.no_collection")
}

// table reads the first sheet of an answer: the rows below its first line by the
// columns of that line.
func table(t *testing.T, a apptest.Answer) []map[string]string {
	t.Helper()
	var rows []map[string]string
	cells := sheetOf(t, a)
	for _, row := range cells[1:] {
		by := map[string]string{}
		for i, cell := range row {
			by[cells[0][i]] = cell
		}
		rows = append(rows, by)
	}
	return rows
}

func sheetOf(t *testing.T, a apptest.Answer) [][]string {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(a.Want(t, http.StatusOK).Body))
	if err != nil {
		t.Fatal(err)
	}
	cells, err := f.GetRows(f.GetSheetName(0))
	if err != nil {
		t.Fatal(err)
	}
	return cells
}

// TestAListIsGivenOutAsATable: with what the list shows, in the order of the numbers;
// as the asker reads it; and the audit has it.
func TestAListIsGivenOutAsATable(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	first := propose(w, apptest.Author, "关于改善城乡公交衔接的建议", map[string]any{"proposer": "JOINT", "co_author_ids": []string{w.Person(apptest.CoAuthor).ID, w.Person(apptest.InvitedMember).ID}})
	w.Write(func(tx *store.Tx) error {
		tx.Exec("UPDATE authors SET consent = 'GIVEN' WHERE matter_id = ? AND person_id = ?", first.ID, w.Person(apptest.CoAuthor).ID)
		return nil
	})
	second := propose(w, apptest.Author, "关于农村厕所改造的建议", map[string]any{"category": "LIVELIHOOD"})
	propose(w, apptest.OtherMember, "=HYPERLINK(\"x\")的建议", nil) // not filed yet
	for _, s := range []state{first, second} {
		move(w, apptest.Staff, s.ID, "file", nil)
	}
	w.Post(apptest.Staff, "/v1/proposals/numbers", map[string]any{"ids": []string{second.ID, first.ID}, "start": 9}).Want(t, http.StatusOK)
	move(w, apptest.Staff, first.ID, "dispatch", map[string]any{"mode": "LEAD_CO", "lead_unit_id": w.Units[0].ID, "co_unit_ids": []string{w.Units[1].ID}})
	id := "/v1/assignments/" + work(w, apptest.LeadHandler).Items[0].AssignmentID
	act(w, apptest.LeadHandler, id+"/sign_for", signFor(1))
	act(w, apptest.LeadHandler, id+"/reply_by_letter", letterBody(2))
	act(w, apptest.Staff, id+"/pass", map[string]any{"version": 3})
	move(w, apptest.Author, first.ID, "rate", map[string]any{"attitude": "SATISFIED", "result": "BASICALLY"})

	rows := table(t, w.Get(apptest.Staff, "/v1/proposals/export?year=2026"))
	if len(rows) != 3 || rows[0]["编号"] != "十一届二次会议第9号" || rows[1]["编号"] != "十一届二次会议第10号" || rows[2]["案由"] != "=HYPERLINK(\"x\")的建议" {
		t.Fatalf("%+v", rows)
	}
	want := map[string]string{
		"编号": "十一届二次会议第10号", "案由": "关于改善城乡公交衔接的建议", "类别": "交通出行", "第一提案人": apptest.Author, "联名": apptest.CoAuthor, "界别": "农业界",
		"状态": "已办结", "收到日期": "2026-03-03", "办理单位": "主办：言城县水利局；会办：言城县住房和城乡建设局", "应答复日期": "2026-06-03", "答复日期": "2026-03-03",
		"办理结果": "A 已经解决或采纳", "对办理态度的评价": "满意", "对办理结果的评价": "基本满意",
	}
	if diff := cmp.Diff(want, rows[1]); diff != "" {
		t.Error(diff)
	}
	if rows := table(t, w.Get(apptest.Staff, "/v1/proposals/export?status=FILED")); len(rows) != 1 || rows[0]["案由"] != "关于农村厕所改造的建议" {
		t.Errorf("those that are filed: %+v", rows)
	}
	unit := table(t, w.Get(apptest.LeadHandler, "/v1/proposals/export"))
	if len(unit) != 1 || unit[0]["办理结果"] == "" || unit[0]["第一提案人"] != apptest.Author || unit[0]["对办理态度的评价"]+unit[0]["对办理结果的评价"] != "" {
		t.Errorf("a unit, before the rating is confirmed: %+v", unit)
	}
	move(w, apptest.Staff, first.ID, "confirm_rating", nil)
	if unit := table(t, w.Get(apptest.LeadHandler, "/v1/proposals/export")); unit[0]["对办理结果的评价"] != "基本满意" {
		t.Errorf("a unit, after it was confirmed: %+v", unit)
	}
	if none := sheetOf(t, w.Get(apptest.OtherHandler, "/v1/proposals/export")); len(none) != 1 {
		t.Errorf("a unit that has nothing: %v", none)
	}
	wantCode(t, w.Get(apptest.Author, "/v1/proposals/export"), http.StatusForbidden, "request.forbidden")
	var log struct {
		Items []struct{ Kind, Person, Operation string }
	}
	w.Get(apptest.Admin, "/v1/audit?operation=proposal.export").Into(t, http.StatusOK, &log)
	if len(log.Items) != 5 || log.Items[0].Kind != "EXPORT" || log.Items[4].Person != apptest.Staff {
		t.Errorf("the audit has %+v", log)
	}
}

// TestATableKeepsTheVeil: who may not read who wrote a report does not read it in a
// table either.
func TestATableKeepsTheVeil(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	id := reportedOpinion(w)
	does(w, apptest.Staff, id, "dispatch", map[string]any{"lead_unit_id": w.Units[0].ID})
	author := func(name string) string {
		rows := table(t, w.Get(name, "/v1/opinions/export"))
		if len(rows) != 1 || rows[0]["标题"] == "" || rows[0]["办理单位"] != "言城县水利局" {
			t.Fatalf("%s reads %+v", name, rows)
		}
		return rows[0]["提出人"] + rows[0]["界别"]
	}
	if got := author(apptest.LeadHandler); got != "" {
		t.Errorf("the unit reads %s", got)
	}
	if got := author(apptest.Staff); got != apptest.Author+"农业界" {
		t.Errorf("staff read %s", got)
	}
	w.Post(apptest.Staff, "/v1/settings", map[string]any{"name": "opinion.authors_to_units", "value": true}).Want(t, http.StatusOK)
	if got := author(apptest.LeadHandler); got != apptest.Author+"农业界" {
		t.Errorf("where it is wanted the unit reads %s", got)
	}
}

// TestALongListIsNotGivenOut, and what is counted of one year, or given out of it,
// reads that year alone.
func TestALongListIsNotGivenOut(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	w.Write(func(tx *store.Tx) error {
		for i := range reports.MaxRows + 1 {
			at := time.Date(2016+i%10, time.June, 1, 0, 0, 0, 0, time.UTC)
			tx.Insert(&matter.Matter{
				ID: store.NewID(), InstitutionID: w.County.ID, Kind: "suggestion", Title: "修复路灯", Status: "CLOSED", Category: "CITY", Visibility: matter.Parties,
				Source: matter.FromPaper, Version: 1, SubmittedAt: at, ClosedAt: &at, CreatedAt: at, UpdatedAt: at,
			})
		}
		return nil
	})
	wantCode(t, w.Get(apptest.Staff, "/v1/suggestions/export"), http.StatusUnprocessableEntity, "report.too_many")
	if n := len(table(t, w.Get(apptest.Staff, "/v1/suggestions/export?year=2017"))); n != 500 {
		t.Errorf("of one year: %d", n)
	}
	if got := counts(w, apptest.Staff, "kind=suggestion&year=2017"); got.Total != 500 || got.Months[5] != 500 {
		t.Errorf("%+v", got)
	}
	w.Write(func(tx *store.Tx) error { tx.Exec("ANALYZE"); return nil })
	for _, name := range []string{apptest.Staff, apptest.Leader, apptest.LeadHandler} {
		query, args := w.Matters.Seen(w.Actor(name), "suggestion", matter.Part{}.InYear(2017))
		explain := "EXPLAIN QUERY PLAN "
		if w.DB.Postgres() {
			explain = "EXPLAIN "
		}
		var plan []map[string]any
		if err := w.DB.Gorm(t.Context()).Raw(explain+query, args...).Scan(&plan).Error; err != nil {
			t.Fatal(err)
		}
		if text := fmt.Sprint(plan); !strings.Contains(text, "matters_received") {
			t.Errorf("%s: the plan is %s", name, text)
		}
	}
}

// TestAHandOverListIsPrinted: what was given at a meeting by matter, with room for the
// units to sign; a unit prints its own.
func TestAHandOverListIsPrinted(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	titles := []string{"关于改善城乡公交衔接的建议", "关于农村厕所改造的建议", "关于村卫生室的建议"}
	var ids []string
	for _, title := range titles {
		s := propose(w, apptest.Author, title, nil)
		move(w, apptest.Staff, s.ID, "file", nil)
		ids = append(ids, s.ID)
	}
	w.Post(apptest.Staff, "/v1/proposals/numbers", map[string]any{"ids": ids, "start": 1}).Want(t, http.StatusOK)
	meeting := func(more map[string]any) map[string]any {
		more["meeting"], more["met_on"] = "2026年提案交办会", "2026-03-03"
		return more
	}
	move(w, apptest.Staff, ids[0], "dispatch", meeting(map[string]any{"mode": "LEAD_CO", "lead_unit_id": w.Units[0].ID, "co_unit_ids": []string{w.Units[1].ID}}))
	move(w, apptest.Staff, ids[1], "dispatch", meeting(map[string]any{"mode": "SEPARATE", "lead_unit_id": w.Units[1].ID, "co_unit_ids": []string{w.Units[2].ID}}))
	move(w, apptest.Staff, ids[2], "dispatch", meeting(map[string]any{"mode": "SOLE", "lead_unit_id": w.Units[2].ID}))
	var meetings struct{ Items []struct{ ID string } }
	w.Get(apptest.Staff, "/v1/handovers").Into(t, http.StatusOK, &meetings)
	path := "/v1/handovers/" + meetings.Items[0].ID

	got := sheetOf(t, w.Get(apptest.Staff, path+"/export"))
	want := [][]string{
		{"2026年提案交办会交办清单"}, {"交办日期：2026年3月3日　共3件，承办单位3个"},
		{"序号", "编号", "案由或标题", "主办单位", "会办单位", "办理时限"},
		{"1", "十一届二次会议第1号", titles[0], "言城县水利局", "言城县住房和城乡建设局", "2026-06-03"},
		{"2", "十一届二次会议第2号", titles[1], "言城县住房和城乡建设局、言城县教育局", "", "2026-06-03"},
		{"3", "十一届二次会议第3号", titles[2], "言城县教育局", "", "2026-06-03"},
		nil, {"签收"}, {"序号", "承办单位", "签收人（签字）", "主办件数", "会办件数", "签收日期"},
		{"1", "言城县水利局", "", "1", "0"}, {"2", "言城县住房和城乡建设局", "", "1", "1"}, {"3", "言城县教育局", "", "2", "0"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	own := sheetOf(t, w.Get(apptest.CoHandler, path+"/export"))
	if len(own) != 9 || own[3][2] != titles[0] || own[3][3] != "言城县水利局" || own[4][2] != titles[1] || own[8][1] != "言城县住房和城乡建设局" {
		t.Errorf("a unit prints %v", own)
	}
	var list struct {
		Items []struct {
			Title     string
			Answering []string `json:"answering_units"`
			Beside    []string `json:"co_units"`
		}
	}
	w.Get(apptest.CoHandler, path).Into(t, http.StatusOK, &list)
	if x := list.Items[0]; len(list.Items) != 2 || !slices.Equal(x.Answering, []string{"言城县水利局"}) || !slices.Equal(x.Beside, []string{"言城县住房和城乡建设局"}) {
		t.Errorf("a unit reads %+v", list)
	}
}
