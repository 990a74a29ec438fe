package matter

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"yanlu/internal/calendar"
	"yanlu/internal/institution"
	"yanlu/internal/store"
	"yanlu/internal/workflow"
)

// Periods are how long an institution gives for what is to be done, by kind of
// clock: "review", "reply". What is not among them has the length of its clock.
type Periods map[string]Period

// Period is one length.
type Period struct {
	Count int           `json:"count"` // 1–400
	Unit  calendar.Unit `json:"unit"`
}

// periodsName is the name of the setting, which is also read together with the
// holidays.
const periodsName = "matter.periods"

// PeriodSetting is the lengths that an institution may set for the clocks of all
// kinds of matter; its default tells those that hold until then. A period that
// runs already keeps its length.
func (s *Service) PeriodSetting() institution.Setting[Periods] {
	known := s.clocks()
	return institution.Setting[Periods]{
		Name: periodsName, Label: "办理期限", Default: known,
		Check: func(p Periods) error {
			for kind, x := range p {
				if _, ok := known[kind]; !ok {
					return fmt.Errorf("there is no period called %q", kind)
				}
				if err := x.check(); err != nil {
					return fmt.Errorf("period %s: %w", kind, err)
				}
			}
			return nil
		},
	}
}

func (p Period) check() error {
	if p.Count < 1 || p.Count > 400 {
		return errors.New("want a count from 1 to 400")
	}
	if !slices.Contains([]calendar.Unit{calendar.WorkingDay, calendar.CalendarDay, calendar.Hour}, p.Unit) {
		return errors.New("want the unit WORKING_DAY, DAY or HOUR")
	}
	return nil
}

// clocks lists the lengths of all clocks of all tables.
func (s *Service) clocks() Periods {
	tables := slices.Clone(s.tails)
	for _, h := range s.heads {
		tables = append(tables, h.Flow)
	}
	all := Periods{}
	for _, t := range tables {
		for _, state := range t.States {
			if c := state.Clock; c.Kind != "" {
				all[c.Kind] = Period{c.Span.Count, c.Span.Unit}
				if c.Urgent.Count > 0 {
					all[c.UrgentKind()] = Period{c.Urgent.Count, c.Urgent.Unit}
				}
			}
		}
	}
	return all
}

// Span returns how long a clock runs in an institution.
func (s *Service) Span(ctx context.Context, c store.Conn, institutionID string, clock workflow.Clock) (calendar.Span, error) {
	set, err := s.PeriodSetting().Of(ctx, c, institutionID)
	if err != nil {
		return clock.Span, err
	}
	return set.of(clock), nil
}

func (p Periods) of(clock workflow.Clock) calendar.Span {
	if x, ok := p[clock.Kind]; ok {
		return calendar.Span{Count: x.Count, Unit: x.Unit}
	}
	return clock.Span
}

// run finds out how long a clock that begins at start runs in an institution,
// and until when. It is one query where the institution has set nothing longer:
// the setting comes with the holidays.
func (s *Service) run(ctx context.Context, c store.Conn, institutionID string, clock workflow.Clock, start time.Time) (calendar.Span, time.Time, error) {
	var rows []struct {
		Day   calendar.Day
		Kind  calendar.Kind
		Value *string
	}
	from, to := calendar.Of(start), reach(start, clock.Span)
	err := c.Gorm(ctx).Raw(`SELECT day, kind, CAST(NULL AS TEXT) AS value FROM holidays WHERE institution_id = ? AND day BETWEEN ? AND ?
		UNION ALL SELECT NULL, '', value_json FROM settings WHERE institution_id = ? AND name = ?`,
		institutionID, from, to, institutionID, periodsName).Scan(&rows).Error
	if err != nil {
		return clock.Span, time.Time{}, fmt.Errorf("read the holidays and periods: %w", err)
	}
	span, days := clock.Span, calendar.Exceptions{}
	for _, r := range rows {
		if r.Value == nil {
			days[r.Day] = r.Kind
			continue
		}
		var set Periods
		if err := json.Unmarshal([]byte(*r.Value), &set); err != nil {
			return span, time.Time{}, fmt.Errorf("read the periods: %w", err)
		}
		span = set.of(clock)
	}
	if reach(start, span).After(to) {
		due, err := s.Due(ctx, c, institutionID, start, span)
		return span, due, err
	}
	cal, err := calendar.New(days)
	if err != nil {
		return span, time.Time{}, fmt.Errorf("read the holidays: %w", err)
	}
	return span, cal.Due(start, span), nil
}
