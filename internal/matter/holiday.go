package matter

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"time"

	"gorm.io/gorm"

	"yanlu/internal/calendar"
	"yanlu/internal/fault"
	"yanlu/internal/member"
	"yanlu/internal/store"
)

// The faults of changing the calendar.
var (
	ErrHolidaysStale = fault.New(fault.Conflict, "matter.holidays_stale", "放假安排在您查看之后有变动，请重新预览后再确认。")
	ErrHolidays      = fault.New(fault.Invalid, "matter.holidays", "日期重复，或同一天既添加又删除，请核对。")
)

// Holiday is a day that differs from its weekday. Each institution enters and
// confirms its own, those of the State too, so that due dates change only when
// its staff have said so.
type Holiday struct {
	InstitutionID string       `gorm:"primaryKey"`
	Day           calendar.Day `gorm:"primaryKey"`
	Kind          calendar.Kind
	Name          string
	Local         bool // of the autonomous region or the place, not of the State
}

// daysAround is how far holidays are read on either side of a period: working
// days stretch a span by less than this, the longest being six months.
const daysAround = 60

// reach is the last day that may matter to a span.
func reach(start time.Time, span calendar.Span) calendar.Day {
	return calendar.Of(start).Add(2*span.Count + daysAround)
}

// Due returns when a span that begins at start ends, by the calendar that the
// institution has confirmed.
func (s *Service) Due(ctx context.Context, c store.Conn, institutionID string, start time.Time, span calendar.Span) (time.Time, error) {
	if span.Unit != calendar.WorkingDay {
		return calendar.Calendar{}.Due(start, span), nil
	}
	days, err := exceptions(ctx, c, institutionID, calendar.Of(start), reach(start, span))
	if err != nil {
		return time.Time{}, err
	}
	cal, err := calendar.New(days)
	if err != nil {
		return time.Time{}, fmt.Errorf("read the holidays: %w", err)
	}
	return cal.Due(start, span), nil
}

// WorkingDays counts the working days after from, up to and with to, by the
// calendar that the institution has confirmed; 0 where to is not after from.
func (s *Service) WorkingDays(ctx context.Context, c store.Conn, institutionID string, from, to calendar.Day) (int, error) {
	days, err := exceptions(ctx, c, institutionID, from, to)
	if err != nil {
		return 0, err
	}
	cal, err := calendar.New(days)
	if err != nil {
		return 0, fmt.Errorf("read the holidays: %w", err)
	}
	return cal.CountWorkingDays(from, to), nil
}

func exceptions(ctx context.Context, c store.Conn, institutionID string, from, to calendar.Day) (calendar.Exceptions, error) {
	rows, err := gorm.G[Holiday](c.Gorm(ctx)).Where("institution_id = ? AND day BETWEEN ? AND ?", institutionID, from, to).Find(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the holidays: %w", err)
	}
	days := make(calendar.Exceptions, len(rows))
	for _, r := range rows {
		days[r.Day] = r.Kind
	}
	return days, nil
}

// Holidays lists the days of a year that an institution has confirmed.
func (s *Service) Holidays(ctx context.Context, institutionID string, year int) ([]Holiday, error) {
	rows, err := gorm.G[Holiday](s.db.Gorm(ctx)).Where("institution_id = ? AND day BETWEEN ? AND ?", institutionID,
		calendar.Date(year, time.January, 1), calendar.Date(year, time.December, 31)).Order("day").Find(ctx)
	if err != nil {
		return nil, fmt.Errorf("list holidays: %w", err)
	}
	return rows, nil
}

// CalendarChange is what staff want of the calendar: days that are new or
// different, and days that are to be as their weekday again.
type CalendarChange struct {
	Days   []Holiday // the institution is set by the service
	Remove []calendar.Day
}

// Shift is a deadline whose date a change of the calendar moves.
type Shift struct {
	MatterID string
	Number   *string
	Title    string
	Kind     Kind
	Label    string // of the clock: "审核"
	From, To time.Time
}

// CalendarPreview is what a change would do. Nothing is written for it.
type CalendarPreview struct {
	// Digest names the change and the days that it replaces; confirming takes it.
	Digest string
	Count  int  // of open deadlines that would move
	More   bool // there are more deadlines than were looked at
	Shifts []Shift
}

// The bounds of a preview.
const (
	previewScan  = 10_000
	previewShown = 50
)

// PreviewHolidays computes what a change of an institution's calendar would do
// to its open deadlines: how many would move, and the first fifty by their date.
// ErrHolidays tells of a change that contradicts itself.
func (s *Service) PreviewHolidays(ctx context.Context, institutionID string, change CalendarChange) (CalendarPreview, error) {
	p := CalendarPreview{}
	var err error
	if p.Digest, err = digest(ctx, s.db, institutionID, change); err != nil {
		return p, err
	}
	first := change.first()
	if first.IsZero() {
		return p, nil
	}
	var rows []struct {
		Deadline
		Number *string
		Title  string
		Of     Kind
	}
	err = s.db.Gorm(ctx).Raw(`SELECT d.*, m.number, m.title, m.kind AS "of" FROM deadlines d JOIN matters m ON m.id = d.matter_id
		WHERE d.institution_id = ? AND d.met_at IS NULL AND d.due_at >= ? AND d.unit = ? AND d.started_at < ? ORDER BY d.due_at, d.id LIMIT ?`,
		institutionID, first.Start(), calendar.WorkingDay, change.last().End(), previewScan+1).Scan(&rows).Error
	if err != nil {
		return p, fmt.Errorf("list open deadlines: %w", err)
	}
	if len(rows) > previewScan {
		p.More, rows = true, rows[:previewScan]
	}
	clocks := make([]Deadline, len(rows))
	for i, r := range rows {
		clocks[i] = r.Deadline
	}
	cal, err := s.calendarOf(ctx, s.db, institutionID, clocks, &change)
	if err != nil {
		return p, err
	}
	for _, r := range rows {
		due := cal.Due(r.StartedAt, r.span())
		if due.Equal(r.DueAt) {
			continue
		}
		p.Count++
		if len(p.Shifts) < previewShown {
			p.Shifts = append(p.Shifts, Shift{r.MatterID, r.Number, r.Title, r.Of, r.Label, r.DueAt, due})
		}
	}
	return p, nil
}

// ConfirmHolidays writes a change of an institution's calendar and moves its
// open deadlines: the first of them here, the others by Recount. The digest is
// that of the preview which staff have seen; where the days that it replaces
// are no longer the same, the answer is ErrHolidaysStale.
func (s *Service) ConfirmHolidays(ctx context.Context, tx *store.Tx, a member.Actor, change CalendarChange, seen string) error {
	if tx.Postgres() { // who confirms at the same time waits here and is stale then
		tx.Exec("SELECT 1 FROM institutions WHERE id = ? FOR NO KEY UPDATE", a.InstitutionID)
	}
	now, err := digest(ctx, tx, a.InstitutionID, change)
	if err != nil {
		return err
	}
	if now != seen {
		return ErrHolidaysStale
	}
	first := change.first()
	if first.IsZero() {
		return nil
	}
	for _, d := range change.Days {
		tx.Exec(`INSERT INTO holidays (institution_id, day, kind, name, local) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (institution_id, day) DO UPDATE SET kind = excluded.kind, name = excluded.name, local = excluded.local`,
			a.InstitutionID, d.Day, d.Kind, d.Name, d.Local)
	}
	if len(change.Remove) > 0 {
		tx.Exec("DELETE FROM holidays WHERE institution_id = ? AND day IN ?", a.InstitutionID, change.Remove)
	}
	return s.beginRecount(ctx, tx, a, first)
}

// span is the time that the deadline allows.
func (d Deadline) span() calendar.Span { return calendar.Span{Count: d.Count, Unit: d.Unit} }

// calendarOf reads the calendar that some deadlines are counted by, with the
// change laid over it where one is given.
func (s *Service) calendarOf(ctx context.Context, c store.Conn, institutionID string, clocks []Deadline, change *CalendarChange) (calendar.Calendar, error) {
	if len(clocks) == 0 {
		return calendar.Calendar{}, nil
	}
	from, to := calendar.Of(clocks[0].StartedAt), reach(clocks[0].StartedAt, clocks[0].span())
	for _, d := range clocks {
		if start := calendar.Of(d.StartedAt); start.Before(from) {
			from = start
		}
		if end := reach(d.StartedAt, d.span()); end.After(to) {
			to = end
		}
	}
	days, err := exceptions(ctx, c, institutionID, from, to)
	if err != nil {
		return calendar.Calendar{}, err
	}
	if change != nil {
		for _, d := range change.Days {
			days[d.Day] = d.Kind
		}
		for _, d := range change.Remove {
			delete(days, d)
		}
	}
	return calendar.New(days)
}

// every lists the days that the change touches, sorted.
func (c CalendarChange) every() []calendar.Day {
	all := slices.Clone(c.Remove)
	for _, d := range c.Days {
		all = append(all, d.Day)
	}
	slices.SortFunc(all, calendar.Day.Compare)
	return all
}

func (c CalendarChange) first() calendar.Day {
	if all := c.every(); len(all) > 0 {
		return all[0]
	}
	return calendar.Day{}
}

func (c CalendarChange) last() calendar.Day {
	if all := c.every(); len(all) > 0 {
		return all[len(all)-1]
	}
	return calendar.Day{}
}

// digest names a change together with what holds of its days so far.
func digest(ctx context.Context, c store.Conn, institutionID string, change CalendarChange) (string, error) {
	all := change.every()
	if len(slices.Compact(slices.Clone(all))) != len(all) {
		return "", ErrHolidays
	}
	h := sha256.New()
	_, _ = fmt.Fprintf(h, "%s\n", institutionID)
	if len(all) > 0 {
		rows, err := gorm.G[Holiday](c.Gorm(ctx)).Where("institution_id = ? AND day BETWEEN ? AND ?", institutionID, all[0], all[len(all)-1]).Order("day").Find(ctx)
		if err != nil {
			return "", fmt.Errorf("read the holidays: %w", err)
		}
		for _, r := range rows {
			_, _ = fmt.Fprintf(h, "is %s %s %q %t\n", r.Day, r.Kind, r.Name, r.Local)
		}
	}
	becomes := map[calendar.Day]string{}
	for _, d := range change.Days {
		becomes[d.Day] = fmt.Sprintf("%s %q %t", d.Kind, d.Name, d.Local)
	}
	for _, d := range change.Remove {
		becomes[d] = "removed"
	}
	for _, d := range slices.SortedFunc(maps.Keys(becomes), calendar.Day.Compare) {
		_, _ = fmt.Fprintf(h, "becomes %s %s\n", d, becomes[d])
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
