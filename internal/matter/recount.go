package matter

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"gorm.io/gorm"

	"yanlu/internal/calendar"
	"yanlu/internal/member"
	"yanlu/internal/store"
	"yanlu/internal/workflow"
)

// Recounting is an institution whose open deadlines are being computed again,
// in batches. It goes over them twice: a deadline that was begun at the very
// moment of the change may still have read the old days, and is found by the
// second pass, when whatever was under way then has ended.
type Recounting struct {
	InstitutionID string `gorm:"primaryKey"`
	PersonID      string // who confirmed the change
	PersonName    string
	FromDay       calendar.Day // what was due before it is not touched
	Pass          int          // 1 or 2
	AfterDue      time.Time    // where the batch before ended
	AfterID       string
	NextAt        time.Time
}

// TableName names the table.
func (Recounting) TableName() string { return "recounts" }

const (
	// recountBatch is how many deadlines move in one transaction.
	recountBatch = 100
	// recountAgain is when the second pass begins: longer than a request lasts.
	recountAgain = 2 * time.Minute
)

// beginRecount queues the recount of an institution and does its first batch.
func (s *Service) beginRecount(ctx context.Context, tx *store.Tx, a member.Actor, from calendar.Day) error {
	now := s.now()
	tx.Exec(`INSERT INTO recounts (institution_id, person_id, person_name, from_day, pass, after_due, after_id, next_at) VALUES (?, ?, ?, ?, 1, ?, '', ?)
		ON CONFLICT (institution_id) DO UPDATE SET person_id = excluded.person_id, person_name = excluded.person_name,
			from_day = CASE WHEN recounts.from_day < excluded.from_day THEN recounts.from_day ELSE excluded.from_day END,
			pass = 1, after_due = excluded.after_due, after_id = '', next_at = excluded.next_at`,
		a.InstitutionID, a.PersonID, a.Name, from, time.Unix(0, 0).UTC(), now)
	r, err := gorm.G[Recounting](tx.Gorm(ctx)).Where("institution_id = ?", a.InstitutionID).First(ctx)
	if err != nil {
		return fmt.Errorf("begin a recount: %w", err)
	}
	return s.recount(ctx, tx, r)
}

// Recount computes a batch of the open deadlines of one institution again whose
// calendar was changed, and reports whether there is more to do at once. The
// transaction is the claim: of several servers one at a time has an institution.
func (s *Service) Recount(ctx context.Context) (more bool, err error) {
	err = s.db.Tx(ctx, func(tx *store.Tx) error {
		skip := ""
		if tx.Postgres() {
			skip = " FOR UPDATE SKIP LOCKED"
		}
		var due []Recounting
		if err := tx.Gorm(ctx).Raw("SELECT * FROM recounts WHERE next_at <= ? ORDER BY next_at LIMIT 1"+skip, s.now()).Scan(&due).Error; err != nil {
			return fmt.Errorf("claim a recount: %w", err)
		}
		if len(due) == 0 {
			return nil
		}
		more = true
		return s.recount(ctx, tx, due[0])
	})
	return more, err
}

// recount does the next batch of r and writes down how far it came.
func (s *Service) recount(ctx context.Context, tx *store.Tx, r Recounting) error {
	clocks, err := gorm.G[Deadline](tx.Gorm(ctx)).
		Where("institution_id = ? AND met_at IS NULL AND due_at >= ? AND unit = ? AND (due_at, id) > (?, ?)",
			r.InstitutionID, r.FromDay.Start(), calendar.WorkingDay, r.AfterDue, cursorID(r.AfterID)).
		Order("due_at, id").Limit(recountBatch).Find(ctx)
	if err != nil {
		return fmt.Errorf("list deadlines to count again: %w", err)
	}
	if err := s.recountThese(ctx, tx, r, clocks); err != nil {
		return err
	}
	switch {
	case len(clocks) == recountBatch:
		last := clocks[len(clocks)-1]
		tx.Exec("UPDATE recounts SET after_due = ?, after_id = ? WHERE institution_id = ?", last.DueAt, last.ID, r.InstitutionID)
	case r.Pass == 1:
		tx.Exec("UPDATE recounts SET pass = 2, after_due = ?, after_id = '', next_at = ? WHERE institution_id = ?",
			time.Unix(0, 0).UTC(), s.now().Add(recountAgain), r.InstitutionID)
	default:
		tx.Exec("DELETE FROM recounts WHERE institution_id = ?", r.InstitutionID)
	}
	return nil
}

// cursorID is an identifier that PostgreSQL can compare: none is the first.
func cursorID(id string) string {
	if id == "" {
		return "00000000-0000-0000-0000-000000000000"
	}
	return id
}

// recountThese moves those of some deadlines whose date is another by the
// calendar that now holds, with who waits for them, and notes it in the
// timelines. Their matters are locked first, as by every move.
func (s *Service) recountThese(ctx context.Context, tx *store.Tx, r Recounting, found []Deadline) error {
	ids := make([]string, 0, len(found))
	matters := map[string]bool{}
	for _, d := range found {
		ids = append(ids, d.ID)
		matters[d.MatterID] = true
	}
	if len(ids) == 0 {
		return nil
	}
	locked := slices.Sorted(maps.Keys(matters))
	if tx.Postgres() {
		tx.Exec("SELECT 1 FROM matters WHERE id IN ? ORDER BY id FOR NO KEY UPDATE", locked)
	}
	clocks, err := gorm.G[Deadline](tx.Gorm(ctx)).Where("id IN ? AND met_at IS NULL", ids).Order("id").Find(ctx)
	if err != nil {
		return fmt.Errorf("read deadlines to count again: %w", err)
	}
	cal, err := s.calendarOf(ctx, tx, r.InstitutionID, clocks, nil)
	if err != nil {
		return err
	}
	moved := map[string]string{}
	for _, d := range clocks {
		due := cal.Due(d.StartedAt, d.span())
		if due.Equal(d.DueAt) {
			continue
		}
		s.reschedule(tx, d, due)
		if moved[d.MatterID] != "" {
			moved[d.MatterID] += "；"
		}
		moved[d.MatterID] += fmt.Sprintf("%s期限由%s改为%s", d.Label, chinese(d.DueAt), chinese(due))
	}
	return s.noteRecount(ctx, tx, r, moved)
}

// noteRecount writes a line into the timeline of each matter whose deadlines
// moved.
func (s *Service) noteRecount(ctx context.Context, tx *store.Tx, r Recounting, moved map[string]string) error {
	if len(moved) == 0 {
		return nil
	}
	ids := slices.Sorted(maps.Keys(moved))
	xs, err := gorm.G[Matter](tx.Gorm(ctx)).Where("institution_id = ? AND id IN ?", r.InstitutionID, ids).Order("id").Find(ctx)
	if err != nil {
		return fmt.Errorf("read the matters of moved deadlines: %w", err)
	}
	by := member.Actor{PersonID: r.PersonID, Name: r.PersonName}
	for _, x := range xs {
		tx.Insert(beside(x, by, workflow.Handlers, "recount", "放假安排调整", moved[x.ID], s.now()))
	}
	return nil
}

// reschedule gives a deadline another date. Who waits for it follows, and so do
// its reminders and what the system does when it runs out.
func (s *Service) reschedule(tx *store.Tx, d Deadline, due time.Time) {
	if due.Equal(d.DueAt) && d.MetAt == nil {
		return
	}
	var then *time.Time
	if d.ThenAt != nil {
		then = &due
	}
	tx.Exec("UPDATE deadlines SET due_at = ?, remind_at = ?, then_at = ? WHERE id = ?", due, s.now(), then, d.ID)
	own, args := "assignment_id IS NULL", []any{due, d.MatterID, d.Kind}
	if d.AssignmentID != nil {
		own, args = "assignment_id = ?", append(args, *d.AssignmentID)
	}
	tx.Exec("UPDATE waiting SET due_at = ? WHERE matter_id = ? AND step = ? AND "+own, args...)
}

// chinese writes the day of an instant as people say it: 3月5日.
func chinese(t time.Time) string {
	d := calendar.Of(t)
	return fmt.Sprintf("%d月%d日", d.Month(), d.Number())
}
