package matter

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"

	"yanlu/internal/calendar"
	"yanlu/internal/institution"
	"yanlu/internal/notify"
	"yanlu/internal/store"
)

// Reminded is one step of a deadline of which somebody was reminded. A step is
// taken once for each date that the deadline has had: one that moved is
// reminded of anew.
type Reminded struct {
	ID            string `gorm:"primaryKey"`
	InstitutionID string
	DeadlineID    string
	DueAt         time.Time
	Days          int // working days from the day on which it is due; before it, negative
	People        int // who were told; 0: nobody of the holder is on the app
	FiredAt       time.Time
}

// TableName names the table.
func (Reminded) TableName() string { return "reminders" }

// RemindDays are the steps at which people are reminded of a deadline, in
// working days from the day on which it is due: -1 is the working day before, 0
// the day itself, 3 the third working day after it.
type RemindDays struct {
	Default []int            `json:"default"`
	Kinds   map[string][]int `json:"kinds"` // by kind of deadline: "review", "reply"
}

// RemindSetting is when an institution reminds. By default: on the working day
// before, on the day, and then on each third working day, five times.
func RemindSetting() institution.Setting[RemindDays] {
	return institution.Setting[RemindDays]{
		Name: "matter.remind_days", Label: "到期提醒：到期日前后第几个工作日",
		Default: RemindDays{Default: []int{-1, 0, 3, 6, 9, 12, 15}, Kinds: map[string][]int{}},
		Check:   RemindDays.check,
	}
}

// Settings are what an institution may set of its matters, once all kinds are
// registered.
func (s *Service) Settings() []institution.AnySetting {
	return []institution.AnySetting{s.PeriodSetting(), RemindSetting(), FromLower()}
}

func (d RemindDays) check() error {
	if len(d.Kinds) > 50 {
		return errors.New("there are more than 50 kinds")
	}
	all := [][]int{d.Default}
	for _, days := range d.Kinds {
		all = append(all, days)
	}
	for _, days := range all {
		if len(days) > 20 || !slices.IsSorted(days) || len(slices.Compact(slices.Clone(days))) != len(days) {
			return errors.New("want up to 20 days, each once, in their order")
		}
		if len(days) > 0 && (days[0] < -30 || days[len(days)-1] > 250) {
			return errors.New("want days from -30 to 250")
		}
	}
	return nil
}

// of returns the steps of a kind of deadline.
func (d RemindDays) of(kind string) []int {
	if days, ok := d.Kinds[kind]; ok {
		return days
	}
	return d.Default
}

// remindHour is when on a day people are reminded, in Beijing: at work, and not
// at midnight, when a day is over by the rule.
const remindHour = 9

// remindBatch is how many deadlines are looked at in one transaction.
const remindBatch = 50

// look is one deadline that is looked at.
type look struct {
	Deadline
	fire   *int // the step to take now
	next   *time.Time
	people []string
}

// Remind looks at a batch of deadlines whose time has come, tells who holds the
// work, and plans the next look. It reports whether there is more to do at once.
// The transaction that tells people holds the deadline, so that of several
// servers one takes each step.
func (w *Watch) Remind(ctx context.Context) (more bool, err error) {
	err = w.s.db.Tx(ctx, func(tx *store.Tx) error {
		skip := ""
		if tx.Postgres() {
			skip = " FOR UPDATE SKIP LOCKED"
		}
		var due []Deadline
		err := tx.Gorm(ctx).Raw("SELECT * FROM deadlines WHERE met_at IS NULL AND remind_at <= ? ORDER BY remind_at LIMIT ?"+skip, w.s.now(), remindBatch).
			Scan(&due).Error
		if err != nil {
			return fmt.Errorf("claim reminders: %w", err)
		}
		more = len(due) == remindBatch
		by := map[string][]*look{}
		for _, d := range due {
			by[d.InstitutionID] = append(by[d.InstitutionID], &look{Deadline: d})
		}
		for institutionID, looks := range by {
			if err := w.remind(ctx, tx, institutionID, looks); err != nil {
				return err
			}
		}
		return nil
	})
	return more, err
}

// remind does what is due in one institution.
func (w *Watch) remind(ctx context.Context, tx *store.Tx, institutionID string, looks []*look) error {
	if err := w.plan(ctx, tx, institutionID, looks); err != nil {
		return err
	}
	var fire []*look
	for _, l := range looks {
		tx.Exec("UPDATE deadlines SET remind_at = ? WHERE id = ?", l.next, l.ID)
		if l.fire != nil {
			fire = append(fire, l)
		}
	}
	if len(fire) == 0 {
		return nil
	}
	if err := w.holders(ctx, tx, institutionID, fire); err != nil {
		return err
	}
	xs, err := mattersOf(ctx, tx, fire)
	if err != nil {
		return err
	}
	now := w.s.now()
	for _, l := range fire {
		tx.Insert(&Reminded{
			ID: store.NewID(), InstitutionID: institutionID, DeadlineID: l.ID, DueAt: l.DueAt, Days: *l.fire, People: len(l.people), FiredAt: now,
		})
		if len(l.people) == 0 {
			continue // staff see it among what is overdue
		}
		if err := w.s.notify.Tell(tx, w.s.reminderOf(xs[l.MatterID], l)); err != nil {
			return err
		}
	}
	return nil
}

// plan finds for each deadline the step to take now and the time of the next.
func (w *Watch) plan(ctx context.Context, tx *store.Tx, institutionID string, looks []*look) error {
	setting, err := RemindSetting().Of(ctx, tx, institutionID)
	if err != nil {
		return err
	}
	ids, from, to := []string{}, calendar.Of(looks[0].DueAt), calendar.Of(looks[0].DueAt)
	for _, l := range looks {
		ids = append(ids, l.ID)
		if d := calendar.Of(l.DueAt); d.Before(from) {
			from = d
		} else if d.After(to) {
			to = d
		}
	}
	days, err := exceptions(ctx, tx, institutionID, from.Add(-daysAround), to.Add(2*250+daysAround)) // as far as check lets a step lie
	if err != nil {
		return err
	}
	cal, err := calendar.New(days)
	if err != nil {
		return fmt.Errorf("read the holidays: %w", err)
	}
	done, err := gorm.G[Reminded](tx.Gorm(ctx)).Where("deadline_id IN ?", ids).Find(ctx)
	if err != nil {
		return fmt.Errorf("read reminders: %w", err)
	}
	for _, l := range looks {
		taken := func(step int) bool {
			return slices.ContainsFunc(done, func(x Reminded) bool { return x.DeadlineID == l.ID && x.DueAt.Equal(l.DueAt) && x.Days >= step })
		}
		l.plan(setting.of(l.Kind), cal, taken, w.s.now())
	}
	return nil
}

// plan takes of the steps whose time has come the last alone: whoever was away
// for a week is told once. What lies before the deadline began is left out.
func (l *look) plan(steps []int, cal calendar.Calendar, taken func(int) bool, now time.Time) {
	for _, step := range steps {
		at := l.remindAt(step, cal)
		if taken(step) || !at.After(l.StartedAt) {
			continue
		}
		if at.After(now) {
			l.next = &at
			return
		}
		l.fire = &step
	}
}

// remindAt is the time of a step.
func (l *look) remindAt(step int, cal calendar.Calendar) time.Time {
	if step == 0 && l.Unit == calendar.Hour {
		return l.DueAt
	}
	return cal.AddWorkingDays(calendar.Of(l.DueAt), step).Start().Add(remindHour * time.Hour)
}

// holders finds who is to be told: the people on the app of whoever is waited
// for when the reminder fires.
func (w *Watch) holders(ctx context.Context, tx *store.Tx, institutionID string, fire []*look) error {
	var ids []string
	for _, l := range fire {
		ids = append(ids, l.MatterID)
	}
	rows, err := gorm.G[Waiting](tx.Gorm(ctx)).Where("matter_id IN ?", ids).Order("id").Find(ctx)
	if err != nil {
		return fmt.Errorf("read who is waited for: %w", err)
	}
	var keys []string
	for _, x := range rows {
		keys = append(keys, x.Holder)
	}
	people, err := w.peopleOf(ctx, tx, institutionID, keys)
	if err != nil {
		return err
	}
	for _, l := range fire {
		for _, x := range rows {
			if x.MatterID == l.MatterID && same(x.AssignmentID, l.AssignmentID) {
				l.people = append(l.people, people[x.Holder]...)
			}
		}
		slices.Sort(l.people)
		l.people = slices.Compact(l.people)
	}
	return nil
}

func mattersOf(ctx context.Context, c store.Conn, looks []*look) (map[string]Matter, error) {
	var ids []string
	for _, l := range looks {
		ids = append(ids, l.MatterID)
	}
	rows, err := gorm.G[Matter](c.Gorm(ctx)).Where("id IN ?", ids).Find(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the matters of reminders: %w", err)
	}
	by := make(map[string]Matter, len(rows))
	for _, x := range rows {
		by[x.ID] = x
	}
	return by, nil
}

// reminderOf is what is said at a step of a deadline.
func (s *Service) reminderOf(x Matter, l *look) notify.Notice {
	status, when := "即将到期", fmt.Sprintf("%s到期，还有%d个工作日", chinese(l.DueAt), -*l.fire)
	switch {
	case *l.fire == 0:
		status, when = "今天到期", "今天到期"
	case *l.fire > 0:
		status, when = "已逾期", fmt.Sprintf("%s已到期，逾期%d个工作日", chinese(l.DueAt), *l.fire)
	}
	values := s.words(x, map[string]string{"status": status, "note": l.Label + status, "due": moment(l.DueAt), "time": moment(s.now())})
	return notify.Notice{
		InstitutionID: l.InstitutionID, People: l.people, Event: notify.Reminder, MatterID: l.MatterID, Kind: string(x.Kind),
		Title: l.Label + status, Body: fmt.Sprintf("“%s”的%s%s，请及时处理。", x.Title, l.Label, when), Values: values,
	}
}
