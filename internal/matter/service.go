package matter

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"yanlu/internal/member"
	"yanlu/internal/notify"
	"yanlu/internal/safety"
	"yanlu/internal/store"
	"yanlu/internal/workflow"
)

// Effect does what is particular to one action: it checks the input against
// the rules of the kind, queues rows of its own, and fills the move.
type Effect func(ctx context.Context, m *Move) error

// Head is what a kind of matter brings.
type Head struct {
	Kind    Kind
	Flow    workflow.Table
	Effects map[string]Effect // by action, for every rule but the first one
}

// Sight is a reason to see a matter: an SQL condition on the table matters, and
// its arguments. An empty condition is no reason.
type Sight func(a member.Actor) (condition string, args []any)

// Service moves and reads matters.
type Service struct {
	db     *store.DB
	notify *notify.Service
	now    func() time.Time
	heads  map[Kind]Head
	sights []Sight
}

// New returns the service, which knows no kind yet.
func New(db *store.DB, n *notify.Service, now func() time.Time) *Service {
	return &Service{db: db, notify: n, now: now, heads: map[Kind]Head{}, sights: []Sight{authorSees}}
}

// Register adds a kind. It panics where the table is wrong or an action has no
// effect: that is a mistake in the program, found at its start.
func (s *Service) Register(h Head) {
	if err := h.Flow.Check(); err != nil {
		panic(err)
	}
	for _, r := range h.Flow.Rules {
		if _, ok := h.Effects[r.Action]; !ok && len(r.From) > 0 && len(r.Who) > 0 {
			panic(fmt.Sprintf("workflow %s: action %q has no effect", h.Flow.Name, r.Action))
		}
	}
	s.heads[h.Kind] = h
}

// Heads lists the kinds, sorted by name.
func (s *Service) Heads() []Head {
	var heads []Head
	for _, h := range s.heads {
		heads = append(heads, h)
	}
	slices.SortFunc(heads, func(a, b Head) int { return strings.Compare(string(a.Kind), string(b.Kind)) })
	return heads
}

// Flow returns the table of a kind.
func (s *Service) Flow(k Kind) workflow.Table { return s.heads[k].Flow }

// AddSight adds a reason to see matters, for packages above this one.
func (s *Service) AddSight(sight Sight) { s.sights = append(s.sights, sight) }

// overseers see every matter of their institution.
var overseers = []member.Role{member.InfoStaff, member.ProposalStaff, member.Leader}

func authorSees(a member.Actor) (string, []any) {
	return "matters.id IN (SELECT matter_id FROM authors WHERE person_id = ? AND consent <> 'DECLINED')", []any{a.PersonID}
}

// Visible is the one condition, on the table matters, for what an actor may
// see. Lists, reads and moves all use it, so that they agree.
func (s *Service) Visible(a member.Actor) (string, []any) {
	args := []any{a.InstitutionID}
	if a.IsAny(overseers...) {
		return "matters.institution_id = ?", args
	}
	var reasons []string
	for _, sight := range s.sights {
		if reason, more := sight(a); reason != "" {
			reasons, args = append(reasons, reason), append(args, more...)
		}
	}
	if a.Is(member.Member) {
		reasons = append(reasons, "matters.visibility = 'MEMBERS' AND "+safety.NotHeld)
	}
	return "matters.institution_id = ? AND (" + strings.Join(reasons, " OR ") + ")", args
}

// PartiesOf lists what an actor is to a matter: their roles, and whether they
// are its author.
func PartiesOf(a member.Actor, authors []Author) []workflow.Party {
	parties := a.Roles()
	for _, x := range authors {
		if x.PersonID != a.PersonID || x.Consent != Given {
			continue
		}
		parties = append(parties, AnyAuthor)
		if x.Role == First {
			parties = append(parties, FirstAuthor)
		}
	}
	return parties
}

// Refused turns the refusal of a table into its fault, nil where it is granted.
func Refused(r workflow.Refusal) error {
	switch r {
	case workflow.Granted:
		return nil
	case workflow.NotNow:
		return ErrNotNow
	case workflow.NotYours:
		return ErrNotYours
	default:
		return ErrNotFound
	}
}

// Find returns a matter of a kind that the actor may see, with its authors, or
// ErrNotFound.
func (s *Service) Find(ctx context.Context, c store.Conn, a member.Actor, kind Kind, id string) (Matter, []Author, error) {
	condition, args := s.Visible(a)
	x, err := gorm.G[Matter](c.Gorm(ctx)).Where("id = ? AND kind = ?", id, kind).Where(condition, args...).First(ctx)
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

// Act takes an action on a matter, as an actor, from the version that the input
// names. It returns the moved matter with its authors. Besides the faults of
// the action's own rules: ErrNotFound, ErrNotYours, ErrNotNow, ErrStale.
func (s *Service) Act(ctx context.Context, tx *store.Tx, a member.Actor, kind Kind, id, action string, input workflow.Input) (Matter, []Author, error) {
	head, ok := s.heads[kind]
	if !ok {
		return Matter{}, nil, ErrNotFound
	}
	x, authors, err := s.Find(ctx, tx, a, kind, id)
	if err != nil {
		return Matter{}, nil, err
	}
	rule, refusal := head.Flow.Allow(action, x.Status, PartiesOf(a, authors))
	if err := Refused(refusal); err != nil {
		return Matter{}, nil, err
	}
	m := &Move{
		Tx: tx, Now: s.now(), Actor: a, Flow: head.Flow, Rule: rule, Input: input, Matter: x, Authors: authors,
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
		Tx: m.Tx, Now: m.Now, Actor: m.Actor, Flow: head.Flow, Rule: rule, Matter: m.Matter, Authors: m.Authors,
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
	x.Status, x.Version, x.UpdatedAt = m.To, m.Subject.Version+1, m.Now
	return x
}

// Draft is what begins a matter.
type Draft struct {
	Kind     Kind
	Title    string
	Category string
}

// Open brings a matter into being, handed in by the actor as its first author.
// All of it is queued in tx; the kind adds its own row.
func (s *Service) Open(ctx context.Context, tx *store.Tx, a member.Actor, d Draft) (Matter, []Author, error) {
	flow := s.heads[d.Kind].Flow
	rule := flow.Rules[0]
	if _, refusal := flow.Allow(rule.Action, "", a.Roles()); refusal != workflow.Granted {
		return Matter{}, nil, ErrNotYours
	}
	now := s.now()
	x := Matter{
		ID: store.NewID(), InstitutionID: a.InstitutionID, Kind: d.Kind, Title: d.Title, Status: rule.To[0],
		Category: d.Category, Visibility: Parties, Version: 1, SubmittedAt: now, CreatedAt: now, UpdatedAt: now,
	}
	author := Author{
		MatterID: x.ID, Ordinal: 1, InstitutionID: a.InstitutionID, Role: First, PersonID: a.PersonID, Consent: Given,
		Name: a.Name, Sector: a.Sector, GroupName: a.GroupName, Term: a.Term,
	}
	m := &Move{
		Tx: tx, Now: now, Actor: a, Flow: flow, Rule: rule, Matter: x, To: x.Status,
		Subject: Subject{Table: "matters", ID: x.ID},
	}
	tx.Insert(&x, &author, m.event())
	state, _ := flow.State(x.Status)
	err := s.Begin(ctx, tx, Beginning{Matter: x, State: state, First: a.PersonID, Now: now})
	return x, []Author{author}, err
}
