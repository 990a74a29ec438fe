package calendar

import (
	"fmt"
	"strconv"
)

// MaxCount is the highest count of a Span: ten years of days, and far above any
// rule. It keeps Due quick whatever is configured.
const MaxCount = 3660

// Unit is the unit of a Span, in the form in which it is stored.
type Unit string

// The units in which rules give time.
const (
	WorkingDay  Unit = "WORKING_DAY" // 工作日
	CalendarDay Unit = "DAY"         // 天
	Month       Unit = "MONTH"       // 月
	Hour        Unit = "HOUR"        // 小时
)

// Span is the time that a rule allows: "10 working days". It is kept beside the
// date that was computed from it, so that the date can be computed again when
// the holidays of a year are announced or changed.
type Span struct {
	Count int  `json:"count"`
	Unit  Unit `json:"unit"`
}

// WorkingDays is a span of n working days.
func WorkingDays(n int) Span { return Span{n, WorkingDay} }

// Days is a span of n days.
func Days(n int) Span { return Span{n, CalendarDay} }

// Hours is a span of n hours.
func Hours(n int) Span { return Span{n, Hour} }

// Months is a span of n months.
func Months(n int) Span { return Span{n, Month} }

// Validate returns an error unless the count is within 0 and MaxCount and the
// unit is one of those above.
func (s Span) Validate() error {
	if s.Unit.word() == "" {
		return fmt.Errorf("calendar: unknown unit %q", s.Unit)
	}
	if s.Count < 0 || s.Count > MaxCount {
		return fmt.Errorf("calendar: a span of %d is not within 0 to %d", s.Count, MaxCount)
	}
	return nil
}

// String returns the span in Chinese: "10个工作日", "7天", "4小时". An unknown unit
// is shown as it is.
func (s Span) String() string {
	word := s.Unit.word()
	if word == "" {
		word = " " + string(s.Unit)
	}
	return strconv.Itoa(s.Count) + word
}

// word returns the unit in Chinese with its measure word, or nothing if the
// unit is unknown.
func (u Unit) word() string {
	switch u {
	case WorkingDay:
		return "个工作日"
	case CalendarDay:
		return "天"
	case Month:
		return "个月"
	case Hour:
		return "小时"
	}
	return ""
}
