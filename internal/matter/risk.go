package matter

import (
	"fmt"
	"time"

	"yanlu/internal/calendar"
	"yanlu/internal/store"
)

// Risk says how near the end of a period is.
type Risk string

// The risks, the highest first.
const (
	Overdue  Risk = "OVERDUE"
	DueToday Risk = "TODAY"
	DueSoon  Risk = "SOON" // its last working day, or the free days before that, have begun
	InTime   Risk = "NORMAL"
)

// Label returns the words for a risk.
func (r Risk) Label() string {
	return map[Risk]string{Overdue: "已逾期", DueToday: "今天到期", DueSoon: "即将到期", InTime: "期限内"}[r]
}

// horizon tells the risk of due dates, as of one moment and by the calendar of
// one institution.
type horizon struct{ now, today, soon time.Time }

// soonSpan is what is left of a period that is due soon.
var soonSpan = calendar.WorkingDays(1)

func newHorizon(now time.Time, cal calendar.Calendar) horizon {
	return horizon{now: now, today: calendar.Of(now).End(), soon: cal.Due(now, soonSpan)}
}

// risk tells how near a due date is. What is due at this moment is in time.
func (h horizon) risk(due time.Time) Risk {
	switch {
	case due.Before(h.now):
		return Overdue
	case !due.After(h.today):
		return DueToday
	case !due.After(h.soon):
		return DueSoon
	}
	return InTime
}

// horizonRead is a horizon whose holidays are in a batch.
type horizonRead struct {
	now  time.Time
	days []Holiday
}

// loadHorizon adds the query for a horizon to a batch.
func (s *Service) loadHorizon(b *store.Batch, institutionID string) *horizonRead {
	h := &horizonRead{now: s.now()}
	store.Read(b, &h.days, "SELECT * FROM holidays WHERE institution_id = ? AND day BETWEEN ? AND ?", institutionID, calendar.Of(h.now), reach(h.now, soonSpan))
	return h
}

// horizon returns the horizon, once the batch has run.
func (h *horizonRead) horizon() (horizon, error) {
	days := make(calendar.Exceptions, len(h.days))
	for _, d := range h.days {
		days[d.Day] = d.Kind
	}
	cal, err := calendar.New(days)
	if err != nil {
		return horizon{}, fmt.Errorf("read the holidays: %w", err)
	}
	return newHorizon(h.now, cal), nil
}
