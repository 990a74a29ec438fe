package matter

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"yanlu/internal/attachment"
	"yanlu/internal/institution"
	"yanlu/internal/member"
	"yanlu/internal/notify"
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
	Effects map[string]Effect // by action, for every rule on what is there already
	// MergeInto lists the states in which others may be merged into a matter,
	// UnmergeFrom those in which they may be taken out again: until it is
	// answered, also where it came to nothing.
	MergeInto, UnmergeFrom []workflow.Status
	// Unsent lists the states, beside DRAFT, in which a matter is not handed in yet.
	Unsent []workflow.Status
	// Discreet marks a kind whose matters are internal: a push, which goes by the
	// platform, says that something happened and not what it is about. The inbox,
	// which is ours, says all of it.
	Discreet bool
	// Intake takes in what another kind converts into this one; nil where none
	// may.
	Intake Intake
	// Upward is how its matters are handed up; nil where they are not.
	Upward *Upward
	// Office is who of the office acts for a first author who has nobody here, and
	// is waited for in their place; empty: the information staff.
	Office workflow.Party
	Reach  Reach
	// AuthorsToUnits is whether units read who the authors are, as the institution
	// has set; nil: they do.
	AuthorsToUnits *institution.Setting[bool]
	// StandsFor tells whether an actor may hand in for a body; nil where the table
	// lets nobody do so.
	StandsFor func(a member.Actor, b Body) bool
}

// Service moves and reads matters.
type Service struct {
	db       *store.DB
	notify   *notify.Service
	files    *attachment.Service
	now      func() time.Time
	heads    map[Kind]Head
	tails    []tail
	tailsOf  map[Kind]tailOf
	sights   []Sight
	insiders []Sight
}

// New returns the service, which knows no kind yet.
func New(db *store.DB, n *notify.Service, files *attachment.Service, now func() time.Time) *Service {
	return &Service{db: db, notify: n, files: files, now: now, heads: map[Kind]Head{}, tailsOf: map[Kind]tailOf{}, sights: []Sight{authorSees, liaisonSees, leadingSees}}
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
	if r, _ := h.Flow.Rule("hand_up"); r.Input == (HandUpInput{}) && h.Upward == nil {
		panic(fmt.Sprintf("workflow %s: it is not said how it is handed up", h.Flow.Name))
	}
	for _, state := range h.Flow.States {
		if slices.Contains(h.Reach.Closed, state.Name) && state.Holder != "" && state.Holder != FirstAuthor && !slices.Contains(h.Reach.To, state.Holder) {
			panic(fmt.Sprintf("workflow %s: %s holds state %s, which is closed to it", h.Flow.Name, state.Holder, state.Name))
		}
	}
	if h.Office == "" {
		h.Office = member.InfoStaff
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

// Head returns what a kind has brought.
func (s *Service) Head(k Kind) Head { return s.heads[k] }

// Flow returns the table of a kind.
func (s *Service) Flow(k Kind) workflow.Table { return s.heads[k].Flow }

// tail is what a package above this one adds: its table, and whose its subjects
// are.
type tail struct {
	flow  workflow.Table
	units Units
}

// Units names the unit of each of some assignments; the names of others are
// absent.
type Units func(ctx context.Context, c store.Conn, assignmentIDs []string) (map[string]string, error)

// AddTail adds the table of a package above this one, whose states wait for
// people beside those of the heads, and by which name people know the units of
// its assignments.
func (s *Service) AddTail(t workflow.Table, units Units) { s.tails = append(s.tails, tail{t, units}) }

// tailOf is how a tail goes for the matters of one kind.
type tailOf struct {
	tables  []workflow.Table
	lengths []workflow.Clock
}

// AddTailOf adds how the tail goes for the matters of one kind: its table in the
// forms that it has there, with that kind's clocks, and lengths of time that are
// of no state's clock. An institution sets all of them for the kind.
func (s *Service) AddTailOf(k Kind, tables []workflow.Table, lengths ...workflow.Clock) {
	s.tailsOf[k] = tailOf{tables, lengths}
}

// AddInsider adds a reason to read all of a matter that one sees, for packages
// above this one: a condition on the table matters, with its arguments.
func (s *Service) AddInsider(reason Sight) { s.insiders = append(s.insiders, reason) }

// PartiesOf lists what an actor is to a matter: their roles, whether they are its
// author, handed it in for one, or lead its handling.
func PartiesOf(a member.Actor, m Matter, authors []Author) []workflow.Party {
	parties := a.Roles()
	if m.Leads(a) {
		parties = append(parties, Leading)
	}
	for _, x := range authors {
		if x.Role == First && x.OnBehalfBy != nil && *x.OnBehalfBy == a.PersonID {
			parties = append(parties, OnBehalf)
		}
		if !x.Is(a.PersonID) {
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
// What cannot be done now by one who saw another version than the thing has is
// ErrStale: by what they saw, it could be done.
func Refused(r workflow.Refusal, seen, has int64) error {
	switch r {
	case workflow.Granted:
		return nil
	case workflow.NotNow:
		if seen != has {
			return ErrStale
		}
		return ErrNotNow
	case workflow.NotYours:
		return ErrNotYours
	default:
		return ErrNotFound
	}
}
