package calendar_test

import (
	"testing"
	"time"

	"yanlu/internal/calendar"
)

// FuzzWorkingDaysKeepTheirPromises holds, for calendars made of the fuzzer's
// bytes, what is true of every count of working days.
func FuzzWorkingDaysKeepTheirPromises(f *testing.F) {
	f.Add([]byte{}, int16(0), uint8(0))
	f.Add([]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, int16(20361), uint8(10))
	f.Add([]byte{255, 254, 253, 128, 64, 32, 16, 8}, int16(-400), uint8(60))
	f.Add([]byte{1, 1, 1, 1, 1, 1, 1}, int16(364), uint8(3))

	f.Fuzz(func(t *testing.T, marks []byte, offset int16, count uint8) {
		from := calendar.Date(1970, time.January, 1).Add(int(offset))
		exceptions := calendar.Exceptions{}
		for i, mark := range marks { // a third each: holiday, workday, as it is
			switch mark % 3 {
			case 0:
				exceptions[from.Add(i-len(marks)/2)] = calendar.Holiday
			case 1:
				exceptions[from.Add(i-len(marks)/2)] = calendar.Workday
			}
		}
		c, err := calendar.New(exceptions)
		if err != nil {
			t.Fatal(err)
		}
		n := int(count)

		end := c.AddWorkingDays(from, n)
		if n > 0 && !c.Working(end) {
			t.Fatalf("%s + %d ends on %s, which is not worked", from, n, end)
		}
		if next := c.AddWorkingDays(from, n+1); !next.After(end) {
			t.Fatalf("one more working day moves %s to %s", end, next)
		}
		if later := c.AddWorkingDays(from.Add(1), n); later.Before(end) {
			t.Fatalf("starting a day later ends earlier: %s, not %s", later, end)
		}
		worked := 0
		for d := from.Add(1); !d.After(end); d = d.Add(1) {
			if c.Working(d) {
				worked++
			}
		}
		if worked != n {
			t.Fatalf("between %s and %s are %d working days, not %d", from, end, worked, n)
		}
		if half := c.AddWorkingDays(c.AddWorkingDays(from, n/2), n-n/2); half != end {
			t.Fatalf("in two steps it is %s, in one %s", half, end)
		}
		if c.Working(from) && c.AddWorkingDays(end, -n) != from {
			t.Fatalf("%d back from %s is not %s", n, end, from)
		}

		start := from.Start().Add(9 * time.Hour)
		due := c.Due(start, calendar.Span{Count: n, Unit: calendar.WorkingDay})
		if calendar.Of(due) != end || calendar.Of(due.Add(time.Microsecond)) == end {
			t.Fatalf("due at %s, which is not the end of %s", due, end)
		}
	})
}

func FuzzADayComesBackFromItsText(f *testing.F) {
	f.Add("2026-10-01")
	f.Add("0001-01-01")
	f.Add("9999-12-31")
	f.Add("2026-02-30")
	f.Fuzz(func(t *testing.T, text string) {
		d, err := calendar.Parse(text)
		if err != nil {
			return
		}
		if d.String() != text {
			t.Fatalf("%q is read as %s", text, d)
		}
		var again calendar.Day
		if err := again.Scan(text); err != nil || again != d {
			t.Fatalf("Scan(%q) = %s, %v", text, again, err)
		}
	})
}
