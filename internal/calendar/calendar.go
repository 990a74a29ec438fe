// Package calendar counts working days. It is pure: the current time, and the
// holidays that a government announces for each year, are arguments.
//
// The rule of the count is that of the Civil Code of China: the day on which a
// period begins is not counted, the day after it is the first (article 201), a
// period of months ends with the day of the same number, or else with the last of
// the month (article 202), and the last day lasts to midnight (article 203), here
// in Beijing. What article
// 203 says of a last day that is a holiday, that it moves on, is left out: the
// rules of this field that mean it say "working days".
package calendar

import (
	"fmt"
	"maps"
	"time"
)

// Kind says in which way a day is not like others of its weekday.
type Kind string

// The kinds of exception that the yearly notice on holidays (放假通知) makes.
const (
	Holiday Kind = "HOLIDAY" // nobody works, whatever the weekday
	Workday Kind = "WORKDAY" // a Saturday or Sunday on which people work (调休)
)

// Exceptions are the days that differ from their weekday. Ordinary weekdays and
// weekends need no entry.
type Exceptions map[Day]Kind

// Calendar knows which days are working days. The zero Calendar has no
// exceptions: Monday to Friday are worked. A Calendar never changes and is safe
// for use by many goroutines at once.
type Calendar struct {
	exceptions Exceptions
}

// New returns the calendar with the given exceptions, which are copied. A kind
// that is neither Holiday nor Workday is an error, as is the zero Day.
func New(exceptions Exceptions) (Calendar, error) {
	for day, kind := range exceptions {
		if day.IsZero() {
			return Calendar{}, fmt.Errorf("calendar: an exception %q without a day", kind)
		}
		if kind != Holiday && kind != Workday {
			return Calendar{}, fmt.Errorf("calendar: %s has the unknown kind %q", day, kind)
		}
	}
	return Calendar{exceptions: maps.Clone(exceptions)}, nil
}

// Working reports whether people work on day: as its exception says if it has
// one, otherwise from Monday to Friday.
func (c Calendar) Working(day Day) bool {
	switch c.exceptions[day] {
	case Holiday:
		return false
	case Workday:
		return true
	}
	weekday := day.Weekday()
	return weekday != time.Saturday && weekday != time.Sunday
}

// AddWorkingDays returns the n-th working day after from. The first working day
// after from counts as 1, whether or not from itself is worked; from is
// returned as it is for n = 0. A negative n counts the working days before from
// in the same way, which is how a reminder "two working days before" is found.
// The cost grows with n.
func (c Calendar) AddWorkingDays(from Day, n int) Day {
	step := 1
	if n < 0 {
		step = -1
	}
	day := from
	for left := n * step; left > 0; {
		day = day.Add(step)
		if c.Working(day) {
			left--
		}
	}
	return day
}

// CountWorkingDays returns how many working days lie after from, up to and with
// to; 0 where to is not after from. It is how late something is.
func (c Calendar) CountWorkingDays(from, to Day) int {
	n := 0
	for day := from.Add(1); !day.After(to); day = day.Add(1) {
		if c.Working(day) {
			n++
		}
	}
	return n
}

// Due returns the instant, as UTC, up to which something is in time that was
// asked for at start and is allowed to take span. Working days, days and months
// end with their last day in Beijing, the day of start not being counted; hours
// are exact and ignore the calendar. The result is cut to microseconds, as the
// database keeps it. Due panics where the unit of span is unknown:
// Span.Validate is asked at the edge, and a guessed deadline would be worse.
func (c Calendar) Due(start time.Time, span Span) time.Time {
	switch span.Unit {
	case WorkingDay:
		return c.AddWorkingDays(Of(start), span.Count).End()
	case CalendarDay:
		return Of(start).Add(span.Count).End()
	case Month:
		return Of(start).AddMonths(span.Count).End()
	case Hour:
		return start.Add(time.Duration(span.Count) * time.Hour).UTC().Truncate(time.Microsecond)
	default:
		panic(fmt.Sprintf("calendar: span with the unknown unit %q", span.Unit))
	}
}
