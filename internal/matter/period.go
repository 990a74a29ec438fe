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

// Periods are how long an institution gives for what is to be done, by the kind of
// matter and the kind of clock: "suggestion.review", "suggestion.reply". What is
// not among them has the length of its clock.
type Periods map[string]Period

// Period is one length.
type Period struct {
	Count int           `json:"count"` // 1–400; of months 1–36
	Unit  calendar.Unit `json:"unit"`
}

// periodsName is the name of the setting, which is also read together with the
// holidays.
const periodsName = "matter.periods"

// PeriodSetting is the lengths that an institution may set for the clocks of all
// kinds of matter, each kind apart; its default tells those that hold until then.
// A period that runs already keeps its length.
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
	if p.Unit == calendar.Month && p.Count > 36 {
		return errors.New("want a count of months from 1 to 36")
	}
	if !slices.Contains([]calendar.Unit{calendar.WorkingDay, calendar.CalendarDay, calendar.Hour, calendar.Month}, p.Unit) {
		return errors.New("want the unit WORKING_DAY, DAY, HOUR or MONTH")
	}
	return nil
}

// clocks lists the lengths of all clocks of all kinds, those of their tail among
// them.
func (s *Service) clocks() Periods {
	all := Periods{}
	for _, h := range s.heads {
		for _, c := range s.clocksOf(h) {
			all[periodName(h.Kind, c)] = Period{c.Span.Count, c.Span.Unit}
		}
	}
	return all
}

// clocksOf lists the clocks of a kind and of its tail; what runs shorter for what is
// urgent is a clock of its own.
func (s *Service) clocksOf(h Head) []workflow.Clock {
	tail := s.tailsOf[h.Kind]
	clocks := slices.Clone(tail.lengths)
	for _, t := range append([]workflow.Table{h.Flow}, tail.tables...) {
		for _, state := range t.States {
			clocks = append(clocks, state.Clock)
		}
	}
	var all []workflow.Clock
	for _, c := range clocks {
		if c.Kind == "" {
			continue
		}
		all = append(all, c)
		if c.Urgent.Count > 0 {
			urgent := c.For(true)
			urgent.Label = "加急" + c.Label
			all = append(all, urgent)
		}
	}
	return all
}

// PeriodLabel is what people call a period that may be set: "微建议：审核".
type PeriodLabel struct{ Name, Label string }

// PeriodLabels lists the periods of all kinds, as the tables have them.
func (s *Service) PeriodLabels() []PeriodLabel {
	var all []PeriodLabel
	for _, h := range s.Heads() {
		for _, c := range s.clocksOf(h) {
			x := PeriodLabel{periodName(h.Kind, c), h.Flow.Label + "：" + c.Label}
			if !slices.ContainsFunc(all, func(y PeriodLabel) bool { return y.Name == x.Name }) {
				all = append(all, x)
			}
		}
	}
	return all
}

// periodName is what the length of a clock of a kind is set by.
func periodName(k Kind, clock workflow.Clock) string { return string(k) + "." + clock.Kind }

// Span returns how long a clock runs for a matter: as its institution has set, or
// as the clock says.
func (s *Service) Span(ctx context.Context, c store.Conn, x Matter, clock workflow.Clock) (calendar.Span, error) {
	clock = clock.For(x.Urgent)
	set, err := s.PeriodSetting().Of(ctx, c, x.InstitutionID)
	if err != nil {
		return clock.Span, err
	}
	return set.of(x.Kind, clock), nil
}

func (p Periods) of(k Kind, clock workflow.Clock) calendar.Span {
	if x, ok := p[periodName(k, clock)]; ok {
		return calendar.Span{Count: x.Count, Unit: x.Unit}
	}
	return clock.Span
}

// run finds out how long a clock that begins at start runs for a matter, and until
// when. It is one query where the institution has set nothing longer:
// the setting comes with the holidays.
func (s *Service) run(ctx context.Context, c store.Conn, x Matter, clock workflow.Clock, start time.Time) (calendar.Span, time.Time, error) {
	var rows []struct {
		Day   calendar.Day
		Kind  calendar.Kind
		Value *string
	}
	from, to := calendar.Of(start), reach(start, clock.Span)
	err := c.Gorm(ctx).Raw(`SELECT day, kind, CAST(NULL AS TEXT) AS value FROM holidays WHERE institution_id = ? AND day BETWEEN ? AND ?
		UNION ALL SELECT NULL, '', value_json FROM settings WHERE institution_id = ? AND name = ?`,
		x.InstitutionID, from, to, x.InstitutionID, periodsName).Scan(&rows).Error
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
		span = set.of(x.Kind, clock)
	}
	if reach(start, span).After(to) {
		due, err := s.Due(ctx, c, x.InstitutionID, start, span)
		return span, due, err
	}
	cal, err := calendar.New(days)
	if err != nil {
		return span, time.Time{}, fmt.Errorf("read the holidays: %w", err)
	}
	return span, cal.Due(start, span), nil
}
