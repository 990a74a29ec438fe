package api_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"

	"yanlu/internal/app/apptest"
	"yanlu/internal/handling"
	"yanlu/internal/matter"
	"yanlu/internal/store"
)

// csvOf writes rows as a .csv in UTF-8.
func csvOf(t *testing.T, rows ...[]string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	if err := w.WriteAll(rows); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func inGBK(t *testing.T, data []byte) []byte {
	t.Helper()
	b, err := simplifiedchinese.GB18030.NewEncoder().Bytes(data)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func workbookOf(t *testing.T, rows ...[]string) []byte {
	t.Helper()
	f := excelize.NewFile()
	for i, row := range rows {
		if err := f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &row); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

type sheetPreview struct {
	Rows []struct {
		Line               int
		Summary            string
		Problems, Warnings []struct{ Column, Message string }
	}
	Good, Wrong, Warnings int
	Ignored               []string
	Digest                string
}

// sheetRun is a sheet that somebody uploads, looks at and confirms.
type sheetRun struct {
	*apptest.World
	name, path, file string
}

func bring(w *apptest.World, name, path, file string, data []byte) sheetRun {
	w.T.Helper()
	return sheetRun{w, name, path, w.Uploaded(name, file, data)}
}

func (s sheetRun) preview() sheetPreview {
	s.T.Helper()
	var v sheetPreview
	s.Post(s.name, s.path+"/preview", map[string]any{"attachment_id": s.file}).Into(s.T, http.StatusOK, &v)
	return v
}

func (s sheetRun) confirm(digest string, accept bool) apptest.Answer {
	s.T.Helper()
	return s.Post(s.name, s.path, map[string]any{"attachment_id": s.file, "digest": digest, "accept_warnings": accept})
}

// problems are what a preview finds, as "line column message".
func (v sheetPreview) problems() []string {
	var all []string
	for _, r := range v.Rows {
		for _, p := range r.Problems {
			all = append(all, fmt.Sprintf("%d %s %s", r.Line, p.Column, p.Message))
		}
	}
	return all
}

func count(w *apptest.World, table string) (n int) {
	w.T.Helper()
	if err := w.DB.Gorm(w.T.Context()).Raw("SELECT COUNT(*) FROM " + table).Scan(&n).Error; err != nil {
		w.T.Fatal(err)
	}
	return n
}

const submitSheet = "/v1/suggestions/sheets/submit"

var submitHeading = []string{"提出人*", "界别或联络组", "标题*", "内容*", "类别*", "联名人", "纸件日期*", "记录方式"}

// forty are rows of a plenary: every member hands in some.
func forty() [][]string {
	people := []string{apptest.Author, apptest.CoAuthor, apptest.OtherMember, apptest.InvitedMember, apptest.Subject}
	dates := []string{"2026-03-04", "2026/3/5", "2026年3月6日", "46087"} // the last is a cell of a workbook: 6 March 2026
	rows := [][]string{{"言城县政协微建议登记表"}, submitHeading}
	for i := range 40 {
		co := ""
		if i%10 == 0 {
			co = people[(i+1)%5] + "、" + people[(i+2)%5]
		}
		rows = append(rows, []string{
			people[i%5], "", fmt.Sprintf("修复第%d号路灯", i+1), "人民路中段有路灯已坏两周，晚上行人不便，建议尽快修复。", "城市建设", co, dates[i%4], "",
		})
	}
	return rows
}

// TestFortyPapersAreEnteredByASheet: in every form in which offices keep it, by
// the dates of the papers, and the audit has whose each was.
func TestFortyPapersAreEnteredByASheet(t *testing.T) {
	t.Parallel()
	forms := map[string]func(*testing.T) (string, []byte){
		"UTF-8": func(t *testing.T) (string, []byte) { return "登记表.csv", csvOf(t, forty()...) },
		"GBK":   func(t *testing.T) (string, []byte) { return "登记表.csv", inGBK(t, csvOf(t, forty()...)) },
		"xlsx":  func(t *testing.T) (string, []byte) { return "登记表.xlsx", workbookOf(t, forty()...) },
	}
	for form, data := range forms {
		t.Run(form, func(t *testing.T) {
			t.Parallel()
			w := apptest.New(t)
			w.Clock.Advance(6 * 24 * time.Hour)
			name, content := data(t)
			s := bring(w, apptest.Staff, submitSheet, name, content)
			v := s.preview()
			if v.Good != 40 || v.Wrong != 0 || v.Warnings != 0 || v.Rows[0].Line != 3 || !strings.Contains(v.Rows[0].Summary, "古丽娜尔·艾山“修复第1号路灯”，2026-03-04") {
				t.Fatalf("%+v, %v", v, v.problems())
			}
			if n := count(w, "matters") + count(w, "events") + count(w, "waiting"); n != 0 {
				t.Fatalf("the preview wrote %d rows", n)
			}
			var done struct {
				Items []struct {
					Line int
					ID   string
				}
			}
			s.confirm(v.Digest, false).Into(t, http.StatusOK, &done)
			if len(done.Items) != 40 || count(w, "matters") != 40 {
				t.Fatalf("%d of %d", len(done.Items), count(w, "matters"))
			}
			var x struct {
				Source      string
				SubmittedAt time.Time `json:"submitted_at"`
				Authors     []struct{ Name, Consent string }
				Timeline    []struct {
					Actor, Way string
					TypedBy    string `json:"typed_by"`
				}
			}
			w.Get(apptest.Leader, suggestions+done.Items[0].ID).Into(t, http.StatusOK, &x)
			if x.Source != "PAPER" || x.SubmittedAt.Format("2006-01-02") != "2026-03-04" || len(x.Authors) != 3 || x.Authors[2].Consent != "GIVEN" ||
				x.Timeline[0].Actor != apptest.Author || x.Timeline[0].TypedBy != apptest.Staff || x.Timeline[0].Way != "PAPER" {
				t.Errorf("%+v", x)
			}
			w.Get(apptest.Leader, suggestions+done.Items[3].ID).Into(t, http.StatusOK, &x)
			if x.SubmittedAt.Format("2006-01-02") != "2026-03-06" {
				t.Errorf("the date cell is read as %v", x.SubmittedAt)
			}
			found := 0
			for _, e := range audited(w) {
				if e.Action == "suggestion.run_sheet" && e.SubjectType == "suggestion" && *e.SubjectID == done.Items[found].ID {
					if want := w.Person([]string{apptest.Author, apptest.CoAuthor, apptest.OtherMember, apptest.InvitedMember, apptest.Subject}[found%5]).ID; *e.ActedFor != want {
						t.Errorf("entry %d is for %s, want %s", found, *e.ActedFor, want)
					}
					found++
				}
			}
			if found != 40 {
				t.Errorf("%d entries", found)
			}
		})
	}
}

// TestTheSameSheetTwiceIsWarnedOf: forty papers do not become eighty unseen.
func TestTheSameSheetTwiceIsWarnedOf(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	rows := [][]string{submitHeading, {apptest.Author, "", "修复路灯", "人民路中段有路灯已坏两周，建议尽快修复。", "CITY", "", "2026-03-03", ""}}
	first := bring(w, apptest.Staff, submitSheet, "a.csv", csvOf(t, rows...))
	second := bring(w, apptest.ProposalStaff, submitSheet, "b.csv", csvOf(t, append(rows, rows[1])...))
	before := second.preview()
	if before.Warnings != 1 || before.Rows[1].Warnings[0].Message != "与第2行的提出人、日期和标题都相同" {
		t.Errorf("%+v", before)
	}
	first.confirm(first.preview().Digest, false).Want(t, http.StatusOK)
	wantCode(t, second.confirm(before.Digest, true), http.StatusConflict, "request.sheet_stale") // its author sees the warning first
	v := second.preview()
	if v.Warnings != 2 || v.Good != 2 {
		t.Errorf("%+v", v)
	}
	wantCode(t, second.confirm(v.Digest, false), http.StatusConflict, "request.sheet_warned")
	if n := count(w, "matters"); n != 1 {
		t.Errorf("%d matters", n)
	}
	second.confirm(v.Digest, true).Want(t, http.StatusOK)
	if n := count(w, "matters"); n != 3 {
		t.Errorf("%d matters", n)
	}
}

// TestOneWrongRowRefusesTheSheet, and says where and why.
func TestOneWrongRowRefusesTheSheet(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	w.Write(func(tx *store.Tx) error { // one of the same name, of another sector
		tx.Exec("UPDATE people SET name = ?, sector = '科技界' WHERE id = ?", apptest.CoAuthor, w.Person(apptest.LostPhone).ID)
		return nil
	})
	text := "人民路中段有路灯已坏两周，建议尽快修复。"
	row := func(author, hint, title, body, category, co, date string) []string {
		return []string{author, hint, title, body, category, co, date, ""}
	}
	s := bring(w, apptest.Staff, submitSheet, "a.csv", csvOf(t, submitHeading,
		row(apptest.Author, "", "修复路灯", text, "城市建设", "", "2026-03-03"),
		row("张不在", "", "修复路灯", text, "城市建设", "", "2026-03-03"),
		row(apptest.CoAuthor, "", "修复路灯", text, "城市建设", "", "2026-03-03"),
		row(apptest.CoAuthor, "科技界", "修复路灯", text, "城市建设", "", "2026-03-03"),
		row(apptest.Author, "", "灯", text, "城建", "", "三月三日"),
		row(apptest.Author, "", "灯", text, "其他", "", "2026-03-03"),
		row(apptest.Author, "", "修复路灯", text, "其他", apptest.Author, "2026-03-03"),
		row(apptest.Author, "", "修复路灯二", text, "其他", "", "2026-03-04"),
		row(apptest.ProposalStaff, "", "修复路灯", text, "其他", "", "2026-03-03"),
		row(apptest.Author, "", "", text, "其他", apptest.CoAuthor+"（农业界）", "2026-03-03"),
	))
	v := s.preview()
	want := []string{
		"3 提出人 名册里没有“张不在”", "4 提出人 名册里有2位“李春山”，请写明是哪一位，如：李春山（农业界）", "6 类别 请填写其中之一：城市建设", "6 纸件日期 日期不正确",
		"7 标题 ", "8 联名人 联名人须是", "9 纸件日期 日期还没有到", "10  纸件上的提出人在那一天不是现任委员", "11 标题 没有填写",
	}
	got := v.problems()
	if len(got) != len(want) || v.Good != 2 || v.Wrong != 8 {
		t.Fatalf("%d good, %d wrong: %s", v.Good, v.Wrong, strings.Join(got, "\n"))
	}
	for i := range want {
		if !strings.HasPrefix(got[i], want[i]) {
			t.Errorf("%q, want %q", got[i], want[i])
		}
	}
	a := s.confirm(v.Digest, true)
	wantCode(t, a, http.StatusUnprocessableEntity, "request.sheet_wrong")
	if !strings.Contains(string(a.Body), "line[9].纸件日期") || !strings.Contains(string(a.Body), "第3行“提出人”") || count(w, "matters") != 0 {
		t.Errorf("%d matters, %s", count(w, "matters"), a.Body)
	}
	wantCode(t, s.confirm("AA", true), http.StatusConflict, "request.sheet_stale")
	wantCode(t, w.Post(apptest.ProposalStaff, submitSheet+"/preview", map[string]any{"attachment_id": s.file}), http.StatusUnprocessableEntity, "request.sheet_file")
	wantCode(t, w.Post(apptest.Author, submitSheet+"/preview", map[string]any{"attachment_id": s.file}), http.StatusForbidden, "request.forbidden")
	wantCode(t, w.Post(apptest.Staff, "/v1/suggestions/sheets/save/preview", map[string]any{"attachment_id": s.file}), http.StatusUnprocessableEntity, "request.invalid")
}

// TestUnitsAnswerByASheet: from the dispatch to the answers of two units, all of
// it by lists; what is on time goes by the dates of the papers.
func TestUnitsAnswerByASheet(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	var ids []string
	for _, title := range []string{"修复路灯", "疏通河道"} {
		s := begin(w, apptest.Author, map[string]any{"title": title})
		act(w, apptest.Staff, suggestions+s.ID+"/accept", map[string]any{"version": 1, "route": "DIRECT_UNIT"})
		ids = append(ids, s.ID)
	}
	do := func(path string, rows ...[]string) sheetPreview {
		t.Helper()
		s := bring(w, apptest.Staff, path, "a.xlsx", workbookOf(t, rows...))
		v := s.preview()
		if v.Wrong != 0 {
			t.Fatalf("%s: %v", path, v.problems())
		}
		s.confirm(v.Digest, false).Want(t, http.StatusOK)
		return v
	}
	v := do("/v1/suggestions/sheets/dispatch", []string{"编号或标题", "主办单位", "会办单位", "答复期限（工作日）", "备注"},
		[]string{"修复路灯", w.Units[0].Name, w.Units[1].Name + "、" + w.Units[2].Name, "10", ""}, []string{"疏通河道", w.Units[1].Name, "", "", "急"})
	if !slices.Equal(v.Ignored, []string{"备注"}) || !strings.Contains(v.Rows[0].Summary, "已受理 → 办理中") {
		t.Errorf("%+v", v)
	}
	w.Clock.Advance(21 * 24 * time.Hour) // Tuesday three weeks later: beyond every date, but the papers are older
	numbers := []string{look(w, apptest.Staff, ids[0]).Number, look(w, apptest.Staff, ids[1]).Number}
	heading := []string{"编号", "承办单位", "经办人", "联系电话", "纸件署名", "纸件日期", "记录方式"}
	do("/v1/assignments/sheets/sign_for", heading,
		[]string{numbers[0], w.Units[0].Name, "张经办", "0991-5550101", "张经办", "2026-03-05", ""},
		[]string{numbers[1], w.Units[1].Name, "李经办", "5550102", "", "2026-03-09", "电话"})
	heading = []string{"编号", "承办单位", "办理结果", "答复内容", "联系人", "联系电话", "沟通方式", "纸件日期"}
	early := bring(w, apptest.Staff, "/v1/assignments/sheets/reply", "a.csv", csvOf(t, heading,
		[]string{numbers[0], w.Units[0].Name, "A", "路灯已于本周修复。", "张经办", "0991-5550101", "电话", "2026-03-04"}, // before it was signed for
		[]string{numbers[0], w.Units[1].Name, "A", "路灯已于本周修复。", "张经办", "0991-5550101", "电话", "2026-03-10"}, // a co-unit
		[]string{numbers[0], "县水务局", "A", "路灯已于本周修复。", "张经办", "0991-5550101", "电话", "2026-03-10"})).preview()
	if got := early.problems(); len(got) != 3 || !strings.HasPrefix(got[0], "2 纸件日期 日期早了：不能早于2026年3月5日") || !strings.HasPrefix(got[1], "3  您不能做这项操作") || !strings.HasPrefix(got[2], "4 承办单位 ") {
		t.Errorf("%v", got)
	}
	do("/v1/assignments/sheets/reply", heading,
		[]string{numbers[0], w.Units[0].Name, "A", "路灯已于本周修复。", "张经办", "0991-5550101", "电话", "2026-03-17"},
		[]string{numbers[1], w.Units[1].Name, "C 留作参考", "河道明年疏通。", "李经办", "5550102", "PHONE", "2026-03-18"})
	var deadlines []matter.Deadline
	if err := w.DB.Gorm(t.Context()).Where("kind IN ('sign', 'reply') AND met_at IS NOT NULL").Order("id").Find(&deadlines).Error; err != nil {
		t.Fatal(err)
	}
	onTime := map[string][]bool{}
	for _, d := range deadlines {
		onTime[d.Kind] = append(onTime[d.Kind], !d.MetAt.After(d.DueAt))
	}
	// The first unit signed on the second working day and answered on the tenth;
	// the second on the fourth and the eleventh.
	if !slices.Equal(onTime["sign"], []bool{true, false}) || !slices.Equal(onTime["reply"], []bool{true, false}) {
		t.Errorf("on time: %v", onTime)
	}
	x := look(w, apptest.Staff, ids[0])
	if x.Replies[0].Body != "路灯已于本周修复。" || count(w, "replies") != 2 {
		t.Errorf("%+v", x.Replies)
	}
	for _, e := range audited(w) {
		if e.Action == "assignment.run_sheet" && (e.SubjectType != "assignment" || e.ActedFor == nil || !slices.Contains([]string{w.Units[0].ID, w.Units[1].ID}, *e.ActedFor)) {
			t.Errorf("%+v", e)
		}
	}
}

// TestAStaleRowRefusesTheSheet, and is named.
func TestAStaleRowRefusesTheSheet(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	one, two := begin(w, apptest.Author, map[string]any{"title": "修复路灯"}), begin(w, apptest.Author, map[string]any{"title": "疏通河道"})
	s := bring(w, apptest.Staff, "/v1/suggestions/sheets/accept", "a.csv", csvOf(t, []string{"标题", "办理方式", "加急"}, []string{"修复路灯", "", ""}))
	wantCode(t, w.Post(apptest.Staff, s.path+"/preview", map[string]any{"attachment_id": s.file}), http.StatusUnprocessableEntity, "sheet.columns")
	s = bring(w, apptest.Staff, "/v1/suggestions/sheets/accept", "a.csv", csvOf(t, []string{"事项", "办理方式", "加急"},
		[]string{"修复路灯", "直接交承办单位", "是"}, []string{"疏通河道", "督查室交办", "否"}))
	v := s.preview()
	if v.Good != 2 {
		t.Fatalf("%v", v.problems())
	}
	act(w, apptest.ProposalStaff, suggestions+two.ID+"/return", map[string]any{"version": 1, "reason": "请写明路段。"})
	a := s.confirm(v.Digest, false)
	wantCode(t, a, http.StatusConflict, "request.sheet_stale")
	if !strings.Contains(string(a.Body), "line[3]") || strings.Contains(string(a.Body), "line[2]") || look(w, apptest.Staff, one.ID).Status != "SUBMITTED" {
		t.Errorf("%s", a.Body)
	}
	// What is recorded from paper has a date.
	v = bring(w, apptest.Staff, "/v1/suggestions/sheets/unmerge", "a.csv", csvOf(t, []string{"事项", "理由"}, []string{"修复路灯", "并不相同。"})).preview()
	if got := v.problems(); len(got) != 1 || !strings.HasPrefix(got[0], "2  这件事项目前的状态不能做这项操作") {
		t.Errorf("%v", got)
	}
	v = bring(w, apptest.Staff, "/v1/suggestions/sheets/withdraw", "a.csv", csvOf(t, []string{"事项", "纸件日期", "记录方式"}, []string{"修复路灯", "", "电话"})).preview()
	if got := v.problems(); len(got) != 1 || got[0] != "2 纸件日期 没有填写" {
		t.Errorf("%v", got)
	}
	// The same one twice, and two of one title.
	begin(w, apptest.OtherMember, map[string]any{"title": "疏通河道"})
	v = bring(w, apptest.Staff, "/v1/suggestions/sheets/accept", "a.csv", csvOf(t, []string{"事项", "办理方式"},
		[]string{"修复路灯", "督查室交办"}, []string{"修复路灯", "督查室交办"}, []string{"疏通河道", "督查室交办"})).preview()
	if got := v.problems(); len(got) != 2 || got[0] != "3 编号或标题 与第2行是同一件" || !strings.HasPrefix(got[1], "4 编号或标题 有2件都是这个标题") {
		t.Errorf("%v", got)
	}
}

// TestMattersOfOneTitleAreToldApart: in the rows of a sheet, by who handed them in
// and when, or by the identifier; what is not enough says what would be.
func TestMattersOfOneTitleAreToldApart(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	first := submit(w, apptest.Author)
	w.Clock.Advance(24 * time.Hour)
	second, third := submit(w, apptest.Author), submit(w, apptest.CoAuthor)
	submit(w, apptest.OtherMember)
	submit(w, apptest.OtherMember)
	bracketed := begin(w, apptest.Author, map[string]any{"title": "修复路灯(二期)"})
	begin(w, apptest.CoAuthor, map[string]any{"title": "修复路灯(二期)"})
	rows := []struct{ cell, want, problem string }{
		{"修复人民路路灯（古丽娜尔·艾山，2026-03-03）", first.ID, ""},
		{"修复人民路路灯 (2026年3月4日、古丽娜尔·艾山)", second.ID, ""},
		{"修复人民路路灯（李春山）", third.ID, ""},
		{third.ID, "", "与第4行是同一件"},
		{"修复路灯(二期)（古丽娜尔·艾山）", bracketed.ID, ""},
		{"修复路灯(二期)", "", "有2件都是这个标题，请在后面写明提出人和提交日期，如：修复路灯(二期)（古丽娜尔·艾山，2026-03-04），或：修复路灯(二期)（李春山，2026-03-04）"},
		{"修复人民路路灯（古丽娜尔·艾山）", "", "有2件都是这个标题，请在后面写明"},
		{"修复人民路路灯（扎西卓玛，2026-03-04）", "", "有2件的标题、提出人和提交日期都相同，请先编号"},
		{"修复人民路路灯（欧阳敏）", "", "有“修复人民路路灯”，但提出人或提交日期对不上"},
		{"修复人民路路灯（李春山，2026-03-05）", "", "有“修复人民路路灯”，但提出人或提交日期对不上"},
		{store.NewID(), "", "没有找到这件事项"},
	}
	table := [][]string{{"编号或标题", "不予受理的情形", "理由"}}
	for _, r := range rows {
		table = append(table, []string{r.cell, "重复", "与已受理的重复。"})
	}
	const path = "/v1/suggestions/sheets/reject"
	v := bring(w, apptest.Staff, path, "不予受理.csv", csvOf(t, table...)).preview()
	for i, r := range rows {
		switch got := v.Rows[i].Problems; {
		case r.problem == "" && len(got) != 0:
			t.Errorf("%s: %+v", r.cell, got)
		case r.problem != "" && (len(got) != 1 || !strings.HasPrefix(got[0].Message, r.problem)):
			t.Errorf("%s: %+v, want %s", r.cell, got, r.problem)
		}
	}
	good := [][]string{table[0], table[1], table[2], {third.ID, "重复", "与已受理的重复。"}, table[5]}
	run := bring(w, apptest.Staff, path, "不予受理.csv", csvOf(t, good...))
	run.confirm(run.preview().Digest, true).Want(t, http.StatusOK)
	for _, id := range []string{first.ID, second.ID, third.ID, bracketed.ID} {
		if got := look(w, apptest.Staff, id).Status; got != "REJECTED" {
			t.Errorf("%s is %s", id, got)
		}
	}
}

// TestARatingByTelephone: nobody needs a telephone of their own on the app.
func TestARatingByTelephone(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	s, lead, _ := inHands(w)
	act(w, apptest.LeadHandler, "/v1/assignments/"+lead+"/sign_for", signFor(1))
	act(w, apptest.LeadHandler, "/v1/assignments/"+lead+"/reply", replyBody(2))
	act(w, apptest.Staff, "/v1/assignments/"+lead+"/pass", map[string]any{"version": 3})
	number := look(w, apptest.Staff, s.ID).Number
	r := bring(w, apptest.Staff, "/v1/suggestions/sheets/rate", "a.csv", csvOf(t, []string{"编号", "办理态度", "办理结果", "意见", "纸件日期", "记录方式"},
		[]string{number, "满意", "基本满意", "谢谢", "2026-03-03", "电话"}))
	r.confirm(r.preview().Digest, false).Want(t, http.StatusOK)
	var v struct {
		Status   string
		Timeline []struct {
			Action, Actor, Way string
			TypedBy            string `json:"typed_by"`
			WayLabel           string `json:"way_label"`
		}
		Ratings []handling.Rating
	}
	w.Get(apptest.Staff, suggestions+s.ID).Into(t, http.StatusOK, &v)
	last := v.Timeline[len(v.Timeline)-1]
	if v.Status != "CLOSED" || len(v.Ratings) != 1 || last.Actor != apptest.Author || last.TypedBy+" "+last.WayLabel != "王静 电话记录" {
		t.Errorf("%+v", v)
	}
}

// TestEveryActionHasItsTemplate, which its own columns are read from again.
func TestEveryActionHasItsTemplate(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	for _, path := range []string{"/v1/suggestions", "/v1/assignments"} {
		op := w.API.OpenAPI().Paths[path+"/sheets/{action}"].Get
		actions := op.Parameters[slices.IndexFunc(op.Parameters, func(p *paramOfDocument) bool { return p.Name == "action" })].Schema.Enum
		if len(actions) < 10 {
			t.Errorf("%s: %v", path, actions)
		}
		for _, action := range actions {
			a := w.Get(apptest.Staff, fmt.Sprintf("%s/sheets/%s", path, action)).Want(t, http.StatusOK)
			f, err := excelize.OpenReader(bytes.NewReader(a.Body))
			if err != nil {
				t.Fatal(err)
			}
			rows, err := f.GetRows(f.GetSheetName(0))
			if err != nil || len(rows) != 1 {
				t.Fatalf("%s: %v, %v", action, rows, err)
			}
			seen := map[string]bool{}
			for _, heading := range rows[0] {
				if seen[heading] {
					t.Errorf("%s: %s stands twice", action, heading)
				}
				seen[heading] = true
			}
			empty := bring(w, apptest.Staff, fmt.Sprintf("%s/sheets/%s", path, action), "a.xlsx", a.Body)
			wantCode(t, w.Post(apptest.Staff, empty.path+"/preview", map[string]any{"attachment_id": empty.file}), http.StatusUnprocessableEntity, "sheet.empty")
		}
	}
}
