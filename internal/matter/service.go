package matter

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

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
	Kind Kind
	Flow workflow.Table
	// Effects are what the actions do, by name: every action of people on what is
	// there already has one; of the system's, those that a clock takes may.
	Effects map[string]Effect
	// MergeInto lists the states in which others may be merged into a matter.
	MergeInto []workflow.Status
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
	return &Service{db: db, notify: n, now: now, heads: map[Kind]Head{}, sights: []Sight{authorSees, liaisonSees}}
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

// authorSees lets authors see what is theirs: also who was asked to be one, but
// not before it is handed in.
func authorSees(a member.Actor) (string, []any) {
	return "matters.id IN (SELECT matter_id FROM authors WHERE person_id = ? AND consent IN ('GIVEN', 'ASKED'))", []any{a.PersonID}
}

// liaisonSees lets a liaison see what they handed in for others.
func liaisonSees(a member.Actor) (string, []any) {
	if !a.Is(member.Liaison) {
		return "", nil
	}
	return "matters.id IN (SELECT matter_id FROM authors WHERE on_behalf_by = ?)", []any{a.PersonID}
}

// Visible is the one condition, on the table matters, for what an actor may
// see. Lists, reads and moves all use it, so that they agree.
func (s *Service) Visible(a member.Actor) (string, []any) {
	args := []any{a.InstitutionID}
	if a.IsAny(overseers...) {
		own, more := authorSees(a)
		return "matters.institution_id = ? AND (matters.status <> 'DRAFT' OR " + own + ")", append(args, more...)
	}
	var reasons []string
	for _, sight := range s.sights {
		if reason, more := sight(a); reason != "" {
			reasons, args = append(reasons, reason), append(args, more...)
		}
	}
	if a.Is(member.Member) {
		reasons = append(reasons, "matters.visibility = 'MEMBERS' AND matters.status <> 'DRAFT' AND "+safety.NotHeld)
	}
	return "matters.institution_id = ? AND (" + strings.Join(reasons, " OR ") + ")", args
}

// PartiesOf lists what an actor is to a matter: their roles, and whether they
// are its author.
func PartiesOf(a member.Actor, authors []Author) []workflow.Party {
	parties := a.Roles()
	for _, x := range authors {
		if x.PersonID != a.PersonID {
			continue
		}
		if x.Consent == Asked {
			parties = append(parties, Invited)
		}
		if x.Consent != Given {
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
