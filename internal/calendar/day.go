package calendar

import (
	"cmp"
	"fmt"
	"time"
)

// layout is the text form of a Day.
const layout = "2006-01-02"

// Beijing returns the time zone of every civil date in this package, UTC+8
// without summer time. China has one official time, in Xinjiang too, where many
// clocks follow UTC+6 in private life; deadlines and papers follow Beijing. The
// zone is fixed rather than loaded, so that it works without zone files.
func Beijing() *time.Location { return time.FixedZone("CST", 8*60*60) }

// Day is one civil date in Beijing. Days can be compared with == and used as
// keys of a map. The zero Day is no day: IsZero reports it, its text is empty,
// and in the database it is NULL.
type Day struct {
	year  int
	month time.Month
	day   int
}

// Date returns the day with the given numbers. Numbers out of their range are
// carried over as in time.Date: 31 November is 1 December.
func Date(year int, month time.Month, day int) Day {
	return of(time.Date(year, month, day, 0, 0, 0, 0, time.UTC))
}

// Of returns the day that it is in Beijing at the instant t.
func Of(t time.Time) Day { return of(t.In(Beijing())) }

// of takes the date of t as it stands, in whatever zone.
func of(t time.Time) Day {
	year, month, day := t.Date()
	return Day{year: year, month: month, day: day}
}

// Parse reads a day in the form 2006-01-02, years 0001 to 9999. The error
// repeats the text that was given.
func Parse(text string) (Day, error) {
	t, err := time.Parse(layout, text)
	if err != nil || t.Year() < 1 {
		return Day{}, fmt.Errorf("calendar: %q is not a date such as 2006-01-02", text)
	}
	return of(t), nil
}

// IsZero reports whether d is the zero Day, which is no day.
func (d Day) IsZero() bool { return d == Day{} }

// String returns the day in the form 2006-01-02, or nothing for the zero Day.
func (d Day) String() string {
	if d.IsZero() {
		return ""
	}
	return d.at(time.UTC).Format(layout)
}

// Year returns the year of d.
func (d Day) Year() int { return d.year }

// Month returns the month of d.
func (d Day) Month() time.Month { return d.month }

// Number returns the number of d in its month, 1 to 31.
func (d Day) Number() int { return d.day }

// Weekday returns the day of the week.
func (d Day) Weekday() time.Weekday { return d.at(time.UTC).Weekday() }

// Add returns the day n days later, or earlier where n is negative.
func (d Day) Add(n int) Day { return Date(d.year, d.month, d.day+n) }

// AddMonths returns the day of the same number n months later, or earlier where n
// is negative; the last day of that month where it has no such day.
func (d Day) AddMonths(n int) Day {
	last := Date(d.year, d.month+time.Month(n)+1, 0)
	return Date(last.year, last.month, min(d.day, last.day))
}

// Sub returns the number of days from other to d, negative if d is earlier.
func (d Day) Sub(other Day) int {
	const secondsOfDay = 24 * 60 * 60 // a time.Duration would end at 292 years
	return int((d.at(time.UTC).Unix() - other.at(time.UTC).Unix()) / secondsOfDay)
}

// Compare returns -1 if d is before other, 0 if they are one day, and 1 if d is
// after other.
func (d Day) Compare(other Day) int {
	return cmp.Or(cmp.Compare(d.year, other.year), cmp.Compare(d.month, other.month), cmp.Compare(d.day, other.day))
}

// Before reports whether d is earlier than other.
func (d Day) Before(other Day) bool { return d.Compare(other) < 0 }

// After reports whether d is later than other.
func (d Day) After(other Day) bool { return d.Compare(other) > 0 }

// Start returns the first instant of the day in Beijing, as UTC.
func (d Day) Start() time.Time { return d.at(Beijing()).UTC() }

// End returns the last microsecond of the day in Beijing, as UTC: what is done
// up to End is in time. Microseconds are what the database keeps.
func (d Day) End() time.Time { return d.Add(1).Start().Add(-time.Microsecond) }

// at returns the midnight with which d begins in the given zone.
func (d Day) at(zone *time.Location) time.Time {
	return time.Date(d.year, d.month, d.day, 0, 0, 0, 0, zone)
}
