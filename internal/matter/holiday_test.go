package matter_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"gorm.io/gorm"
	"pgregory.net/rapid"

	"yanlu/internal/app/apptest"
	"yanlu/internal/calendar"
	"yanlu/internal/matter"
	"yanlu/internal/member"
	"yanlu/internal/store"
)

type previewed struct {
	Days []struct {
		Day, Kind, Name string
		Local           bool
	}
	Remove   []string
	Problems []struct{ Text, Message string }
	Changes  struct {
		Count int
		First []struct {
			Title, Label string
			From, To     time.Time
		}
	}
	Digest string
}

func preview(w *apptest.World, body map[string]any) previewed {
	w.T.Helper()
	var p previewed
	w.Post(apptest.Staff, "/v1/holidays/preview", body).Into(w.T, http.StatusOK, &p)
	return p
}

// confirm confirms what was previewed.
func confirm(w *apptest.World, p previewed) apptest.Answer {
	w.T.Helper()
	days := []map[string]any{}
	for _, d := range p.Days {
		days = append(days, map[string]any{"day": d.Day, "kind": d.Kind, "name": d.Name, "local": d.Local})
	}
	return w.Post(apptest.Staff, "/v1/holidays", map[string]any{"days": days, "remove": p.Remove, "digest": p.Digest})
}

// recount does the job until nothing is left, and returns how many steps it was.
func recount(w *apptest.World) int {
	w.T.Helper()
	for n := 0; ; n++ {
		more, err := w.Matters.Recount(w.T.Context())
		if err != nil {
			w.T.Fatal(err)
		}
		if !more {
			return n
		}
	}
}

// consistent holds that every open deadline is what the calendar says, counted
// day by day, and that who waits waits until then.
func consistent(w *apptest.World) {
	w.T.Helper()
	r := read(w)
	var rows []matter.Holiday
	if err := w.DB.Gorm(w.T.Context()).Where("institution_id = ?", w.County.ID).Find(&rows).Error; err != nil {
		w.T.Fatal(err)
	}
	kinds := map[calendar.Day]calendar.Kind{}
	for _, h := range rows {
		kinds[h.Day] = h.Kind
	}
	for _, d := range r.deadlines {
		if d.MetAt != nil || d.Unit != calendar.WorkingDay {
			continue
		}
		if want := byHand(kinds, calendar.Of(d.StartedAt), d.Count); calendar.Of(d.DueAt) != want || !d.DueAt.Equal(want.End()) {
			w.T.Errorf("%s of %s from %s is due %s, counted by hand %s", d.Kind, d.MatterID, calendar.Of(d.StartedAt), calendar.Of(d.DueAt), want)
		}
		for _, x := range r.waiting {
			if x.MatterID == d.MatterID && cmp.Equal(x.AssignmentID, d.AssignmentID) && x.Label == d.Label && !x.DueAt.Equal(d.DueAt) {
				w.T.Errorf("%s is waited for until %s, due %s", d.Kind, x.DueAt, d.DueAt)
			}
		}
	}
}

// byHand counts working days one by one.
func byHand(kinds map[calendar.Day]calendar.Kind, day calendar.Day, n int) calendar.Day {
	for n > 0 {
		day = day.Add(1)
		weekend := day.Weekday() == time.Saturday || day.Weekday() == time.Sunday
		if kinds[day] == calendar.Workday || kinds[day] != calendar.Holiday && !weekend {
			n--
		}
	}
	return day
}

// TestANoticeMovesTheOpenDeadlines takes the whole way: paste, preview, confirm.
func TestANoticeMovesTheOpenDeadlines(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	open, replied, met := newWalk(w), newWalk(w), newWalk(w)
	open.submit(apptest.Author)
	replied.submit(apptest.OtherMember)
	replied.accept()
	replied.dispatch(10, 0)
	met.submit(apptest.CoAuthor)
	met.act(apptest.Staff, "", "reject", map[string]any{"code": "REPEATED", "reason": "重复。"})
	before := read(w)

	text := "关于2026年部分节假日安排的通知\n一、植树节：3月4日（周三）至6日（周五）放假调休，共3天。3月7日（周六）上班。\n二、踏青节：3月20日（周五）放假，共2天。"
	p := preview(w, map[string]any{"text": text, "local": true})
	if len(p.Days) != 4 || !p.Days[0].Local || len(p.Problems) != 1 || !strings.Contains(p.Problems[0].Message, "写的是2天") {
		t.Fatalf("%+v", p)
	}
	if p.Changes.Count != 3 { // review of one, sign and reply of the other
		t.Errorf("%d deadlines would move: %+v", p.Changes.Count, p.Changes.First)
	}
	first := p.Changes.First[0]
	if calendar.Of(first.From) != calendar.Date(2026, 3, 5) || calendar.Of(first.To) != calendar.Date(2026, 3, 9) {
		t.Errorf("the first is %+v", first)
	}
	after := read(w)
	if diff := cmp.Diff(before.deadlines, after.deadlines); diff != "" {
		t.Errorf("the preview wrote: %s", diff)
	}

	confirm(w, p).Want(t, http.StatusOK)
	consistent(w)
	for _, d := range read(w).deadlines {
		if d.MetAt != nil && d.MatterID == met.id && calendar.Of(d.DueAt) != calendar.Date(2026, 3, 5) {
			t.Errorf("a deadline that was met moved to %s", d.DueAt)
		}
	}
	lines := timeline(w, open.id)
	if len(lines) != 1 || !strings.Contains(lines[0], "审核期限由3月5日改为3月9日") {
		t.Errorf("the timeline says %q", lines)
	}
	if lines := timeline(w, met.id); len(lines) != 0 {
		t.Errorf("the timeline of what is over says %q", lines)
	}
	var public struct{ Events []struct{ Label string } }
	w.Get(apptest.Author, "/v1/suggestions/"+open.id).Into(t, http.StatusOK, &public)
	for _, e := range public.Events {
		if e.Label == "放假安排调整" {
			t.Error("the author reads of it")
		}
	}
	if n := rowsIn(w, "audit_entries WHERE action = 'holiday.confirm'"); n != 1 {
		t.Errorf("%d audit entries", n)
	}

	// The second pass finds what was begun with the old days at the moment of the change.
	if n := recount(w); n != 0 {
		t.Errorf("the second pass began at once, %d steps", n)
	}
	w.Write(func(tx *store.Tx) error {
		tx.Exec("UPDATE deadlines SET due_at = ? WHERE matter_id = ? AND met_at IS NULL", calendar.Date(2026, 3, 5).End(), open.id)
		tx.Exec("UPDATE waiting SET due_at = ? WHERE matter_id = ?", calendar.Date(2026, 3, 5).End(), open.id)
		return nil
	})
	w.Clock.Advance(3 * time.Minute)
	if n := recount(w); n != 1 {
		t.Errorf("the second pass took %d steps", n)
	}
	consistent(w)
	if n := rowsIn(w, "recounts"); n != 0 {
		t.Errorf("%d recounts are left", n)
	}

	// Taking the days away again takes the same two steps.
	var year struct{ Items []struct{ Day string } }
	w.Get(apptest.Author, "/v1/holidays?year=2026").Into(t, http.StatusOK, &year)
	if len(year.Items) != 4 {
		t.Errorf("the year has %v", year.Items)
	}
	var all []string
	for _, d := range year.Items {
		all = append(all, d.Day)
	}
	back := preview(w, map[string]any{"remove": all})
	if back.Changes.Count != 3 {
		t.Errorf("%d deadlines would move back", back.Changes.Count)
	}
	confirm(w, back).Want(t, http.StatusOK)
	consistent(w)
	for i, d := range read(w).deadlines {
		if !d.DueAt.Equal(before.deadlines[i].DueAt) {
			t.Errorf("%s is due %s, at first %s", d.Kind, d.DueAt, before.deadlines[i].DueAt)
		}
	}
}

func timeline(w *apptest.World, matterID string) []string {
	w.T.Helper()
	var lines []string
	err := w.DB.Gorm(w.T.Context()).Raw("SELECT comment FROM events WHERE matter_id = ? AND action = 'recount' ORDER BY id", matterID).Scan(&lines).Error
	if err != nil {
		w.T.Fatal(err)
	}
	return lines
}

func rowsIn(w *apptest.World, from string) int {
	w.T.Helper()
	var n int
	if err := w.DB.Gorm(w.T.Context()).Raw("SELECT COUNT(*) FROM " + from).Scan(&n).Error; err != nil {
		w.T.Fatal(err)
	}
	return n
}

// TestWhatIsConfirmedIsWhatWasSeen holds that a change that differs from its
// preview, or whose days somebody has changed meanwhile, is refused.
func TestWhatIsConfirmedIsWhatWasSeen(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	day := func(date, kind, name string) map[string]any {
		return map[string]any{"day": date, "kind": kind, "name": name}
	}
	days := func(d ...map[string]any) map[string]any { return map[string]any{"days": d} }
	mine := preview(w, days(day("2026-05-01", "HOLIDAY", "劳动节"), day("2026-05-04", "HOLIDAY", "劳动节")))
	theirs := preview(w, days(day("2026-05-04", "WORKDAY", "劳动节")))

	other := mine
	other.Days = other.Days[:1]
	if a := confirm(w, other); a.Code() != "matter.holidays_stale" || a.Status != http.StatusConflict {
		t.Errorf("a part of it: %d %s", a.Status, a.Code())
	}
	confirm(w, theirs).Want(t, http.StatusOK)
	if a := confirm(w, mine); a.Code() != "matter.holidays_stale" {
		t.Errorf("what was changed meanwhile: %d %s", a.Status, a.Code())
	}
	again := preview(w, days(day("2026-05-01", "HOLIDAY", "劳动节"), day("2026-05-04", "HOLIDAY", "劳动节")))
	confirm(w, again).Want(t, http.StatusOK)
	if n := rowsIn(w, "holidays WHERE kind = 'HOLIDAY'"); n != 2 {
		t.Errorf("%d holidays", n)
	}

	twice := days(day("2026-06-01", "HOLIDAY", "节"), day("2026-06-01", "WORKDAY", "节"))
	if a := w.Post(apptest.Staff, "/v1/holidays/preview", twice); a.Code() != "matter.holidays" {
		t.Errorf("a day twice: %d %s", a.Status, a.Code())
	}
	if a := w.Post(apptest.Staff, "/v1/holidays/preview", days(day("2026-02-30", "HOLIDAY", "节"))); a.Status != http.StatusUnprocessableEntity {
		t.Errorf("no such day: %d %s", a.Status, a.Code())
	}

	// Another institution has its own days.
	var year struct{ Items []struct{ Day string } }
	w.Get(apptest.ForeignMember, "/v1/holidays?year=2026").Into(t, http.StatusOK, &year)
	if len(year.Items) != 0 {
		t.Errorf("the neighbours have %v", year.Items)
	}
}

// TestManyDeadlinesMoveInBatches holds that the act stays short and the job does
// the rest, on two servers at once.
func TestManyDeadlinesMoveInBatches(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	s := newWalk(w)
	s.submit(apptest.Author)
	w.Write(func(tx *store.Tx) error {
		for n := range 349 {
			start := w.Clock.Now()
			tx.Insert(&matter.Deadline{
				ID: store.NewID(), InstitutionID: w.County.ID, MatterID: s.id, Kind: fmt.Sprint("kind ", n), Label: fmt.Sprint("第", n),
				Count: 1 + n%5, Unit: calendar.WorkingDay, StartedAt: start, DueAt: byHand(nil, calendar.Of(start), 1+n%5).End(),
			})
		}
		return nil
	})
	p := preview(w, map[string]any{"days": []map[string]any{{"day": "2026-03-04", "kind": "HOLIDAY", "name": "节"}}})
	if p.Changes.Count != 350 || len(p.Changes.First) != 50 {
		t.Errorf("%d would move, %d are shown", p.Changes.Count, len(p.Changes.First))
	}
	confirm(w, p).Want(t, http.StatusOK)
	if n := rowsIn(w, "deadlines WHERE remind_at IS NOT NULL"); n != 101 { // the walk's own has it from the start
		t.Logf("%d deadlines moved in the act", n)
	}
	done := make(chan error)
	for range 2 {
		go func() {
			for {
				more, err := w.Matters.Recount(t.Context())
				if err != nil || !more {
					done <- err
					return
				}
			}
		}()
	}
	for range 2 {
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
	recount(w) // what one had claimed when the other found nothing
	consistent(w)
}

// TestDueDatesAreARecountDayByDay holds for calendars, starts and spans at
// random that a deadline is due on the day that counting one by one finds, also
// after the calendar was changed and changed again.
func TestDueDatesAreARecountDayByDay(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	s := newWalk(w)
	s.submit(apptest.Author)
	w.Write(meetAll)
	day := rapid.Custom(func(t *rapid.T) calendar.Day {
		return calendar.Date(2026, 3, 1).Add(rapid.IntRange(0, 60).Draw(t, "day"))
	})
	rapid.Check(t, func(rt *rapid.T) {
		w.Write(func(tx *store.Tx) error {
			tx.Exec("DELETE FROM holidays")
			tx.Exec("DELETE FROM recounts")
			tx.Exec("DELETE FROM deadlines WHERE kind = 'random'")
			for range rapid.IntRange(0, 6).Draw(rt, "deadlines") {
				start := day.Draw(rt, "start").Start().Add(time.Duration(rapid.IntRange(0, 24*60-1).Draw(rt, "minute")) * time.Minute)
				n := rapid.IntRange(1, 30).Draw(rt, "count")
				tx.Insert(&matter.Deadline{
					ID: store.NewID(), InstitutionID: w.County.ID, MatterID: s.id, Kind: "random", Label: "随机", Count: n, Unit: calendar.WorkingDay,
					StartedAt: start, DueAt: byHand(nil, calendar.Of(start), n).End(),
				})
			}
			return nil
		})
		staff := w.Person(apptest.Staff)
		for range rapid.IntRange(1, 3).Draw(rt, "changes") {
			change := matter.CalendarChange{}
			seen := map[calendar.Day]bool{}
			for range rapid.IntRange(0, 12).Draw(rt, "days") {
				d := day.Draw(rt, "day")
				if seen[d] {
					continue
				}
				seen[d] = true
				switch rapid.IntRange(0, 2).Draw(rt, "kind") {
				case 0:
					change.Days = append(change.Days, matter.Holiday{Day: d, Kind: calendar.Holiday, Name: "节"})
				case 1:
					change.Days = append(change.Days, matter.Holiday{Day: d, Kind: calendar.Workday, Name: "节"})
				default:
					change.Remove = append(change.Remove, d)
				}
			}
			p, err := w.Matters.PreviewHolidays(t.Context(), w.County.ID, change)
			if err != nil {
				rt.Fatal(err)
			}
			before := openDue(w)
			w.Write(func(tx *store.Tx) error {
				return w.Matters.ConfirmHolidays(t.Context(), tx, actorOf(staff.ID, staff.InstitutionID, staff.Name), change, p.Digest)
			})
			moved := 0
			for id, due := range openDue(w) {
				if !due.Equal(before[id]) {
					moved++
				}
			}
			if moved != p.Count {
				rt.Fatalf("%d deadlines moved, the preview said %d", moved, p.Count)
			}
			consistent(w)
			if t.Failed() {
				rt.FailNow()
			}
		}
	})
}

func openDue(w *apptest.World) map[string]time.Time {
	w.T.Helper()
	rows, err := gorm.G[matter.Deadline](w.DB.Gorm(w.T.Context())).Where("met_at IS NULL").Find(w.T.Context())
	if err != nil {
		w.T.Fatal(err)
	}
	due := map[string]time.Time{}
	for _, d := range rows {
		due[d.ID] = d.DueAt
	}
	return due
}

func actorOf(personID, institutionID, name string) member.Actor {
	return member.Actor{PersonID: personID, InstitutionID: institutionID, Name: name}
}
