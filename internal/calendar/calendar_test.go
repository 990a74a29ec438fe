package calendar_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yanlu/internal/calendar"
)

// of2025 has the National Day week, the Spring Festival and the year ends as the
// State Council's notices for 2025 and 2026 set them.
func of2025(t testing.TB) calendar.Calendar {
	t.Helper()
	exceptions := calendar.Exceptions{}
	put := func(kind calendar.Kind, days ...string) {
		for _, text := range days {
			exceptions[day(t, text)] = kind
		}
	}
	put(calendar.Holiday, "2025-01-01")
	put(calendar.Workday, "2025-01-26", "2025-02-08")
	for d := day(t, "2025-01-28"); !d.After(day(t, "2025-02-04")); d = d.Add(1) {
		exceptions[d] = calendar.Holiday
	}
	put(calendar.Workday, "2025-09-28", "2025-10-11")
	for d := day(t, "2025-10-01"); !d.After(day(t, "2025-10-08")); d = d.Add(1) {
		exceptions[d] = calendar.Holiday
	}
	put(calendar.Holiday, "2026-01-01", "2026-01-02", "2026-01-03")
	put(calendar.Workday, "2026-01-04")
	c, err := calendar.New(exceptions)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestNewRefusesWhatIsNoException(t *testing.T) {
	cases := map[string]struct {
		exceptions calendar.Exceptions
		says       string
	}{
		"an unknown kind": {calendar.Exceptions{day(t, "2026-10-01"): "holiday"}, "2026-10-01"},
		"an empty kind":   {calendar.Exceptions{day(t, "2026-10-01"): ""}, "unknown kind"},
		"no day":          {calendar.Exceptions{{}: calendar.Holiday}, "without a day"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if _, err := calendar.New(c.exceptions); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Fatalf("New: %v", err)
			}
		})
	}
}

func TestACalendarDoesNotChangeWithItsSource(t *testing.T) {
	d := day(t, "2026-10-01")
	exceptions := calendar.Exceptions{d: calendar.Holiday}
	c, err := calendar.New(exceptions)
	if err != nil {
		t.Fatal(err)
	}
	delete(exceptions, d)
	if c.Working(d) {
		t.Fatal("the caller's map is still used")
	}
}

func TestWorkingFollowsTheExceptionThenTheWeekday(t *testing.T) {
	cases := map[string]struct {
		day  string
		want bool
	}{
		"an ordinary Monday":       {"2025-09-22", true},
		"an ordinary Friday":       {"2025-09-26", true},
		"an ordinary Saturday":     {"2025-09-27", false},
		"a Sunday that is made up": {"2025-09-28", true},
		"National Day":             {"2025-10-01", false},
		"the last of the week off": {"2025-10-08", false},
		"the first day back":       {"2025-10-09", true},
		"a Saturday made up":       {"2025-10-11", true},
		"the Sunday after it":      {"2025-10-12", false},
		"New Year":                 {"2026-01-01", false},
		"a year without a notice":  {"2027-10-01", true},
	}
	c := of2025(t)
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := c.Working(day(t, tc.day)); got != tc.want {
				t.Fatalf("Working(%s) = %v", tc.day, got)
			}
		})
	}
}

func TestAddWorkingDaysSkipsWhatIsNotWorked(t *testing.T) {
	cases := map[string]struct {
		from string
		n    int
		want string
	}{
		"none from a working day":               {"2025-09-29", 0, "2025-09-29"},
		"none from a holiday stays":             {"2025-10-01", 0, "2025-10-01"},
		"the next day counts as one":            {"2025-09-22", 1, "2025-09-23"},
		"a week of five":                        {"2025-09-15", 5, "2025-09-22"},
		"from a Friday to a Sunday made up":     {"2025-09-26", 1, "2025-09-28"},
		"over the National Day week":            {"2025-09-30", 1, "2025-10-09"},
		"from within the week off":              {"2025-10-03", 1, "2025-10-09"},
		"ending on a Saturday made up":          {"2025-09-30", 3, "2025-10-11"},
		"beyond that Saturday, over its Sunday": {"2025-09-30", 4, "2025-10-13"},
		"ten over the National Day week":        {"2025-09-28", 10, "2025-10-17"},
		"over the Spring Festival":              {"2025-01-24", 3, "2025-02-05"},
		"over the end of the year":              {"2025-12-31", 1, "2026-01-04"},
		"ten over the end of the year":          {"2025-12-24", 10, "2026-01-08"},
		"from a Saturday":                       {"2025-09-20", 1, "2025-09-22"},
		"one back over the week off":            {"2025-10-09", -1, "2025-09-30"},
		"two back to a Sunday made up":          {"2025-09-30", -2, "2025-09-28"},
		"back from a holiday":                   {"2025-10-05", -1, "2025-09-30"},
		"back over the end of the year":         {"2026-01-04", -1, "2025-12-31"},
	}
	c := of2025(t)
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := c.AddWorkingDays(day(t, tc.from), tc.n).String(); got != tc.want {
				t.Fatalf("%s + %d = %s, want %s", tc.from, tc.n, got, tc.want)
			}
		})
	}
}

func TestTheZeroCalendarWorksFromMondayToFriday(t *testing.T) {
	var c calendar.Calendar
	if got := c.AddWorkingDays(day(t, "2025-09-30"), 1).String(); got != "2025-10-01" {
		t.Fatalf("without a notice the next working day is %s", got)
	}
}

func TestDueEndsWithTheDayOrOnTheHour(t *testing.T) {
	cases := map[string]struct {
		start string
		span  calendar.Span
		want  string
	}{
		"ten working days":           {"2025-09-28T09:30:00+08:00", calendar.Span{Count: 10, Unit: calendar.WorkingDay}, "2025-10-17T15:59:59.999999Z"},
		"seven days end on any day":  {"2025-09-26T23:59:59+08:00", calendar.Span{Count: 7, Unit: calendar.CalendarDay}, "2025-10-03T15:59:59.999999Z"},
		"just after midnight":        {"2025-09-27T00:00:00+08:00", calendar.Span{Count: 7, Unit: calendar.CalendarDay}, "2025-10-04T15:59:59.999999Z"},
		"three months":               {"2026-03-03T10:00:00+08:00", calendar.Span{Count: 3, Unit: calendar.Month}, "2026-06-03T15:59:59.999999Z"},
		"a month that is shorter":    {"2026-11-30T10:00:00+08:00", calendar.Span{Count: 3, Unit: calendar.Month}, "2027-02-28T15:59:59.999999Z"},
		"a month in a leap year":     {"2027-08-31T10:00:00+08:00", calendar.Span{Count: 6, Unit: calendar.Month}, "2028-02-29T15:59:59.999999Z"},
		"from the end of a month on": {"2026-02-28T10:00:00+08:00", calendar.Span{Count: 1, Unit: calendar.Month}, "2026-03-28T15:59:59.999999Z"},
		"four hours":                 {"2025-09-30T22:15:00.25+08:00", calendar.Span{Count: 4, Unit: calendar.Hour}, "2025-09-30T18:15:00.25Z"},
		"hours cut to microseconds":  {"2025-09-30T22:15:00.123456789+08:00", calendar.Span{Count: 1, Unit: calendar.Hour}, "2025-09-30T15:15:00.123456Z"},
		"a start of the day before":  {"2025-09-30T16:00:00Z", calendar.Span{Count: 1, Unit: calendar.WorkingDay}, "2025-10-09T15:59:59.999999Z"},
		"no working days: today":     {"2025-10-01T10:00:00+08:00", calendar.Span{Count: 0, Unit: calendar.WorkingDay}, "2025-10-01T15:59:59.999999Z"},
		"days over the end of years": {"2025-12-31T12:00:00+08:00", calendar.Span{Count: 1, Unit: calendar.CalendarDay}, "2026-01-01T15:59:59.999999Z"},
	}
	c := of2025(t)
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got := c.Due(instant(t, tc.start), tc.span)
			if text := got.Format(time.RFC3339Nano); text != tc.want || got.Location() != time.UTC {
				t.Fatalf("Due(%s, %s) = %s, want %s", tc.start, tc.span, text, tc.want)
			}
		})
	}
}

func TestDueRefusesToGuessAUnit(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Fatal("a deadline was made of an unknown unit")
		}
	}()
	calendar.Calendar{}.Due(time.Unix(0, 0), calendar.Span{Count: 3, Unit: "WEEK"})
}

func TestASpanIsValidatedAndPrintedInChinese(t *testing.T) {
	cases := map[string]struct {
		span  calendar.Span
		text  string
		valid bool
	}{
		"working days":   {calendar.Span{Count: 10, Unit: calendar.WorkingDay}, "10个工作日", true},
		"days":           {calendar.Span{Count: 7, Unit: calendar.CalendarDay}, "7天", true},
		"months":         {calendar.Span{Count: 6, Unit: calendar.Month}, "6个月", true},
		"hours":          {calendar.Span{Count: 4, Unit: calendar.Hour}, "4小时", true},
		"none":           {calendar.Span{Count: 0, Unit: calendar.Hour}, "0小时", true},
		"the most":       {calendar.Span{Count: calendar.MaxCount, Unit: calendar.CalendarDay}, "3660天", true},
		"more":           {calendar.Span{Count: calendar.MaxCount + 1, Unit: calendar.CalendarDay}, "3661天", false},
		"negative":       {calendar.Span{Count: -1, Unit: calendar.WorkingDay}, "-1个工作日", false},
		"a unit unknown": {calendar.Span{Count: 2, Unit: "WEEK"}, "2 WEEK", false},
		"nothing":        {calendar.Span{}, "0 ", false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.text, c.span.String()); diff != "" {
				t.Error(diff)
			}
			if err := c.span.Validate(); (err == nil) != c.valid {
				t.Errorf("Validate: %v", err)
			}
		})
	}
}
