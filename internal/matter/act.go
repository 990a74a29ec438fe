package matter

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"yanlu/internal/audit"
	"yanlu/internal/calendar"
	"yanlu/internal/member"
	"yanlu/internal/store"
	"yanlu/internal/workflow"
)

// Find returns a matter of a kind that the actor may see, with its authors, or
// ErrNotFound.
func (s *Service) Find(ctx context.Context, c store.Conn, a member.Actor, kind Kind, id string) (Matter, []Author, error) {
	return s.find(ctx, c, a, kind, id)
}

// hold is Find for a move: the row stays locked until the transaction ends, so
// that what is decided by it is still true when it is written.
func (s *Service) hold(ctx context.Context, tx *store.Tx, a member.Actor, kind Kind, id string) (Matter, []Author, error) {
	if !tx.Postgres() { // one writer at a time
		return s.find(ctx, tx, a, kind, id)
	}
	return s.find(ctx, tx, a, kind, id, clause.Locking{Strength: clause.LockingStrengthUpdate})
}

func (s *Service) find(ctx context.Context, c store.Conn, a member.Actor, kind Kind, id string, lock ...clause.Expression) (Matter, []Author, error) {
	condition, args := s.Visible(a)
	x, err := gorm.G[Matter](c.Gorm(ctx), lock...).Where("id = ? AND kind = ?", id, kind).Where(condition, args...).First(ctx)
	if err != nil {
		return Matter{}, nil, store.Found(err, ErrNotFound, "find a matter")
	}
	authors, err := Authors(ctx, c, id)
	return x, authors, err
}

// Authors returns the authors of a matter in their order.
func Authors(ctx context.Context, c store.Conn, matterID string) ([]Author, error) {
	authors, err := gorm.G[Author](c.Gorm(ctx)).Where("matter_id = ?", matterID).Order("ordinal").Find(ctx)
	if err != nil {
		return nil, fmt.Errorf("find authors: %w", err)
	}
	return authors, nil
}

// By is who acts, who enters it, and when it was done.
type By struct {
	Actor  member.Actor // its PersonID is empty for a unit on paper
	Typist member.Actor
	At     time.Time
	Signer string
	Way    workflow.RecordWay // empty: the actor acts in person
}

// OnPaper reports whether somebody records what another did.
func (b By) OnPaper() bool { return b.Actor.PersonID != b.Typist.PersonID }

// clerks record what others did on paper.
var clerks = []member.Role{member.InfoStaff, member.ProposalStaff, member.MemberWorkStaff}

// Clerks lists the roles that record what others did on paper.
func Clerks() []member.Role { return slices.Clone(clerks) }

// Clerk reports whether the actor records what others did on paper (代录).
func Clerk(a member.Actor) bool { return a.IsAny(clerks...) }

// By tells who acts: the asker, or, where it is recorded from paper, the person
// whom the paper names, else whose (empty: nobody of the roster), with the
// appointments that they held on its date. The date is a day from since to
// today; ErrPaper tells of another, ErrPaperSuspended of somebody whose account
// had been suspended before that day and who could not have acted in person
// either, ErrNotYours of an asker who is no clerk.
func (s *Service) By(ctx context.Context, c store.Conn, a member.Actor, p *workflow.Paper, since time.Time, whose string) (By, error) {
	now := s.now()
	if p == nil {
		return By{Actor: a, Typist: a, At: now}, nil
	}
	if !Clerk(a) {
		return By{}, ErrNotYours
	}
	day, err := calendar.Parse(p.Date)
	switch {
	case err != nil:
		return By{}, ErrPaper
	case day.After(calendar.Of(now)):
		return By{}, ErrPaper.Saying("日期还没有到，请核对：纸件或电话的日期不能晚于今天。")
	case day.Before(calendar.Of(since)):
		return By{}, ErrPaper.Saying(fmt.Sprintf("日期早了：不能早于%d年%s，请核对纸件上的日期。", calendar.Of(since).Year(), chinese(since)))
	}
	by := By{Typist: a, At: now, Signer: p.Signer, Way: p.Way}
	if by.Way == "" {
		by.Way = workflow.ByPaper
	}
	if day != calendar.Of(now) {
		by.At = store.Micro(day.End().Add(-time.Microsecond)) // in time, if that day was
	}
	if p.PersonID != "" {
		whose = p.PersonID
	}
	if whose == a.PersonID {
		return By{}, ErrPaper.Saying("代录的当事人不能是您自己，您自己的事请直接办理。")
	}
	if whose == "" {
		by.Actor = member.Actor{InstitutionID: a.InstitutionID, Profile: a.Profile, Name: p.Signer}
		return by, nil
	}
	actors, err := member.Actors(ctx, c, a.InstitutionID, []string{whose}, day)
	if errors.Is(err, member.ErrNotFound) {
		return By{}, ErrPaper.Saying("名册里没有纸件上的当事人，请重新选择。")
	}
	if err != nil {
		return By{}, err
	}
	if by.Actor = actors[0]; by.Actor.Suspended {
		return By{}, ErrPaperSuspended
	}
	audit.ActedFor(ctx, by.Actor.PersonID)
	return by, nil
}

// Since is the earliest moment at which an act on a subject can have been done:
// a paper that moves it cannot be older than the move before, by whoever it was.
// What only adds to it (a consent, a note on the progress) has no order among
// moves, and goes back to begun, when the subject came into being. Where nothing
// is recorded from paper it asks nothing of the database.
func Since(ctx context.Context, c store.Conn, p *workflow.Paper, rule workflow.Rule, matterID string, assignmentID *string, begun time.Time) (time.Time, error) {
	if p == nil || rule.Stays() {
		return begun, nil
	}
	q := gorm.G[Event](c.Gorm(ctx)).Where("matter_id = ? AND from_status <> to_status AND from_status <> ''", matterID)
	if assignmentID == nil {
		q = q.Where("assignment_id IS NULL")
	} else {
		q = q.Where("assignment_id = ?", *assignmentID)
	}
	last, err := q.Order("acted_at DESC").First(ctx)
	if errors.Is(err, gorm.ErrRecordNotFound) || err == nil && last.ActedAt.Before(begun) {
		return begun, nil
	}
	if err != nil {
		return begun, fmt.Errorf("find the move before: %w", err)
	}
	return last.ActedAt, nil
}

// onPaper lists the parties that act on paper: members, leaders, units, and those
// whose decision a meeting or a telephone call brings. What the office itself does
// is done in its own name and on its own day.
var onPaper = []workflow.Party{
	member.Member, FirstAuthor, AnyAuthor, Invited, Leading, member.Leader, member.ProposalChair, member.UnitHandler, member.UnitLeader, member.CommitteeStaff,
	member.InfoOfficer, member.Liaison, member.GovOffice,
}

// Recordable keeps of what somebody is to a matter that in which their acts may be
// recorded by another; more are the parties of a table below. In a small office,
// where each of the staff stands for the chair, that needs the appointment itself.
func (b By) Recordable(parties []workflow.Party, more ...workflow.Party) []workflow.Party {
	if !b.OnPaper() {
		return parties
	}
	return slices.DeleteFunc(slices.Clone(parties), func(p workflow.Party) bool {
		if p == member.ProposalChair {
			return !slices.ContainsFunc(b.Actor.Held, func(h member.Held) bool { return h.Role == p })
		}
		return !slices.Contains(onPaper, p) && !slices.Contains(more, p)
	})
}

// OnPaper lists the parties whose acts an actor may record from paper; none for
// who is no clerk.
func OnPaper(a member.Actor, authors []Author) []workflow.Party {
	if !Clerk(a) {
		return nil
	}
	parties := []workflow.Party{member.Member, FirstAuthor, AnyAuthor, member.Leader, member.ProposalChair}
	if slices.ContainsFunc(authors, func(x Author) bool { return x.Consent == Asked }) {
		parties = append(parties, Invited)
	}
	return parties
}

// Act takes an action on a matter, as an actor or recording what somebody did
// on paper, from the version that the input names. It returns the moved matter
// with its authors. Besides the faults of the action's own rules: ErrNotFound,
// ErrNotYours, ErrNotNow, ErrStale, ErrPaper.
func (s *Service) Act(ctx context.Context, tx *store.Tx, a member.Actor, kind Kind, id, action string, input workflow.Input) (Matter, []Author, error) {
	head, ok := s.heads[kind]
	if !ok {
		return Matter{}, nil, ErrNotFound
	}
	if err := s.holdOthers(ctx, tx, id, input); err != nil {
		return Matter{}, nil, err
	}
	x, authors, err := s.hold(ctx, tx, a, kind, id)
	if err != nil {
		return Matter{}, nil, err
	}
	rule, _ := head.Flow.Rule(action)
	since, err := Since(ctx, tx, input.OnPaper(), rule, x.ID, nil, x.SubmittedAt)
	if err != nil {
		return Matter{}, nil, err
	}
	by, err := s.By(ctx, tx, a, input.OnPaper(), since, first(authors))
	if err != nil {
		return Matter{}, nil, err
	}
	parties := PartiesOf(by.Actor, x, authors)
	if by.OnPaper() && by.Actor.PersonID == "" { // the body wrote it
		parties = append(parties, FirstAuthor, AnyAuthor)
		if by.Signer == "" {
			by.Signer = firstOf(authors).BodyName
		}
	}
	rule, refusal := head.Flow.Allow(action, x.Status, by.Recordable(parties))
	if err := Refused(refusal, input.SeenVersion(), x.Version); err != nil {
		return Matter{}, nil, err
	}
	m := &Move{
		Tx: tx, Now: s.now(), By: by, Flow: head.Flow, Rule: rule, Input: input, Matter: x, Authors: authors,
		Subject: Subject{Table: "matters", ID: x.ID, Status: x.Status, Version: input.SeenVersion()},
		Comment: input.GivenReason(),
	}
	if err := m.late(ctx); err != nil {
		return Matter{}, nil, err
	}
	if err := head.Effects[action](ctx, m); err != nil {
		return Matter{}, nil, err
	}
	if err := s.Apply(ctx, m); err != nil {
		return Matter{}, nil, err
	}
	return moved(m), authors, nil
}

// Settle moves a matter by the system, because something that it waited for is
// done: action is a rule that no person may take. The caller holds the lock on
// the matter's row.
func (s *Service) Settle(ctx context.Context, m *Move, action string, tell func(*Move) error) error {
	head := s.heads[m.Matter.Kind]
	rule, ok := head.Flow.Rule(action)
	if !ok || len(rule.Who) > 0 || !slices.Contains(rule.From, m.Matter.Status) {
		return fmt.Errorf("settle %s: %s does not lead from %s", m.Matter.ID, action, m.Matter.Status)
	}
	settled := &Move{
		Tx: m.Tx, Now: m.Now, By: m.By, Flow: head.Flow, Rule: rule, Matter: m.Matter, Authors: m.Authors,
		Subject: Subject{Table: "matters", ID: m.Matter.ID, Status: m.Matter.Status, Version: m.Matter.Version},
	}
	if err := tell(settled); err != nil {
		return err
	}
	if err := s.Apply(ctx, settled); err != nil {
		return err
	}
	m.Matter = moved(settled)
	return nil
}

// moved is the matter after its move, for the answer.
func moved(m *Move) Matter {
	x := m.Matter
	x.UpdatedAt = m.Now
	if !m.Rule.Stays() {
		x.Status, x.Version = m.To, m.Subject.Version+1
	}
	return x
}

// first returns the person who is the first author, or handed in for the body
// that is; empty where it has nobody here.
func first(authors []Author) string { return firstOf(authors).Person() }

func firstOf(authors []Author) Author {
	i := slices.IndexFunc(authors, func(a Author) bool { return a.Role == First })
	if i < 0 {
		return Author{}
	}
	return authors[i]
}
