package roster_test

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/simplifiedchinese"

	"yanlu/internal/app/apptest"
	"yanlu/internal/member"
	"yanlu/internal/roster"
	"yanlu/internal/sheet"
	"yanlu/internal/store"
)

type counts struct{ New, Changed, Unchanged, Wrong, Absent int }

type report struct {
	Counts counts
	Rows   []struct {
		Line                int
		Name, Action, Label string
		Changes             []struct{ Column, From, To string }
		Problems            []struct{ Column, Message string }
	}
	NewSectors []string `json:"new_sectors"`
	NewGroups  []string `json:"new_groups"`
	Ignored    []string
	Digest     string
}

// said is the report as lines: "3 手机号 不是正确的11位手机号" or "2 职务: → 常委".
func (r report) said() []string {
	var lines []string
	for _, row := range r.Rows {
		for _, p := range row.Problems {
			lines = append(lines, fmt.Sprintf("%d %s %s", row.Line, p.Column, p.Message))
		}
		for _, c := range row.Changes {
			lines = append(lines, fmt.Sprintf("%d %s: %s→%s", row.Line, c.Column, c.From, c.To))
		}
	}
	return lines
}

// table is a table that was uploaded, and what its preview said.
type table struct {
	report
	w              *apptest.World
	by, kind, file string
}

func preview(w *apptest.World, by string, k roster.Kind, data []byte) *table {
	w.T.Helper()
	t := &table{w: w, by: by, kind: string(k), file: w.Uploaded(by, "名册.csv", data)}
	t.preview()
	return t
}

func (t *table) preview() {
	t.w.T.Helper()
	t.report = report{}
	t.w.Post(t.by, "/v1/roster/preview", map[string]any{"attachment_id": t.file, "kind": t.kind}).Into(t.w.T, http.StatusOK, &t.report)
}

func (t *table) confirm() apptest.Answer {
	t.w.T.Helper()
	return t.w.Post(t.by, "/v1/roster", map[string]any{"attachment_id": t.file, "kind": t.kind, "digest": t.Digest})
}

// rows are all rows of some tables, to see that nothing was written.
func rows(w *apptest.World, institutionID string) []string {
	w.T.Helper()
	var all []string
	for _, query := range []string{
		"SELECT id || ' ' || name || ' ' || position || ' ' || sector || ' ' || group_name || ' ' || version || ' ' || COALESCE(phone_digest, '') FROM people WHERE institution_id = ? ORDER BY id",
		"SELECT id || ' ' || role || ' ' || begins || ' ' || COALESCE(ends, begins) || ' ' || version FROM appointments WHERE institution_id = ? ORDER BY id",
		"SELECT id || ' ' || name || ' ' || kind || ' ' || alias || ' ' || version FROM units WHERE institution_id = ? ORDER BY id",
		"SELECT id || ' ' || name || ' ' || place FROM divisions WHERE institution_id = ? ORDER BY id",
	} {
		var found []string
		if err := w.DB.Gorm(w.T.Context()).Raw(query, institutionID).Scan(&found).Error; err != nil {
			w.T.Fatal(err)
		}
		all = append(all, found...)
	}
	return all
}

const members = "姓名,手机号,职务,界别,联络组,届次,民族\n" +
	"买买提•吐尔逊江,13900000001,常委,科技界,第三联络组,第十一届,维吾尔族\n" +
	"欧阳𠮷,139-0000-0002,,农业界,,11,\n" +
	"王　静,,副主席,农业界,第一联络组,,\n" +
	"李春山,13800000002,常委,,,,\n" +
	"古丽娜尔・艾山,13900000003,,,,,\n"

// TestATableOfMembersComesIn walks a table through: what the preview says, in
// each form of the file, is what confirming does, and the same table again does
// nothing.
func TestATableOfMembersComesIn(t *testing.T) {
	t.Parallel()
	gbk, err := simplifiedchinese.GB18030.NewEncoder().Bytes([]byte(members))
	if err != nil {
		t.Fatal(err)
	}
	var book bytes.Buffer
	var cells [][]string
	for _, line := range strings.Split(strings.TrimSpace(members), "\n")[1:] {
		cells = append(cells, strings.Split(line, ",")[:6])
	}
	if err := sheet.Write(&book, "名册", roster.Columns(roster.Members)[:6], cells); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"UTF-8": []byte(members), "GBK": gbk, "a workbook": book.Bytes()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := apptest.New(t)
			before := rows(w, w.County.ID)
			x := preview(w, apptest.Admin, roster.Members, data)
			if diff := cmp.Diff(before, rows(w, w.County.ID)); diff != "" {
				t.Fatalf("the preview wrote: %s", diff)
			}
			want := []string{
				"2 手机号: →139****0001", "2 职务: →常委", "2 界别: →科技界", "2 联络组: →第三联络组", "2 届次: →第十一届",
				"3 手机号: →139****0002", "3 界别: →农业界", "3 届次: →第十一届",
				"4 职务: →副主席", "4 界别: →农业界", "4 联络组: →第一联络组", "4 届次: →第十一届",
				"5 职务: →常委",
				"6 手机号: 138****0001→139****0003",
			}
			if diff := cmp.Diff(want, x.said()); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(counts{3, 2, 0, 0, 5}, x.Counts); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff([][]string{{"科技界"}, {"第三联络组"}}, [][]string{x.NewSectors, x.NewGroups}); diff != "" {
				t.Error(diff)
			}
			if name != "a workbook" && !slices.Equal(x.Ignored, []string{"民族"}) {
				t.Errorf("ignored %v", x.Ignored)
			}
			x.confirm().Want(t, http.StatusOK)

			var list struct {
				Items []struct{ Name, Phone, Position, Sector, Group, Term string }
			}
			w.Get(apptest.Admin, "/v1/people?role=MEMBER&order=SECTOR&limit=100&group="+"%E7%AC%AC%E4%B8%89%E8%81%94%E7%BB%9C%E7%BB%84").Into(t, http.StatusOK, &list)
			if len(list.Items) != 1 || list.Items[0].Name != "买买提·吐尔逊江" || list.Items[0].Phone != "139****0001" || list.Items[0].Term != "第十一届" {
				t.Errorf("%+v", list.Items)
			}

			after := rows(w, w.County.ID)
			x.preview()
			if diff := cmp.Diff(counts{0, 0, 5, 0, 5}, x.Counts); diff != "" {
				t.Errorf("the same table again: %s %v", diff, x.said())
			}
			x.confirm().Want(t, http.StatusOK)
			if diff := cmp.Diff(after, rows(w, w.County.ID)); diff != "" {
				t.Errorf("the same table again wrote: %s", diff)
			}
		})
	}
}

// TestWhatIsWrongIsToldByItsCell holds each fault of a row, and that none of the
// table is taken in then.
func TestWhatIsWrongIsToldByItsCell(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	w.Write(func(tx *store.Tx) error {
		for _, phone := range []string{"13700000001", ""} {
			p, err := w.People.Add(tx, w.Clock.Now(), member.NewPerson{InstitutionID: w.County.ID, Name: "张伟", Phone: phone})
			if err != nil {
				return err
			}
			member.Appoint(tx, w.Clock.Now(), p, member.Member, "")
		}
		d := member.AddDivision(tx, w.Clock.Now(), w.County.ID, member.Sector, "旧界别", 9)
		tx.Exec("UPDATE divisions SET ended_at = created_at WHERE id = ?", d.ID)
		tx.Exec("UPDATE units SET ended_at = created_at WHERE id = ?", w.Units[2].ID)
		return nil
	})
	const m, s, u = "姓名,手机号,职务,界别,届次,任职日期\n", "姓名,手机号,职务,角色,单位,任职日期\n", "单位名称,类型\n"
	for name, x := range map[string]struct {
		kind roster.Kind
		text string
		want []string
	}{
		"no name":           {roster.Members, m + ",13900000001,,,,", []string{"2 姓名 没有填写"}},
		"no letter":         {roster.Members, m + "123,,,,,", []string{"2 姓名 姓名要有1到50个字，不要换行"}},
		"too long a name":   {roster.Members, m + strings.Repeat("长", 51) + ",,,,,", []string{"2 姓名 姓名要有1到50个字，不要换行"}},
		"a number":          {roster.Members, m + "甲一,1390000,,,,", []string{"2 手机号 不是正确的11位手机号"}},
		"a masked number":   {roster.Members, m + "甲一,139****0001,,,,", []string{"2 手机号 手机号有遮挡，与名册中的对不上，请填写完整的手机号"}},
		"somebody's number": {roster.Members, m + "甲一,13800000011,,,,", []string{"2 手机号 这个手机号在名册中是“王静”的，请核对姓名和手机号"}},
		"the number of one, the name of another": {roster.Members, m + "李春山,13800000001,,,,",
			[]string{"2 手机号 这个手机号在名册中是“古丽娜尔·艾山”的，请核对姓名和手机号"}},
		"a name that two have":     {roster.Members, m + "张伟,,,,,\n", []string{"2 姓名 名册中有2位同名，请填写手机号，以便认出是哪一位"}},
		"one person twice":         {roster.Members, m + "李春山,13800000002,,,,\n李春山,,,,,", []string{"3 姓名 与第2行是同一个人"}},
		"a new person twice":       {roster.Members, m + "甲一,,,,,\n甲一,,,,,", []string{"2 届次: →第十一届", "3 姓名 与第2行同名，请填写手机号，以便区分"}},
		"a new number twice":       {roster.Members, m + "甲一,13900000001,,,,\n甲二,13900000001,,,,", []string{"2 手机号: →139****0001", "2 届次: →第十一届", "3 手机号 与第2行的手机号相同"}},
		"a term that is none":      {roster.Members, m + "甲一,,,,第九届,", []string{"2 届次 没有这一届，请先添加届次，或核对写法（例如：第十一届）"}},
		"a day that is none":       {roster.Members, m + "甲一,,,,,2026-02-31", []string{"2 任职日期 日期看不懂，请写成 2026-01-10 的样子"}},
		"a day outside the term":   {roster.Members, m + "甲一,,,,11,2024-02-01", []string{"2 任职日期 不在第十一届的起止日期之内"}},
		"a day before all terms":   {roster.Members, m + "甲一,,,,,2024-02-01", []string{"2 届次 那一天不在任何一届之内，请填写届次，或先添加届次"}},
		"a sector that ended":      {roster.Members, m + "甲一,,,旧界别,,", []string{"2 界别 “旧界别”已停用，请改用别的，或先恢复使用"}},
		"a role that is none":      {roster.Staff, s + "甲一,,,厨师,,", []string{"2 角色 请填写其中之一：" + choices()}},
		"a unit that is due":       {roster.Staff, s + "甲一,,,承办单位经办人,,", []string{"2 单位 “承办单位经办人”要填写是哪个单位的"}},
		"a unit that is not due":   {roster.Staff, s + "甲一,,,信息科,言城县水利局,", []string{"2 单位 “信息科”不属于某个单位，请不要填写单位"}},
		"a committee that is none": {roster.Staff, s + "甲一,,,专委会,言城县水利局,", []string{"2 单位 “专委会”请填写一个专委会"}},
		"a unit that is none":      {roster.Staff, s + "甲一,,,承办单位经办人,邻州水利局,", []string{"2 单位 名册中没有这个单位，请先导入或添加单位，或核对名称"}},
		"a closed unit":            {roster.Staff, s + "甲一,,,承办单位经办人,言城县教育局,", []string{"2 单位 这个单位已停用"}},
		"a role twice":             {roster.Staff, s + "甲一,13900000001,,信息科,,\n甲一,13900000001,,信息科,,", []string{"2 手机号: →139****0001", "2 角色: →信息科", "3 角色 与第2行重复"}},
		"two things of one person": {roster.Staff, s + "甲一,13900000001,科长,信息科,,\n甲一,13900000001,主任,提案委,,",
			[]string{"2 手机号: →139****0001", "2 职务: →科长", "2 角色: →信息科", "3 职务 与第2行写的不一样，而两行是同一个人"}},
		"an administrator by who is none": {roster.Staff, s + "甲一,,,平台管理员,,", []string{"2 角色 平台管理员只能由平台管理员任命"}},
		"a unit twice":                    {roster.Units, u + "甲局,承办单位\n甲局,督查室", []string{"2 类型: →承办单位", "3 单位名称 与第2行是同一个单位"}},
		"a kind of unit that is none":     {roster.Units, u + "甲局,局", []string{"2 类型 请填写其中之一：承办单位、专门委员会、专委会、办公室、信息科、督查室、联络组、联络处、联络室、联络办、镇区工委、学习小组、专班、民主党派、人民团体、工商联、委员工作室、联络站"}},
		"a unit that is closed":           {roster.Units, u + "言城县教育局,承办单位", []string{"2 单位名称 这个单位已停用，请先恢复使用，或从表格中删去"}},
	} {
		t.Run(name, func(t *testing.T) {
			w.T = t
			before := rows(w, w.County.ID)
			x2 := preview(w, apptest.Staff, x.kind, []byte(x.text))
			if diff := cmp.Diff(x.want, x2.said()); diff != "" {
				t.Error(diff)
			}
			if a := x2.confirm(); a.Code() != roster.ErrWrong.Code {
				t.Errorf("confirmed: %d %s", a.Status, a.Code())
			}
			if diff := cmp.Diff(before, rows(w, w.County.ID)); diff != "" {
				t.Error(diff)
			}
		})
	}
	w.T = t
}

func choices() string {
	for _, c := range roster.Columns(roster.Staff) {
		if c.Name == "角色" {
			return strings.Join(c.Choices, "、")
		}
	}
	return ""
}

// TestWhatIsExportedChangesNothing holds that each table that is given out, with
// numbers masked or not and in every order, comes in again without a change.
func TestWhatIsExportedChangesNothing(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	x := preview(w, apptest.Admin, roster.Members, []byte(members))
	x.confirm().Want(t, http.StatusOK)
	x = preview(w, apptest.Admin, roster.Units, []byte("单位名称,类型\n言城县督查室,督查室\n城关镇联络室,联络室\n提案委员会,专委会\n言城县水利局,承办单位\n"))
	if diff := cmp.Diff(counts{3, 0, 1, 0, 2}, x.Counts); diff != "" {
		t.Error(diff)
	}
	x.confirm().Want(t, http.StatusOK)
	x = preview(w, apptest.Admin, roster.Staff, []byte("姓名,手机号,角色,单位\n王静,13800000011,提案委,\n王静,13800000011,承办单位负责人,城关镇联络室\n新管理,13900000009,平台管理员,\n"))
	if diff := cmp.Diff(counts{1, 2, 0, 0, 7}, x.Counts); diff != "" {
		t.Error(diff)
	}
	x.confirm().Want(t, http.StatusOK)
	before := rows(w, w.County.ID)
	for _, k := range []roster.Kind{roster.Members, roster.Units, roster.Staff} {
		for _, order := range []string{"ENTERED", "STROKES", "RANK", "SECTOR"} {
			for _, phones := range []string{"FULL", "MASKED"} {
				a := w.Get(apptest.Admin, "/v1/roster/export?kind="+string(k)+"&order="+order+"&phones="+phones).Want(t, http.StatusOK)
				got, err := sheet.Read(a.Body, roster.Columns(k))
				if err != nil || len(got.Rows) < 6 || len(got.Problems) > 0 {
					t.Fatalf("%s %s: %d rows, %v, %v", k, phones, len(got.Rows), got.Problems, err)
				}
				plainly := slices.ContainsFunc(got.Rows, func(r sheet.Row) bool {
					return r.Get("手机号") == "13800000011" || r.Get("手机号") == "13800000002"
				})
				if plainly != (phones == "FULL" && k != roster.Units) {
					t.Errorf("%s %s: numbers in clear: %t", k, phones, plainly)
				}
				x := preview(w, apptest.Admin, k, a.Body)
				if x.Counts != (counts{Unchanged: len(got.Rows)}) {
					t.Errorf("%s %s %s: %+v %v", k, order, phones, x.Counts, x.said())
				}
				x.confirm().Want(t, http.StatusOK)
			}
		}
	}
	if diff := cmp.Diff(before, rows(w, w.County.ID)); diff != "" {
		t.Error(diff)
	}
}

// TestOfTwoConfirmsOneIsStale holds that two tables, or one twice, previewed
// before either is confirmed, do not both come in.
func TestOfTwoConfirmsOneIsStale(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	w.Token(apptest.Admin)
	var tables []*table
	for range 4 {
		tables = append(tables, preview(w, apptest.Admin, roster.Members, []byte(members)))
	}
	codes := make([]string, len(tables))
	var wg sync.WaitGroup
	for i, x := range tables {
		wg.Go(func() { codes[i] = fmt.Sprint(x.confirm().Code()) })
	}
	wg.Wait()
	slices.Sort(codes)
	if want := []string{"", "roster.stale", "roster.stale", "roster.stale"}; !slices.Equal(codes, want) {
		t.Errorf("%v", codes)
	}
	var n int
	if err := w.DB.Gorm(t.Context()).Raw("SELECT COUNT(*) FROM people WHERE name = '欧阳𠮷'").Scan(&n).Error; err != nil || n != 1 {
		t.Errorf("%d people, %v", n, err)
	}

	// Whoever changes a person in between makes the preview stale where it would
	// do something else, and not where it would do the same.
	x := preview(w, apptest.Admin, roster.Members, []byte("姓名,手机号,职务\n李春山,13800000002,主席\n"))
	w.Post(apptest.Admin, "/v1/people/"+w.Person(apptest.CoAuthor).ID+"/suspend", nil).Want(t, http.StatusOK)
	y := preview(w, apptest.Admin, roster.Members, []byte("姓名,手机号,职务\n李春山,13800000002,主席\n"))
	x.confirm().Want(t, http.StatusOK)
	if a := y.confirm(); a.Code() != roster.ErrStale.Code {
		t.Errorf("%d %s", a.Status, a.Code())
	}
}

// TestAnotherInstitutionIsNeverReached holds that neither a number, nor a name,
// a unit, a sector or a table of another institution is found.
func TestAnotherInstitutionIsNeverReached(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	before := rows(w, w.Other.ID)
	x := preview(w, apptest.Admin, roster.Members, []byte("姓名,手机号,职务\n外县·委员,13800000042,常委\n"))
	if x.Counts.New != 1 {
		t.Errorf("%+v %v", x.Counts, x.said())
	}
	x.confirm().Want(t, http.StatusOK)
	if diff := cmp.Diff(before, rows(w, w.Other.ID)); diff != "" {
		t.Error(diff)
	}
	x.by = apptest.ForeignAdmin
	if a := w.Post(x.by, "/v1/roster/preview", map[string]any{"attachment_id": x.file, "kind": "MEMBERS"}); a.Code() != "roster.no_table" {
		t.Errorf("%d %s", a.Status, a.Code())
	}
	export := w.Get(apptest.ForeignAdmin, "/v1/roster/export?kind=STAFF&phones=FULL").Want(t, http.StatusOK)
	got, err := sheet.Read(export.Body, roster.Columns(roster.Staff))
	if err != nil || len(got.Rows) != 2 {
		t.Errorf("%d rows, %v", len(got.Rows), err)
	}
	if a := w.Get(apptest.Author, "/v1/roster/export"); a.Status != http.StatusForbidden {
		t.Errorf("a member exports: %d", a.Status)
	}
}

// TestAnotherNameUnderTheSameNumber holds that a slip in a name is mended by a
// table, and that a number which now means somebody else is not.
func TestAnotherNameUnderTheSameNumber(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	x := preview(w, apptest.Admin, roster.Members, []byte("姓名,手机号\n李春珊,13800000002\n扎西卓玛,13800000001\n"))
	want := []string{"2 姓名: 李春山→李春珊", "3 手机号 这个手机号在名册中是“古丽娜尔·艾山”的，请核对姓名和手机号"}
	if diff := cmp.Diff(want, x.said()); diff != "" {
		t.Error(diff)
	}
	x = preview(w, apptest.Admin, roster.Members, []byte("姓名,手机号\n李春珊,13800000002\n"))
	x.confirm().Want(t, http.StatusOK)
	if x.preview(); x.Counts != (counts{Unchanged: 1, Absent: 6}) {
		t.Errorf("%+v", x.Counts)
	}
}

// TestTheNextTermBegins holds that a table with another term ends the
// appointment before it, and that who is not in it stays what they were.
func TestTheNextTermBegins(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	w.Post(apptest.Admin, "/v1/terms", map[string]any{"ordinal": 12, "begins": "2030-01-10", "ends": "2035-01-09"}).Want(t, http.StatusCreated)
	x := preview(w, apptest.Admin, roster.Members, []byte("姓名,手机号,届次\n李春山,13800000002,第十二届\n新委员,13900000001,十二届\n"))
	if diff := cmp.Diff([]string{"2 届次: 第十一届→第十二届", "3 手机号: →139****0001", "3 届次: →第十二届"}, x.said()); diff != "" {
		t.Error(diff)
	}
	x.confirm().Want(t, http.StatusOK)
	x.preview()
	if x.Counts.Unchanged != 2 {
		t.Errorf("again: %+v %v", x.Counts, x.said())
	}
	var p struct {
		Former       bool
		Appointments []struct{ Begins, Ends string }
	}
	w.Get(apptest.Admin, "/v1/people/"+w.Person(apptest.CoAuthor).ID).Into(t, http.StatusOK, &p)
	if len(p.Appointments) != 2 || p.Appointments[0].Ends != "2030-01-09" || p.Appointments[1].Begins != "2030-01-10" || p.Former {
		t.Errorf("%+v", p)
	}
	if a := w.Actor(apptest.CoAuthor); a.Term != 11 || !a.Is(member.Member) {
		t.Errorf("in the old term: %+v", a)
	}
}

// TestAThousandRowsComeInTogether and says how long it took; each row leaves its
// entry in the audit.
func TestAThousandRowsComeInTogether(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	var b strings.Builder
	b.WriteString("姓名,手机号,职务,界别,联络组\n")
	for i := range 1000 {
		fmt.Fprintf(&b, "委员%s,139%08d,常委,第%d界,第%d组\n", string(rune('一'+i)), i, i%20, i%10)
	}
	began := time.Now()
	x := preview(w, apptest.Admin, roster.Members, []byte(b.String()))
	if x.Counts.New != 1000 || len(x.NewSectors) != 20 {
		t.Fatalf("%+v, %d sectors", x.Counts, len(x.NewSectors))
	}
	x.confirm().Want(t, http.StatusOK)
	second := preview(w, apptest.Admin, roster.Members, []byte(strings.ReplaceAll(b.String(), "常委", "委员")))
	if second.Counts.Changed != 1000 {
		t.Fatalf("%+v", second.Counts)
	}
	second.confirm().Want(t, http.StatusOK)
	t.Logf("1,000 new and 1,000 changed rows: %s", time.Since(began))
	var n int
	if err := w.DB.Gorm(t.Context()).Raw("SELECT COUNT(*) FROM audit_entries WHERE action = 'roster.confirm'").Scan(&n).Error; err != nil || n != 2000 {
		t.Errorf("%d entries of the audit, %v", n, err)
	}
	second.preview()
	if second.Counts.Unchanged != 1000 {
		t.Errorf("again: %+v", second.Counts)
	}
}

// TestTheTemplateIsATable holds that what is downloaded has the columns that are
// read.
func TestTheTemplateIsATable(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	for _, k := range []roster.Kind{roster.Members, roster.Units, roster.Staff} {
		a := w.Get(apptest.Staff, "/v1/roster/template?kind="+string(k)).Want(t, http.StatusOK)
		if _, err := sheet.Read(a.Body, roster.Columns(k)); err == nil || err.Error() != sheet.ErrEmpty.Error() {
			t.Errorf("%s: %v", k, err)
		}
	}
}
