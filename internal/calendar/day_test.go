package calendar_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yanlu/internal/calendar"
)

func day(t testing.TB, text string) calendar.Day {
	t.Helper()
	d, err := calendar.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func instant(t testing.TB, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestOfGivesTheDateInBeijing(t *testing.T) {
	cases := map[string]struct{ at, want string }{
		"the last microsecond before midnight": {"2026-09-30T15:59:59.999999Z", "2026-09-30"},
		"midnight in Beijing":                  {"2026-09-30T16:00:00Z", "2026-10-01"},
		"noon in London":                       {"2026-09-30T12:00:00+01:00", "2026-09-30"},
		"the evening before in New York":       {"2025-12-31T12:00:00-05:00", "2026-01-01"},
		"a clock in Urumqi that shows UTC+6":   {"2026-02-28T22:30:00+06:00", "2026-03-01"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if got := calendar.Of(instant(t, c.at)).String(); got != c.want {
				t.Fatalf("Of(%s) = %s, want %s", c.at, got, c.want)
			}
		})
	}
}

func TestADayBeginsAndEndsAtMidnightInBeijing(t *testing.T) {
	d := day(t, "2026-12-31")
	if got := d.Start().Format(time.RFC3339Nano); got != "2026-12-30T16:00:00Z" {
		t.Errorf("Start = %s", got)
	}
	if got := d.End().Format(time.RFC3339Nano); got != "2026-12-31T15:59:59.999999Z" {
		t.Errorf("End = %s", got)
	}
	if calendar.Of(d.Start()) != d || calendar.Of(d.End()) != d {
		t.Error("a day does not contain its own ends")
	}
	if next := calendar.Of(d.End().Add(time.Microsecond)); next != d.Add(1) {
		t.Errorf("one microsecond after the end it is %s", next)
	}
}

func TestParseTakesOneFormOnly(t *testing.T) {
	for _, text := range []string{
		"", "2026-2-3", "2026/02/03", "20260203", "2026-02-29", "2026-13-01", "2026-00-10", "0000-01-01",
		"2026-02-03T00:00:00Z", " 2026-02-03", "2026-02-03 ", "12026-02-03", "-001-02-03", "２０２６-02-03",
	} {
		if d, err := calendar.Parse(text); err == nil || !d.IsZero() {
			t.Errorf("Parse(%q) = %v, %v", text, d, err)
		}
	}
	if got := day(t, "2028-02-29"); got != calendar.Date(2028, time.February, 29) {
		t.Errorf("a leap day is read as %v", got)
	}
}

func TestDaysAreAddedOverMonthsAndYears(t *testing.T) {
	cases := map[string]struct {
		from string
		n    int
		want string
	}{
		"none":                   {"2026-05-01", 0, "2026-05-01"},
		"over a month":           {"2026-04-30", 1, "2026-05-01"},
		"over a year":            {"2025-12-31", 1, "2026-01-01"},
		"back over a year":       {"2026-01-01", -1, "2025-12-31"},
		"over the leap day":      {"2028-02-28", 2, "2028-03-01"},
		"where there is none":    {"2026-02-28", 1, "2026-03-01"},
		"over a year of summers": {"1986-01-01", 365, "1987-01-01"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			from, want := day(t, c.from), day(t, c.want)
			if got := from.Add(c.n); got != want {
				t.Fatalf("%s + %d = %s, want %s", from, c.n, got, want)
			}
			if got := want.Sub(from); got != c.n {
				t.Fatalf("%s - %s = %d, want %d", want, from, got, c.n)
			}
		})
	}
	if got := day(t, "9999-12-31").Sub(day(t, "0001-01-01")); got != 3652058 {
		t.Errorf("all days are %d", got)
	}
}

func TestDaysAreOrdered(t *testing.T) {
	ordered := []string{"2025-12-31", "2026-01-01", "2026-01-02", "2026-02-01", "2027-01-01"}
	for i, a := range ordered {
		for j, b := range ordered {
			x, y := day(t, a), day(t, b)
			if x.Before(y) != (i < j) || x.After(y) != (i > j) || (x.Compare(y) == 0) != (i == j) {
				t.Errorf("%s and %s are in the wrong order", a, b)
			}
		}
	}
}

func TestADayTellsItsParts(t *testing.T) {
	d := day(t, "2026-10-01")
	if d.Year() != 2026 || d.Month() != time.October || d.Number() != 1 || d.Weekday() != time.Thursday {
		t.Errorf("%s is %d, %s, %d, %s", d, d.Year(), d.Month(), d.Number(), d.Weekday())
	}
}

func TestADayGoesThroughJSON(t *testing.T) {
	type paper struct {
		Signed calendar.Day         `json:"signed"`
		Sent   calendar.Day         `json:"sent"`
		Days   map[calendar.Day]int `json:"days"`
		Holi   calendar.Exceptions  `json:"holi"`
		More   []calendar.Day       `json:"more"`
		Maybe  *calendar.Day        `json:"maybe"`
		Span   calendar.Span        `json:"span"`
	}
	d := day(t, "2026-10-01")
	in := paper{
		Signed: d, Days: map[calendar.Day]int{d: 1}, Holi: calendar.Exceptions{d: calendar.Holiday},
		More: []calendar.Day{d}, Span: calendar.Span{Count: 10, Unit: calendar.WorkingDay},
	}
	text, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"signed":"2026-10-01","sent":"","days":{"2026-10-01":1},"holi":{"2026-10-01":"HOLIDAY"},` +
		`"more":["2026-10-01"],"maybe":null,"span":{"count":10,"unit":"WORKING_DAY"}}`
	if diff := cmp.Diff(want, string(text)); diff != "" {
		t.Fatal(diff)
	}
	var out paper
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(in, out, cmp.Comparer(func(a, b calendar.Day) bool { return a == b })); diff != "" {
		t.Fatal(diff)
	}
	if err := json.Unmarshal([]byte(`{"signed":"1. 10. 2026"}`), &out); err == nil {
		t.Error("a date of another form was read")
	}
	if _, err := json.Marshal(calendar.Date(10000, 1, 1)); err == nil {
		t.Error("a year of five digits was written")
	}
}

func TestScanReadsWhatDriversGive(t *testing.T) {
	shanghai := time.FixedZone("", 8*60*60)
	cases := map[string]struct {
		source any
		want   string
		refuse bool
	}{
		"text":                            {source: "2026-10-01", want: "2026-10-01"},
		"bytes":                           {source: []byte("2026-10-01"), want: "2026-10-01"},
		"NULL":                            {source: nil, want: ""},
		"DATE of PostgreSQL":              {source: time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC), want: "2026-10-01"},
		"DATE in a zone of the driver":    {source: time.Date(2026, 10, 1, 0, 0, 0, 0, shanghai), want: "2026-10-01"},
		"an instant":                      {source: time.Date(2026, 10, 1, 16, 0, 0, 0, time.UTC), refuse: true},
		"an instant one microsecond late": {source: time.Date(2026, 10, 1, 0, 0, 0, 1000, time.UTC), refuse: true},
		"an empty text":                   {source: "", refuse: true},
		"a number":                        {source: int64(20261001), refuse: true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			var got calendar.Day
			err := got.Scan(c.source)
			if (err != nil) != c.refuse || got.String() != c.want {
				t.Fatalf("Scan = %q, %v", got, err)
			}
		})
	}
}

func TestTheDatabaseGetsTextOrNull(t *testing.T) {
	if v, err := day(t, "2026-10-01").Value(); err != nil || v != "2026-10-01" {
		t.Errorf("Value = %v, %v", v, err)
	}
	if v, err := (calendar.Day{}).Value(); err != nil || v != nil {
		t.Errorf("Value of no day = %v, %v", v, err)
	}
	if v, err := calendar.Date(-1, 1, 1).Value(); err == nil {
		t.Errorf("a year before the first was stored as %v", v)
	}
}
