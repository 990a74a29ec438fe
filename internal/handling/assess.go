package handling

import (
	"context"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"

	"yanlu/internal/institution"
	"yanlu/internal/matter"
	"yanlu/internal/member"
	"yanlu/internal/store"
)

// The actions of marking each other.
const (
	markAuthor   = "mark_author"
	markHandling = "mark_handling"
)

// Side is one of the two that mark each other (双向评议).
type Side string

// The sides.
const (
	ByUnit   Side = "UNIT"   // the unit marks the proposal and its author
	ByAuthor Side = "AUTHOR" // the first author marks the handling
)

// Assessment is the mark of one side for the other, for one round.
type Assessment struct {
	ID            string `gorm:"primaryKey"`
	InstitutionID string
	MatterID      string
	AssignmentID  *string // of the unit that marks; nil: the author does
	Round         int
	Side          Side
	Score         int // 0–100
	Comment       string
	CreatedAt     time.Time
}

// Word is what people call the mark (domain.md §3.3).
func (a Assessment) Word() string {
	switch {
	case a.Score >= 90:
		return "优秀"
	case a.Score >= 75:
		return "良好"
	case a.Score >= 60:
		return "一般"
	}
	return "较差"
}

// markAuthor books how a unit marks the proposal that it answered.
func (s *Service) markAuthor(ctx context.Context, st *step) error {
	return s.mark(ctx, st.Move, ByUnit, &st.assignment.ID, st.assignment.Round, st.Input.(MarkInput))
}

// markHandling books how the first author marks the handling.
func (s *Service) markHandling(ctx context.Context, m *matter.Move) error {
	return s.mark(ctx, m, ByAuthor, nil, m.Matter.Round, m.Input.(MarkInput))
}

// mark books a mark, once, as long as the answer may be rated.
func (s *Service) mark(ctx context.Context, m *matter.Move, side Side, assignmentID *string, round int, in MarkInput) error {
	on, err := MutualMarks().Of(ctx, m.Tx, m.Matter.InstitutionID)
	if err != nil {
		return err
	}
	if !on {
		return ErrNoMutual
	}
	if round != m.Matter.Round {
		return ErrMarkLate
	}
	if m.Matter.Status != Handling { // else others have still to answer
		last, err := gorm.G[matter.Deadline](m.Tx.Gorm(ctx)).Where("matter_id = ? AND kind = ?", m.Matter.ID, rateKind).Order("id DESC").First(ctx)
		if err != nil {
			return fmt.Errorf("find the time to rate: %w", err)
		}
		if m.At.After(last.DueAt) {
			return ErrMarkLate
		}
	}
	given, err := gorm.G[Assessment](m.Tx.Gorm(ctx)).Where("matter_id = ? AND round = ? AND side = ?", m.Matter.ID, round, side).Find(ctx)
	if err != nil {
		return fmt.Errorf("find the marks: %w", err)
	}
	if slices.ContainsFunc(given, func(a Assessment) bool { return assignmentID == nil || *a.AssignmentID == *assignmentID }) {
		return ErrMarked
	}
	m.Tx.Insert(&Assessment{
		ID: store.NewID(), InstitutionID: m.Matter.InstitutionID, MatterID: m.Matter.ID, AssignmentID: assignmentID, Round: round, Side: side,
		Score: in.Score, Comment: in.Comment, CreatedAt: m.At,
	})
	return nil
}

// rateKind is the clock in which the two sides mark each other.
const rateKind = "rate"

// marks are what a batch reads of the marks of a matter.
type marks struct {
	all     []Assessment
	on      []institution.StoredSetting
	rating  []matter.Deadline
	authors []matter.Author
}

// load adds the queries for the marks of a matter to a batch.
func (k *marks) load(b *store.Batch, matterID string) {
	store.Read(b, &k.all, "SELECT * FROM assessments WHERE matter_id = ? ORDER BY id LIMIT 200", matterID)
	store.Read(b, &k.on, "SELECT * FROM settings WHERE name = ? AND institution_id = (SELECT institution_id FROM matters WHERE id = ?)", MutualMarks().Name, matterID)
	store.Read(b, &k.rating, "SELECT * FROM deadlines WHERE matter_id = ? AND kind = ? ORDER BY id LIMIT 200", matterID, rateKind)
	store.Read(b, &k.authors, "SELECT * FROM authors WHERE matter_id = ? AND consent = ?", matterID, matter.Given)
}

// switchedOn reports whether the institution lets the two sides mark each other.
func (k *marks) switchedOn() bool { return len(k.on) > 0 && k.on[0].ValueJSON == "true" }

// seen returns the marks that an actor sees: the office all of them; each side its
// own, and the other's when both are in or the time is up.
func (k *marks) seen(a member.Actor, assignments []assignmentRow, now time.Time) []Assessment {
	if matter.Oversees(a) {
		return k.all
	}
	author := slices.ContainsFunc(k.authors, func(x matter.Author) bool { return x.Is(a.PersonID) })
	mine := func(id *string) bool {
		return id != nil && slices.ContainsFunc(assignments, func(r assignmentRow) bool { return r.ID == *id && slices.Contains(a.Units(), r.UnitID) })
	}
	given := func(round int, by func(Assessment) bool) bool {
		return slices.ContainsFunc(k.all, func(x Assessment) bool { return x.Round == round && by(x) })
	}
	answers := slices.ContainsFunc(assignments, func(r assignmentRow) bool { return r.Role.answers() && mine(&r.ID) })
	var seen []Assessment
	for _, x := range k.all {
		switch {
		case x.Side == ByAuthor && author, x.Side == ByUnit && mine(x.AssignmentID):
			seen = append(seen, x)
		case x.Side == ByUnit && author && (k.over(x.Round, assignments, now) || given(x.Round, func(y Assessment) bool { return y.Side == ByAuthor })),
			x.Side == ByAuthor && answers && (k.over(x.Round, assignments, now) || given(x.Round, func(y Assessment) bool { return mine(y.AssignmentID) })):
			seen = append(seen, x)
		}
	}
	return seen
}

// over reports whether the time to mark each other in a round is up: that to rate,
// which began after the matter was given to the units of the round.
func (k *marks) over(round int, assignments []assignmentRow, now time.Time) bool {
	begun := slices.IndexFunc(assignments, func(r assignmentRow) bool { return r.Round == round })
	if begun < 0 {
		return false
	}
	of := slices.IndexFunc(k.rating, func(d matter.Deadline) bool { return !d.StartedAt.Before(assignments[begun].CreatedAt) })
	return of >= 0 && now.After(k.rating[of].DueAt)
}
