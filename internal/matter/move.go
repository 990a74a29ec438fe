package matter

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"gorm.io/gorm"

	"yanlu/internal/member"
	"yanlu/internal/notify"
	"yanlu/internal/store"
	"yanlu/internal/workflow"
)

// Subject is what moves: a matter, or one assignment of it.
type Subject struct {
	Table        string // "matters" or "assignments"
	ID           string
	AssignmentID *string // nil for a matter
	Status       workflow.Status
	Version      int64 // as the actor saw it
}

// Move is one step of one subject, with what it brings about. An effect reads
// its first part and fills the second; Service.Apply writes all of it.
type Move struct {
	Tx      *store.Tx
	Now     time.Time // when it is recorded
	Actor   member.Actor
	Flow    workflow.Table
	Rule    workflow.Rule
	Input   workflow.Input // nil when the system moves
	Matter  Matter
	Authors []Author
	Subject Subject

	// To is the state it leads to; it is set already where the rule has one.
	To workflow.Status
	// Holder is who is waited for in the new state, where the table's party is
	// not a role: a unit. Empty: the party of the state.
	Holder string
	// Comment goes into the timeline: the reason, where one was due.
	Comment string

	columns   map[string]any
	numbering *numbering
	notices   []notify.Notice
}

type numbering struct {
	scope  string
	format func(n int64) string
}

// Set changes a column of the subject's row together with its state.
func (m *Move) Set(column string, value any) {
	if m.columns == nil {
		m.columns = map[string]any{}
	}
	m.columns[column] = value
}

// Number gives the matter the next running number of a scope (a year, or a
// session) when everything else is done, because its counter is locked last.
func (m *Move) Number(scope string, format func(n int64) string) {
	m.numbering = &numbering{scope, format}
}

// TellAuthors tells every author who agreed to be one. The title, kind and
// number of the matter are among the values already.
func (m *Move) TellAuthors(e notify.Event, title, body string, values map[string]string) {
	var people []string
	for _, a := range m.Authors {
		if a.Consent == Given {
			people = append(people, a.PersonID)
		}
	}
	m.notices = append(m.notices, notify.Notice{
		InstitutionID: m.Matter.InstitutionID, People: people, Event: e, MatterID: m.Matter.ID,
		Kind: string(m.Matter.Kind), Title: title, Body: body, Values: values,
	})
}

// Apply writes a move: the guarded change of the row, then the deadlines and
// the waiting row of the new state, the timeline, and what is told. A row that
// somebody else has moved since the actor saw it is ErrStale.
func (s *Service) Apply(ctx context.Context, m *Move) error {
	if len(m.Rule.To) == 1 {
		m.To = m.Rule.To[0]
	}
	if !slices.Contains(m.Rule.To, m.To) {
		return fmt.Errorf("apply %s of %s: the table does not lead to %q", m.Rule.Action, m.Flow.Name, m.To)
	}
	if err := s.guard(ctx, m); err != nil {
		return err
	}
	if err := s.enter(ctx, m); err != nil {
		return err
	}
	if err := s.number(ctx, m); err != nil {
		return err
	}
	m.Tx.Insert(m.event())
	for _, n := range m.notices {
		n.Values = s.words(m.Matter, n.Values)
		if err := s.notify.Tell(m.Tx, n); err != nil {
			return err
		}
	}
	return nil
}

// words are what a push may say of a matter, with what more is given.
func (s *Service) words(x Matter, more map[string]string) map[string]string {
	words := map[string]string{"title": x.Title, "kind": s.heads[x.Kind].Flow.Label}
	if x.Number != nil {
		words["number"] = *x.Number
	}
	maps.Copy(words, more)
	return words
}

// guard is the one place where a row changes its state: only from the version
// that the actor saw.
func (s *Service) guard(ctx context.Context, m *Move) error {
	columns := map[string]any{"status": m.To, "version": gorm.Expr("version + 1"), "updated_at": m.Now}
	if m.Subject.AssignmentID == nil && m.Flow.Ends(m.To) {
		columns["closed_at"] = m.Now
	}
	for k, v := range m.columns {
		columns[k] = v
	}
	r := m.Tx.Gorm(ctx).Table(m.Subject.Table).Where("id = ? AND version = ?", m.Subject.ID, m.Subject.Version).Updates(columns)
	if r.Error != nil {
		return fmt.Errorf("move %s %s: %w", m.Flow.Name, m.Subject.ID, r.Error)
	}
	if r.RowsAffected == 0 {
		return ErrStale
	}
	return nil
}

// enter leaves one state and enters the next: the old clock is met, the old
// waiting row goes, the new ones come.
func (s *Service) enter(ctx context.Context, m *Move) error {
	own, args := "matter_id = ? AND assignment_id IS NULL", []any{m.Matter.ID}
	if m.Subject.AssignmentID != nil {
		own, args = "assignment_id = ?", []any{*m.Subject.AssignmentID}
	}
	old, _ := m.Flow.State(m.Subject.Status)
	meet, met := "UPDATE deadlines SET met_at = ? WHERE "+own+" AND met_at IS NULL", slices.Concat([]any{m.Now}, args)
	switch {
	case m.Flow.Ends(m.To): // nothing runs on beyond the end, whichever state would have met it
		m.Tx.Exec(meet, met...)
	case old.Clock.Kind != "":
		m.Tx.Exec(meet+" AND kind = ?", append(met, old.Clock.Kind)...)
	}
	m.Tx.Exec("DELETE FROM waiting WHERE "+own, args...)
	state, _ := m.Flow.State(m.To)
	return s.Begin(ctx, m.Tx, Beginning{
		Matter: m.Matter, AssignmentID: m.Subject.AssignmentID, State: state, Holder: m.Holder, First: m.first(), Now: m.Now,
	})
}

func (m *Move) first() string {
	for _, a := range m.Authors {
		if a.Role == First {
			return a.PersonID
		}
	}
	return ""
}

func (s *Service) number(ctx context.Context, m *Move) error {
	if m.numbering == nil {
		return nil
	}
	n, err := m.Tx.Next(ctx, m.Matter.InstitutionID, string(m.Matter.Kind), m.numbering.scope)
	if err != nil {
		return err
	}
	number := m.numbering.format(n)
	m.Matter.Number = &number
	m.Tx.Exec("UPDATE matters SET number = ? WHERE id = ?", number, m.Matter.ID)
	return nil
}

func (m *Move) event() *Event {
	return &Event{
		ID: store.NewID(), InstitutionID: m.Matter.InstitutionID, MatterID: m.Matter.ID, AssignmentID: m.Subject.AssignmentID,
		Action: m.Rule.Action, Label: m.Rule.Label, FromStatus: m.Subject.Status, ToStatus: m.To,
		ActorID: m.Actor.PersonID, ActorName: m.Actor.Name, TypedBy: m.Actor.PersonID, Public: m.Rule.Public,
		Comment: m.Comment, ActedAt: m.Now, RecordedAt: m.Now,
	}
}

// YearNumber formats a running number as 2026年第31号.
func YearNumber(year int) (scope string, format func(int64) string) {
	return strconv.Itoa(year), func(n int64) string { return fmt.Sprintf("%d年第%d号", year, n) }
}
