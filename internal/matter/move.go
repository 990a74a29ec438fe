package matter

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"

	"yanlu/internal/attachment"
	"yanlu/internal/calendar"
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
	Tx  *store.Tx
	Now time.Time // when it is recorded
	By
	System  bool // nobody did it: a clock ran out
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

	columns map[string]any
	counts  []counting
	notices []notify.Notice
	files   []attaching

	shown    *Event     // its line, where authors read it
	toBelow  []Feedback // what authors are told
	enclosed string     // the words that go with it to an institution below
}

// attaching is attachments that belong to the line of the timeline.
type attaching struct {
	ids     []string
	purpose attachment.Purpose
	public  bool
}

// counting is a number to take when everything else is locked.
type counting struct {
	kind, scope string
	use         func(n int64)
}

// Set changes a column of the subject's row together with its state.
func (m *Move) Set(column string, value any) {
	if m.columns == nil {
		m.columns = map[string]any{}
	}
	m.columns[column] = value
}

// Attach lets the move's line of the timeline have attachments of whoever types
// it: for everybody who reads the line, the authors among them.
func (m *Move) Attach(purpose attachment.Purpose, ids []string) {
	m.files = append(m.files, attaching{ids, purpose, true})
}

// AttachInside is Attach for what insiders alone see: the office, and whoever
// reads all of the matter.
func (m *Move) AttachInside(purpose attachment.Purpose, ids []string) {
	m.files = append(m.files, attaching{ids, purpose, false})
}

// SetUrgent says whether the matter is urgent (加急). Kinds and the tail tell it
// here, so that one queue orders what all of them wait for: rows that stand
// follow at once, and those to come inherit it.
func (m *Move) SetUrgent(urgent bool) {
	if urgent == m.Matter.Urgent {
		return
	}
	m.Matter.Urgent = urgent
	m.Tx.Exec("UPDATE matters SET urgent = ? WHERE id = ?", urgent, m.Matter.ID)
	m.Tx.Exec("UPDATE waiting SET rank = ? WHERE matter_id = ?", m.Matter.rank(), m.Matter.ID)
}

// Number gives the matter the next running number of a scope (a year, or a
// session) when everything else is done, because its counter is locked last.
func (m *Move) Number(scope string, format func(n int64) string) {
	m.Count(string(m.Matter.Kind), scope, func(n int64) {
		number := format(n)
		m.Matter.Number = &number
		m.Tx.Exec("UPDATE matters SET number = ? WHERE id = ?", number, m.Matter.ID)
	})
}

// Count takes the next number of a counter of the institution when everything
// else is done, because counters are locked last, and hands it to use.
func (m *Move) Count(kind, scope string, use func(n int64)) {
	m.counts = append(m.counts, counting{kind, scope, use})
}

// TellAuthors tells every author who agreed to be one; an institution below learns
// of it by the outbox.
func (m *Move) TellAuthors(e notify.Event, title, body string, values map[string]string) {
	m.tellAll(m.Matter, m.Authors, e, title, body, values)
}

// TellOthers tells every author who agreed to be one but whose act it was.
func (m *Move) TellOthers(e notify.Event, title, body string, values map[string]string) {
	others := slices.DeleteFunc(agreed(m.Authors), func(id string) bool { return id == m.Actor.PersonID })
	m.Tell(m.Matter, others, e, title, body, values)
	if len(below(m.Authors)) > 0 && m.Actor.PersonID != "" { // else it was their own act, on paper
		m.toBelow = append(m.toBelow, Feedback{Event: e, Body: body, Status: values["status"]})
	}
}

// Tell tells people of a matter: that of the move, or another that it touches. It
// passes over an empty identifier: a body that has nobody here.
func (m *Move) Tell(x Matter, ids []string, e notify.Event, title, body string, values map[string]string) {
	if ids = people(ids); len(ids) == 0 {
		return
	}
	m.notices = append(m.notices, notify.Notice{
		InstitutionID: x.InstitutionID, People: ids, Event: e, MatterID: x.ID, Kind: string(x.Kind), Title: title, Body: body, Values: values,
	})
}

// agreed returns the people who are authors and agreed to be, once each.
func agreed(authors []Author) []string {
	var ids []string
	for _, a := range authors {
		if a.Consent == Given {
			ids = append(ids, a.Person())
		}
	}
	return people(ids)
}

// Words are the values that the template of a push may use, with the status in
// words.
func (m *Move) Words(status string) map[string]string {
	x := m.Matter
	words := map[string]string{"title": x.Title, "status": status, "time": moment(m.At)}
	if x.Number != nil {
		words["number"] = *x.Number
	}
	return words
}

// Apply writes a move: the guarded change of the row, then the deadlines and
// the waiting row of the new state, the timeline, and what is told. A row that
// somebody else has moved since the actor saw it is ErrStale.
func (s *Service) Apply(ctx context.Context, m *Move) error {
	switch {
	case m.Rule.Stays():
		m.To = m.Subject.Status
	case len(m.Rule.To) == 1:
		m.To = m.Rule.To[0]
	case !slices.Contains(m.Rule.To, m.To):
		return fmt.Errorf("apply %s of %s: the table does not lead to %q", m.Rule.Action, m.Flow.Name, m.To)
	}
	if err := s.guard(ctx, m); err != nil {
		return err
	}
	if !m.Rule.Stays() {
		if err := s.enter(ctx, m); err != nil {
			return err
		}
	}
	if err := s.count(ctx, m); err != nil {
		return err
	}
	if err := s.line(ctx, m); err != nil {
		return err
	}
	return s.Deliver(ctx, m)
}

// line writes the move's line of the timeline, with what belongs to it. Scans of
// a paper are referred to here, whatever was done on it and of whichever kind the
// matter is; a move that leaves no line leaves them with the matter.
func (s *Service) line(ctx context.Context, m *Move) error {
	var part *string
	if !m.Rule.Silent {
		e := m.event()
		m.Tx.Insert(e)
		part = &e.ID
		if e.Audience == workflow.Everyone && (e.FromStatus != "" || e.AssignmentID != nil) { // that it came in they know
			m.shown = e
		}
	}
	if p := m.paper(); p != nil {
		m.files = append(m.files, attaching{ids: p.Scans, purpose: attachment.ForScan})
	}
	for _, f := range m.files {
		err := s.files.Refer(ctx, m.Tx, m.Typist, f.ids, attachment.Reference{
			MatterID: m.Matter.ID, AssignmentID: m.Subject.AssignmentID, PartID: part, Purpose: f.purpose, Public: f.public,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// paper returns what the move is recorded from, nil where it was done in person
// or follows from another.
func (m *Move) paper() *workflow.Paper {
	if m.Input == nil {
		return nil
	}
	return m.Input.OnPaper()
}

// Deliver writes what a move tells. Apply does so by itself; a kind calls it
// after Open.
func (s *Service) Deliver(ctx context.Context, m *Move) error {
	due := map[string]string{}
	for _, n := range m.notices {
		n.Values = s.words(m.Matter, n.Values)
		if n.Values["due"] == "" && (n.Event == notify.Task || n.Event == notify.Reminder) {
			if _, ok := due[n.MatterID]; !ok {
				at, err := nextDue(ctx, m.Tx, n.MatterID)
				if err != nil {
					return err
				}
				due[n.MatterID] = at
			}
			n.Values["due"] = due[n.MatterID]
		}
		if err := s.notify.Tell(m.Tx, n); err != nil {
			return err
		}
	}
	m.notices = nil
	m.sendDown()
	return nil
}

// nextDue is when the next deadline of a matter ends, as a push says it; empty
// where none runs.
func nextDue(ctx context.Context, tx *store.Tx, matterID string) (string, error) {
	d, err := gorm.G[Deadline](tx.Gorm(ctx)).Where("matter_id = ? AND met_at IS NULL", matterID).Order("due_at").Limit(1).Find(ctx)
	if err != nil {
		return "", fmt.Errorf("find the next deadline: %w", err)
	}
	if len(d) == 0 {
		return "", nil
	}
	return moment(d[0].DueAt), nil
}

// moment is how a push writes a time.
func moment(t time.Time) string { return t.In(calendar.Beijing()).Format("2006-01-02 15:04") }

// words are what a push may say of a matter, with what more is given: of one of a
// discreet kind neither its title nor what somebody wrote.
func (s *Service) words(x Matter, more map[string]string) map[string]string {
	head := s.heads[x.Kind]
	words := map[string]string{"title": x.Title, "kind": head.Flow.Label}
	if x.Number != nil {
		words["number"] = *x.Number
	}
	maps.Copy(words, more)
	if head.Discreet {
		words["title"] = head.Flow.Label
		delete(words, "note")
	}
	return words
}

// guard is the one place where a row changes its state: only from the version
// that the actor saw.
func (s *Service) guard(ctx context.Context, m *Move) error {
	columns := map[string]any{"updated_at": m.Now}
	if !m.Rule.Stays() {
		columns["status"], columns["version"] = m.To, gorm.Expr("version + 1")
		switch {
		case m.Subject.AssignmentID != nil:
		case m.Flow.Over(m.To):
			columns["closed_at"] = gorm.Expr("COALESCE(closed_at, ?)", m.At) // filing away does not end it again
		case m.Flow.Over(m.Subject.Status):
			columns["closed_at"] = nil // it is taken up again
		}
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

// enter leaves one state and enters the next: the clocks are met that do not go
// on in it, the old waiting row goes, the new ones come.
func (s *Service) enter(ctx context.Context, m *Move) error {
	own, args := "matter_id = ? AND assignment_id IS NULL", []any{m.Matter.ID}
	if m.Subject.AssignmentID != nil {
		own, args = "assignment_id = ?", []any{*m.Subject.AssignmentID}
	}
	state, _ := m.Flow.State(m.To)
	meet, met := "UPDATE deadlines SET met_at = ? WHERE "+own+" AND met_at IS NULL", slices.Concat([]any{m.At}, args)
	if goesOn := state.GoesOn(); len(goesOn) > 0 {
		meet, met = meet+" AND kind NOT IN ?", append(met, goesOn)
	}
	m.Tx.Exec(meet, met...)
	m.Tx.Exec("DELETE FROM waiting WHERE "+own, args...)
	return s.Begin(ctx, m.Tx, Beginning{
		Matter: m.Matter, AssignmentID: m.Subject.AssignmentID, State: state, Holder: m.Holder, First: m.FirstAuthor(), Now: m.At,
	})
}

// FirstAuthor returns the person who is the first author, or handed in for the
// body that is; empty where it has nobody here.
func (m *Move) FirstAuthor() string { return first(m.Authors) }

// count takes the numbers that a move asked for, in one order for everybody.
func (s *Service) count(ctx context.Context, m *Move) error {
	slices.SortStableFunc(m.counts, func(a, b counting) int { return strings.Compare(a.kind, b.kind) })
	for _, c := range m.counts {
		n, err := m.Tx.Next(ctx, m.Matter.InstitutionID, c.kind, c.scope)
		if err != nil {
			return err
		}
		c.use(n)
	}
	return nil
}

// bySystem is who did what nobody did.
const bySystem = "系统"

func (m *Move) event() *Event {
	e := &Event{
		ID: store.NewID(), InstitutionID: m.Matter.InstitutionID, MatterID: m.Matter.ID, AssignmentID: m.Subject.AssignmentID,
		Action: m.Rule.Action, Label: m.Rule.Label, FromStatus: m.Subject.Status, ToStatus: m.To, ActorName: m.Actor.Name,
		Audience: m.Rule.Read(), Comment: m.Comment, ActedAt: m.At, RecordedAt: m.Now,
	}
	if m.System {
		e.ActorName = bySystem
		return e
	}
	e.TypedBy = &m.Typist.PersonID
	if m.Actor.PersonID != "" {
		e.ActorID = &m.Actor.PersonID
	}
	if m.Signer != "" {
		e.ActorName = m.Signer
	}
	if m.Actor.PersonID != m.Typist.PersonID {
		e.TypedName = m.Typist.Name
	}
	e.Way = m.Way
	return e
}

// YearNumber formats a running number as 2026年第31号.
func YearNumber(year int) (scope string, format func(int64) string) {
	return strconv.Itoa(year), func(n int64) string { return fmt.Sprintf("%d年第%d号", year, n) }
}
