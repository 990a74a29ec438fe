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
}

// OnPaper reports whether somebody records what another did.
func (b By) OnPaper() bool { return b.Actor.PersonID != b.Typist.PersonID }

// clerks record what others did on paper.
var clerks = []member.Role{member.InfoStaff, member.ProposalStaff, member.MemberWorkStaff}

// Clerk reports whether the actor records what others did on paper (代录).
func Clerk(a member.Actor) bool { return a.IsAny(clerks...) }

// By tells who acts: the asker, or, where it is recorded from paper, the person
// whom the paper names, else whose (empty: nobody of the roster), with the
// appointments that they held on its date. The date is a day from since to
// today; ErrPaper tells of another, ErrNotYours of an asker who is no clerk.
func (s *Service) By(ctx context.Context, c store.Conn, a member.Actor, p *workflow.Paper, since time.Time, whose string) (By, error) {
	now := s.now()
	if p == nil {
		return By{Actor: a, Typist: a, At: now}, nil
	}
	if !Clerk(a) {
		return By{}, ErrNotYours
	}
	day, err := calendar.Parse(p.Date)
	if err != nil || day.After(calendar.Of(now)) || day.Before(calendar.Of(since)) {
		return By{}, ErrPaper
	}
	by := By{Typist: a, At: now, Signer: p.Signer}
	if day != calendar.Of(now) {
		by.At = store.Micro(day.End().Add(-time.Microsecond)) // in time, if that day was
	}
	if p.PersonID != "" {
		whose = p.PersonID
	}
	if whose == "" {
		by.Actor = member.Actor{InstitutionID: a.InstitutionID, Profile: a.Profile, Name: p.Signer}
		return by, nil
	}
	actors, err := member.Actors(ctx, c, a.InstitutionID, []string{whose}, day)
	if errors.Is(err, member.ErrNotFound) {
		return By{}, ErrPaper
	}
	if err != nil {
		return By{}, err
	}
	by.Actor = actors[0]
	audit.ActedFor(ctx, by.Actor.PersonID)
	return by, nil
}

// OnPaper lists the parties whose acts an actor may record from paper; none for
// who is no clerk.
func OnPaper(a member.Actor, authors []Author) []workflow.Party {
	if !Clerk(a) {
		return nil
	}
	parties := []workflow.Party{member.Member, FirstAuthor, AnyAuthor, member.Leader}
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
	by, err := s.By(ctx, tx, a, input.OnPaper(), x.SubmittedAt, first(authors))
	if err != nil {
		return Matter{}, nil, err
	}
	rule, refusal := head.Flow.Allow(action, x.Status, PartiesOf(by.Actor, x, authors))
	if err := Refused(refusal, input.SeenVersion(), x.Version); err != nil {
		return Matter{}, nil, err
	}
	m := &Move{
		Tx: tx, Now: s.now(), By: by, Flow: head.Flow, Rule: rule, Input: input, Matter: x, Authors: authors,
		Subject: Subject{Table: "matters", ID: x.ID, Status: x.Status, Version: input.SeenVersion()},
		Comment: input.GivenReason(),
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
func (s *Service) Settle(ctx context.Context, m *Move, action string, tell func(*Move)) error {
	head := s.heads[m.Matter.Kind]
	rule, ok := head.Flow.Rule(action)
	if !ok || len(rule.Who) > 0 || !slices.Contains(rule.From, m.Matter.Status) {
		return fmt.Errorf("settle %s: %s does not lead from %s", m.Matter.ID, action, m.Matter.Status)
	}
	settled := &Move{
		Tx: m.Tx, Now: m.Now, By: m.By, Flow: head.Flow, Rule: rule, Matter: m.Matter, Authors: m.Authors,
		Subject: Subject{Table: "matters", ID: m.Matter.ID, Status: m.Matter.Status, Version: m.Matter.Version},
	}
	tell(settled)
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

// first returns the person who is the first author.
func first(authors []Author) string {
	for _, a := range authors {
		if a.Role == First {
			return a.PersonID
		}
	}
	return ""
}
