package matter

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"yanlu/internal/calendar"
	"yanlu/internal/member"
	"yanlu/internal/store"
	"yanlu/internal/workflow"
)

// Start begins a deadline of a matter, or of one assignment of it. It runs as
// long as given says, or, where that is zero, as the institution has set.
func (s *Service) Start(ctx context.Context, tx *store.Tx, x Matter, assignmentID *string, clock workflow.Clock, given calendar.Span, now time.Time) (time.Time, error) {
	span, due, err := s.length(ctx, tx, x, clock, given, now)
	if err != nil {
		return time.Time{}, err
	}
	look := s.now()
	d := Deadline{
		ID: store.NewID(), InstitutionID: x.InstitutionID, MatterID: x.ID, AssignmentID: assignmentID,
		Kind: clock.Kind, Label: clock.Label, Public: clock.Public, Count: span.Count, Unit: span.Unit, StartedAt: now, DueAt: due,
		RemindAt: &look,
	}
	if clock.Then != "" {
		d.ThenAt = &due
	}
	tx.Insert(&d)
	return due, nil
}

func (s *Service) length(ctx context.Context, tx *store.Tx, x Matter, clock workflow.Clock, given calendar.Span, now time.Time) (calendar.Span, time.Time, error) {
	if given.Count == 0 {
		return s.run(ctx, tx.Peek(), x, clock.For(x.Urgent), now)
	}
	due, err := s.Due(ctx, tx.Peek(), x.InstitutionID, now, given)
	return given, due, err
}

// late returns ErrNotLate for an action that is for when the clock of the state has
// run out, while it runs.
func (m *Move) late(ctx context.Context) error {
	if !m.Rule.Late {
		return nil
	}
	state, _ := m.Flow.State(m.Matter.Status)
	n, err := gorm.G[Deadline](m.Tx.Gorm(ctx)).
		Where("matter_id = ? AND assignment_id IS NULL AND kind = ? AND met_at IS NULL AND due_at < ?", m.Matter.ID, state.Clock.Kind, m.Now).Count(ctx, "id")
	switch {
	case err != nil:
		return fmt.Errorf("look whether a clock has run out: %w", err)
	case n == 0:
		return ErrNotLate
	}
	return nil
}

// resume takes up a deadline that was started before, also one that had been
// met meanwhile, and returns its date.
func (s *Service) resume(ctx context.Context, tx *store.Tx, x Matter, assignmentID *string, kind string) (time.Time, error) {
	q := gorm.G[Deadline](tx.Gorm(ctx)).Where("matter_id = ? AND kind = ?", x.ID, kind)
	if assignmentID != nil {
		q = q.Where("assignment_id = ?", *assignmentID)
	} else {
		q = q.Where("assignment_id IS NULL")
	}
	d, err := q.Order("id DESC").First(ctx)
	if err != nil {
		return time.Time{}, fmt.Errorf("take up the deadline %s: %w", kind, err)
	}
	tx.Exec("UPDATE deadlines SET met_at = NULL WHERE id = ?", d.ID)
	// The days may have been confirmed anew while it did not run.
	due, err := s.Due(ctx, tx, x.InstitutionID, d.StartedAt, calendar.Span{Count: d.Count, Unit: d.Unit})
	if err != nil {
		return time.Time{}, err
	}
	s.reschedule(tx, d, due)
	return due, nil
}

// Beginning is a state that a matter or an assignment begins.
type Beginning struct {
	Matter       Matter
	AssignmentID *string
	State        workflow.State
	Holder       string // a unit's, or that of who is waited for instead; empty: the party of the state
	First        string // the first author; empty where it is a body that has nobody here
	Now          time.Time
}

// Begin starts the clock of a state and writes the row of who is waited for. A
// state without a holder has neither.
func (s *Service) Begin(ctx context.Context, tx *store.Tx, b Beginning) error {
	if b.State.Holder == "" {
		return nil
	}
	if !b.held() { // it would be in no count
		return fmt.Errorf("begin %s: %s is not waited for in it", b.State.Name, b.Holder)
	}
	var due time.Time
	var err error
	if b.State.Clock.Carries {
		due, err = s.resume(ctx, tx, b.Matter, b.AssignmentID, b.State.Clock.Kind)
	} else {
		due, err = s.Start(ctx, tx, b.Matter, b.AssignmentID, b.State.Clock, calendar.Span{}, b.Now)
	}
	if err != nil {
		return err
	}
	tx.Insert(&Waiting{
		ID: store.NewID(), InstitutionID: b.Matter.InstitutionID, Holder: s.holder(b), Step: b.State.Clock.Kind, Label: b.State.Clock.Label,
		MatterID: b.Matter.ID, AssignmentID: b.AssignmentID, Rank: b.Matter.rank(), DueAt: due,
	})
	return nil
}

// held reports whether the table says that the holder may be waited for.
func (b Beginning) held() bool {
	return b.Holder == "" || slices.ContainsFunc([]workflow.Party{b.State.Holder, b.State.Or}, func(p workflow.Party) bool {
		_, isRole := member.Roles()[p]
		if isRole {
			return b.Holder == RoleHolder(p)
		}
		return p != "" && p != FirstAuthor && strings.HasPrefix(b.Holder, UnitHolder(""))
	})
}

// holder is who is waited for. For a body that has nobody here the office is.
func (s *Service) holder(b Beginning) string {
	switch {
	case b.Holder != "":
		return b.Holder
	case b.State.Holder == FirstAuthor && b.First == "":
		return RoleHolder(s.heads[b.Matter.Kind].Office)
	case b.State.Holder == FirstAuthor:
		return PersonHolder(b.First)
	default:
		return RoleHolder(b.State.Holder)
	}
}
