package matter_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"yanlu/internal/app/apptest"
	"yanlu/internal/calendar"
	"yanlu/internal/institution"
	"yanlu/internal/matter"
	"yanlu/internal/store"
)

// remind does the job until nothing is left.
func remind(w *apptest.World) {
	w.T.Helper()
	for {
		more, err := w.Watch.Remind(w.T.Context())
		if err != nil {
			w.T.Fatal(err)
		}
		if !more {
			return
		}
	}
}

// at turns the clock to a time of a day in Beijing.
func at(w *apptest.World, day calendar.Day, hour int) {
	w.T.Helper()
	w.Clock.Advance(day.Start().Add(time.Duration(hour) * time.Hour).Sub(w.Clock.Now()))
}

// reminders lists what people read in their inboxes, oldest first.
func reminders(w *apptest.World) []string {
	w.T.Helper()
	var rows []struct{ Name, Title string }
	err := w.DB.Gorm(w.T.Context()).Raw(`SELECT p.name, i.title FROM inbox i JOIN people p ON p.id = i.person_id WHERE i.event = 'reminder' ORDER BY i.created_at, i.id`).
		Scan(&rows).Error
	if err != nil {
		w.T.Fatal(err)
	}
	var lines []string
	for _, r := range rows {
		lines = append(lines, r.Name+" "+r.Title)
	}
	return lines
}

// known are people with a telephone.
func known(w *apptest.World, names ...string) {
	w.T.Helper()
	for _, name := range names {
		w.Token(name)
	}
}

// TestWhoHoldsTheWorkIsReminded goes through the days of a deadline, and holds
// who is told what and when.
func TestWhoHoldsTheWorkIsReminded(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	known(w, apptest.LeadHandler, apptest.Staff)
	s := newWalk(w)
	s.submit(apptest.Author)
	s.accept()
	s.dispatch(10, 0) // on Tuesday 3 March: to be signed for by the 5th, answered by the 17th
	s.sign(0)
	want := map[string][]string{ // nothing on other days
		"2026-03-16": {"即将到期"}, "2026-03-17": {"今天到期"},
		"2026-03-20": {"已逾期"}, "2026-03-25": {"已逾期"}, "2026-03-30": {"已逾期"}, "2026-04-02": {"已逾期"}, "2026-04-07": {"已逾期"},
	}
	told := 0
	for day := calendar.Date(2026, 3, 3); day.Before(calendar.Date(2026, 6, 1)); day = day.Add(1) {
		for _, hour := range []int{11, 23} {
			at(w, day, hour)
			remind(w)
			remind(w)
			lines := reminders(w)
			var expect []string
			if hour == 11 {
				for _, title := range want[day.String()] {
					expect = append(expect, apptest.LeadHandler+" 答复"+title)
				}
			}
			if diff := cmp.Diff(expect, lines[told:], cmp.Transformer("nil", func(s []string) []string { return append([]string{}, s...) })); diff != "" {
				t.Errorf("%s at %d: %s", day, hour, diff)
			}
			told = len(lines)
		}
	}
}

// TestWhatIsMetOrMovedIsNotRemindedOf holds that the reminders of a deadline end
// with it, and follow its date.
func TestWhatIsMetOrMovedIsNotRemindedOf(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	known(w, apptest.Staff, apptest.LeadHandler, apptest.ProposalStaff)
	met, moved := newWalk(w), newWalk(w)
	met.submit(apptest.Author) // review by Thursday 5 March
	moved.submit(apptest.OtherMember)
	moved.accept()
	moved.dispatch(2, 0) // both clocks until the 5th
	remind(w)
	met.act(apptest.Staff, "", "reject", map[string]any{"code": "REPEATED", "reason": "重复。"})
	confirm(w, preview(w, map[string]any{"days": []map[string]any{
		{"day": "2026-03-04", "kind": "HOLIDAY", "name": "节"}, {"day": "2026-03-05", "kind": "HOLIDAY", "name": "节"},
	}})).Want(t, http.StatusOK) // until Monday 9 March
	at(w, calendar.Date(2026, 3, 5), 12)
	remind(w)
	if lines := reminders(w); len(lines) > 0 {
		t.Errorf("on the old date %q", lines)
	}
	at(w, calendar.Date(2026, 3, 6), 12)
	remind(w)
	want := []string{apptest.LeadHandler + " 签收即将到期", apptest.LeadHandler + " 答复即将到期"}
	lines := reminders(w)
	slices.Sort(lines)
	slices.Sort(want)
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Errorf("before the new date: %s", diff)
	}
}

// TestAnInstitutionSetsWhenItReminds holds for the days of each kind.
func TestAnInstitutionSetsWhenItReminds(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	known(w, apptest.Staff)
	set := func(value string) error {
		return w.DB.Tx(t.Context(), func(tx *store.Tx) error {
			return institution.Set(tx, w.Clock.Now(), w.County.ID, matter.RemindSetting(), json.RawMessage(value))
		})
	}
	for _, bad := range []string{`{"default":[3,1]}`, `{"default":[1,1]}`, `{"default":[-31]}`, `{"default":[251]}`, `{"kinds":{"review":[2,1]}}`, `{"other":1}`, `[]`} {
		if err := set(bad); err == nil {
			t.Errorf("%s was taken", bad)
		}
	}
	if err := set(`{"default":[],"kinds":{"review":[2]}}`); err != nil {
		t.Fatal(err)
	}
	s := newWalk(w)
	s.submit(apptest.Author) // due on 5 March
	for _, day := range []int{3, 4, 5, 6, 9, 10, 11} {
		at(w, calendar.Date(2026, 3, day), 12)
		remind(w)
		told := 0
		if day >= 9 {
			told = 1
		}
		if lines := reminders(w); len(lines) != told {
			t.Errorf("on the %dth %q", day, lines)
		}
	}
}

// TestSeveralServersRemindOnce lets several look at many deadlines at once, and
// holds that each step is told once; a server that was away for a week tells of
// the last step alone.
func TestSeveralServersRemindOnce(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	known(w, apptest.Staff)
	const matters = 70
	for range matters {
		newWalk(w).submit(apptest.Author)
	}
	at(w, calendar.Date(2026, 3, 16), 12) // due on the 5th: the steps of the 4th, 5th and 10th are over
	var wg sync.WaitGroup
	errs := make(chan error, 4)
	for range 4 {
		wg.Go(func() {
			for range 6 {
				if _, err := w.Watch.Remind(t.Context()); err != nil {
					errs <- err
				}
			}
		})
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		t.Error(err)
	}
	remind(w)
	if lines := reminders(w); len(lines) != matters {
		t.Errorf("%d reminders, want %d", len(lines), matters)
	}
	if n := rowsIn(w, "reminders WHERE days = 6 AND people = 1"); n != matters {
		t.Errorf("%d steps are booked, want %d", n, matters)
	}
}

type late struct {
	Groups []struct {
		Sort, Name string
		OnApp      int `json:"on_app"`
		Items      []struct {
			Title, Label string
			WorkingDays  int `json:"working_days"`
		}
	}
	More bool
	Text []string
}

// TestWhoIsLateIsListed holds what staff see of what is overdue, also of a unit
// that nobody could remind, and that the text names no author.
func TestWhoIsLateIsListed(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	s, o := newWalk(w), newWalk(w)
	s.submit(apptest.Author)
	s.accept()
	s.dispatch(5, 0, 1) // sign by 5 March, reply by the 10th
	s.sign(0)
	o.submit(apptest.OtherMember) // review by the 5th
	at(w, calendar.Date(2026, 3, 5), 23)
	var got late
	w.Get(apptest.Staff, "/v1/work/overdue").Into(t, http.StatusOK, &got)
	if len(got.Groups) != 0 || len(got.Text) != 0 {
		t.Errorf("before midnight %+v", got)
	}
	at(w, calendar.Date(2026, 3, 12), 12)
	remind(w)
	w.Get(apptest.Staff, "/v1/work/overdue").Into(t, http.StatusOK, &got)
	var lines []string
	for _, g := range got.Groups {
		for _, x := range g.Items {
			lines = append(lines, fmt.Sprintf("%s %s %d %s %d", g.Sort, g.Name, g.OnApp, x.Label, x.WorkingDays))
		}
	}
	want := []string{
		"unit 言城县住房和城乡建设局 0 签收 5", "unit 言城县住房和城乡建设局 0 答复 2", // whose handler never opened the app
		"unit 言城县水利局 1 答复 2",
		"role 信息科 1 审核 5",
	}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Error(diff)
	}
	if len(got.Text) != 1 {
		t.Fatalf("%q", got.Text)
	}
	text := "【到期提醒】截至3月12日，以下事项已逾期，请尽快办理：\n" +
		"■ 言城县住房和城乡建设局（1件）\n1. 2026年第1号《修复人民路路灯》：签收逾期5个工作日，答复逾期2个工作日\n" +
		"■ 言城县水利局（1件）\n1. 2026年第1号《修复人民路路灯》：答复逾期2个工作日"
	if diff := cmp.Diff(text, got.Text[0]); diff != "" {
		t.Error(diff)
	}
	if n := rowsIn(w, "reminders WHERE people = 0"); n == 0 {
		t.Error("that nobody could be told is not booked")
	}
	for _, name := range []string{apptest.Author, apptest.LeadHandler, apptest.Admin} {
		w.Get(name, "/v1/work/overdue").Want(t, http.StatusForbidden)
	}
	w.Get(apptest.ForeignStaff, "/v1/work/overdue").Into(t, http.StatusOK, &got)
	if len(got.Groups) != 0 {
		t.Errorf("the neighbours see %+v", got)
	}
}

// TestTheTextFitsIntoMessages holds that no message is too long, none is cut in
// a line, and nothing is lost.
func TestTheTextFitsIntoMessages(t *testing.T) {
	t.Parallel()
	var groups []matter.LateHolder
	for u := range 4 {
		g := matter.LateHolder{Sort: "unit", Name: fmt.Sprintf("第%d局", u)}
		for n := range 60 {
			number := fmt.Sprintf("2026年第%d号", 100*u+n)
			g.Items = append(g.Items, matter.Late{MatterID: number, Number: &number, Title: strings.Repeat("修路", 15), Label: "答复", Days: n})
		}
		groups = append(groups, g)
	}
	groups = append(groups, matter.LateHolder{Sort: "person", Name: "某委员", Items: []matter.Late{{MatterID: "x", Title: "私事", Label: "评价"}}})
	parts := matter.LateText(groups, apptest.Start)
	all := strings.Join(parts, "\n")
	for i, part := range parts {
		if n := utf8.RuneCountInString(part); n > matter.LateMessage {
			t.Errorf("part %d has %d characters", i+1, n)
		}
		if !strings.HasPrefix(part, "【到期提醒】") || !strings.HasSuffix(part, fmt.Sprintf("（第%d条，共%d条）", i+1, len(parts))) || strings.Count(part, "■") == 0 {
			t.Errorf("part %d: %s", i+1, part)
		}
	}
	for _, g := range groups[:4] {
		for _, x := range g.Items {
			if strings.Count(all, *x.Number+"《") != 1 {
				t.Errorf("%s stands %d times", *x.Number, strings.Count(all, *x.Number+"《"))
			}
		}
	}
	if strings.Contains(all, "某委员") || strings.Contains(all, "私事") {
		t.Error("an author is named")
	}
}

// TestEachUnitThatIsLateIsNamed: two units ask for more time for one matter, and
// nobody decides: the office is reminded of each, and can tell which is which.
func TestEachUnitThatIsLateIsNamed(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	known(w, apptest.ProposalStaff, apptest.LeadHandler)
	s := newWalk(w)
	s.submit(apptest.Author)
	s.accept()
	s.dispatch(10, 0, 1)
	for n := range 2 {
		s.sign(n)
		s.act(handlers[n], s.assignments[n], "ask_extension", map[string]any{"working_days": 5, "reason": "需要招标。"})
	}
	at(w, calendar.Date(2026, 3, 4), 11) // by when the office decides
	remind(w)
	var rows []struct{ Body, ValuesJSON string }
	err := w.DB.Gorm(t.Context()).Raw(`SELECT i.body, p.values_json FROM inbox i JOIN pushes p ON p.inbox_id = i.id
		WHERE i.event = 'reminder' AND i.person_id = ? ORDER BY i.id`, w.Person(apptest.ProposalStaff).ID).Scan(&rows).Error
	if err != nil || len(rows) != 2 || rows[0].Body == rows[1].Body {
		t.Fatalf("%v: %+v", err, rows)
	}
	for _, u := range w.Units[:2] {
		if !slices.ContainsFunc(rows, func(r struct{ Body, ValuesJSON string }) bool {
			return strings.Contains(r.Body, "“修复人民路路灯”（"+u.Name+"）的延期审批") && strings.Contains(r.ValuesJSON, `"unit":"`+u.Name+`"`)
		}) {
			t.Errorf("%s is not named: %+v", u.Name, rows)
		}
	}
}
