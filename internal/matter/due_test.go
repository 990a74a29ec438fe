package matter_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"gorm.io/gorm"

	"yanlu/internal/app/apptest"
	"yanlu/internal/calendar"
	"yanlu/internal/matter"
	"yanlu/internal/store"
)

// announce puts days that differ from their weekday into the table.
func announce(w *apptest.World, days calendar.Exceptions) {
	w.T.Helper()
	w.Write(func(tx *store.Tx) error {
		tx.Exec("DELETE FROM holidays")
		for day, kind := range days {
			tx.Insert(&matter.Holiday{InstitutionID: w.County.ID, Day: day, Kind: kind, Name: "节"})
		}
		return nil
	})
}

func due(w *apptest.World, start time.Time, span calendar.Span) time.Time {
	w.T.Helper()
	at, err := w.Matters.Due(w.T.Context(), w.DB, w.County.ID, start, span)
	if err != nil {
		w.T.Fatal(err)
	}
	return at
}

func TestDueFollowsTheHolidaysOfTheTable(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	const holiday, workday = calendar.Holiday, calendar.Workday
	national := calendar.Exceptions{calendar.Date(2026, 10, 10): workday}
	for n := range 7 {
		national[calendar.Date(2026, 10, 1+n)] = holiday
	}
	days := func(n int) calendar.Span { return calendar.Span{Count: n, Unit: calendar.WorkingDay} }
	tuesday, eve := apptest.Start, time.Date(2026, 9, 30, 2, 0, 0, 0, time.UTC)
	cases := map[string]struct {
		table calendar.Exceptions
		start time.Time
		span  calendar.Span
		want  time.Time
	}{
		"an empty table leaves the week":      {nil, tuesday, days(2), calendar.Date(2026, 3, 5).End()},
		"over a weekend":                      {nil, tuesday, days(4), calendar.Date(2026, 3, 9).End()},
		"a holiday does not count":            {calendar.Exceptions{calendar.Date(2026, 3, 4): holiday}, tuesday, days(2), calendar.Date(2026, 3, 6).End()},
		"a Saturday that is worked counts":    {calendar.Exceptions{calendar.Date(2026, 3, 7): workday}, tuesday, days(4), calendar.Date(2026, 3, 7).End()},
		"the first day does not matter":       {calendar.Exceptions{calendar.Date(2026, 3, 3): holiday}, tuesday, days(1), calendar.Date(2026, 3, 4).End()},
		"over the national holiday":           {national, eve, days(1), calendar.Date(2026, 10, 8).End()},
		"over it and the Saturday after":      {national, eve, days(3), calendar.Date(2026, 10, 10).End()},
		"days as they are":                    {national, eve, calendar.Days(3), calendar.Date(2026, 10, 3).End()},
		"hours as they are":                   {national, eve, calendar.Span{Count: 30, Unit: calendar.Hour}, eve.Add(30 * time.Hour)},
		"an evening in Beijing, still Monday": {nil, time.Date(2026, 3, 2, 15, 59, 0, 0, time.UTC), days(1), calendar.Date(2026, 3, 3).End()},
		"just past midnight, Tuesday already": {nil, time.Date(2026, 3, 2, 16, 0, 0, 0, time.UTC), days(1), calendar.Date(2026, 3, 4).End()},
		"a holiday at the far end":            {calendar.Exceptions{calendar.Date(2026, 9, 1): holiday}, tuesday, days(130), calendar.Date(2026, 9, 2).End()},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			announce(w, c.table)
			if got := due(w, c.start, c.span); !got.Equal(c.want) {
				t.Errorf("it is due %v, want %v", got.In(calendar.Beijing()), c.want.In(calendar.Beijing()))
			}
		})
	}
}

// TestDueReadsAllHolidaysThatMatter holds for calendars at random that what is
// read of the table is as good as the whole.
func TestDueReadsAllHolidaysThatMatter(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	r := rand.New(rand.NewPCG(3, 4))
	for range 8 {
		table := calendar.Exceptions{}
		for range 80 { // more than any year has
			kind := calendar.Holiday
			if r.IntN(3) == 0 {
				kind = calendar.Workday
			}
			table[calendar.Date(2026, 1, 1).Add(r.IntN(730))] = kind
		}
		long := calendar.Date(2026, 3, 1).Add(r.IntN(300))
		for n := range 9 {
			table[long.Add(n)] = calendar.Holiday
		}
		announce(w, table)
		whole, err := calendar.New(table)
		if err != nil {
			t.Fatal(err)
		}
		for range 12 {
			start := apptest.Start.Add(time.Duration(r.IntN(300*24)) * time.Hour)
			span := calendar.Span{Count: 1 + r.IntN(130), Unit: calendar.WorkingDay}
			if got, want := due(w, start, span), whole.Due(start, span); !got.Equal(want) {
				t.Errorf("%s from %v are due %v, want %v", span, start, got, want)
			}
		}
	}
}

// TestDeadlinesKeepWhatTheyWereComputedFrom holds that a row can be computed
// again when the holidays are announced.
func TestDeadlinesKeepWhatTheyWereComputedFrom(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	s := newWalk(w)
	s.submit(apptest.Author)
	s.accept()
	s.dispatch(5, 0, 1)
	s.sign(0)
	s.reply(0)
	s.act(apptest.ProposalStaff, s.assignments[0], "pass", nil)

	want := map[string]calendar.Span{
		"review": {Count: 2, Unit: calendar.WorkingDay}, "dispatch": {Count: 1, Unit: calendar.WorkingDay},
		"sign": {Count: 2, Unit: calendar.WorkingDay}, "reply": {Count: 5, Unit: calendar.WorkingDay},
		"check": {Count: 1, Unit: calendar.WorkingDay}, "rate": {Count: 7, Unit: calendar.CalendarDay},
	}
	rows, err := gorm.G[matter.Deadline](w.DB.Gorm(t.Context())).Order("id").Find(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, d := range rows {
		seen[d.Kind] = true
		if got := (calendar.Span{Count: d.Count, Unit: d.Unit}); got != want[d.Kind] {
			t.Errorf("%s is %s, want %s", d.Kind, got, want[d.Kind])
		}
		if got := due(w, d.StartedAt, calendar.Span{Count: d.Count, Unit: d.Unit}); !got.Equal(d.DueAt) {
			t.Errorf("%s is due %v, computed again %v", d.Kind, d.DueAt, got)
		}
	}
	if len(seen) != len(want) {
		t.Errorf("there are %v, want %v", seen, want)
	}
	announce(w, calendar.Exceptions{calendar.Date(2026, 3, 4): calendar.Holiday})
	for _, d := range rows {
		changes := d.Unit == calendar.WorkingDay
		if got := due(w, d.StartedAt, calendar.Span{Count: d.Count, Unit: d.Unit}); got.Equal(d.DueAt) == changes {
			t.Errorf("%s after a holiday was announced: %v, before %v", d.Kind, got, d.DueAt)
		}
	}
}
