package matter

import (
	"context"
	"slices"

	"yanlu/internal/institution"
	"yanlu/internal/member"
	"yanlu/internal/store"
	"yanlu/internal/workflow"
)

// Hands tells in which ways somebody may hand matters in. It asks the tables, and
// what Open and the kinds ask, so that what it says is what they do.
type Hands struct {
	service   *Service
	actor     member.Actor
	units     []institution.Unit
	divisions []member.Division
}

// Ways are those in which somebody may hand in matters of a kind. The zero Ways is
// that they may not.
type Ways struct {
	Own      bool       // in their own name
	Bodies   []Body     // for these, to which they belong
	AnyBody  []BodyKind // for any unit that is a body of these kinds
	OnBehalf bool       // for a member, as a liaison
	OnPaper  bool       // recording what somebody handed in on paper
}

// None reports whether there is no way.
func (w Ways) None() bool {
	return !w.Own && !w.OnBehalf && !w.OnPaper && len(w.Bodies) == 0 && len(w.AnyBody) == 0
}

// LoadHands adds the queries for the bodies to which an actor belongs to a batch:
// none for who belongs to none.
func (s *Service) LoadHands(b *store.Batch, a member.Actor) *Hands {
	h := &Hands{service: s, actor: a}
	if units := a.Units(); len(units) > 0 {
		institution.LoadUnits(b, &h.units, a.InstitutionID, units)
	}
	if a.Sector != "" || a.GroupName != "" {
		member.LoadDivisions(b, &h.divisions, a)
	}
	return h
}

// Units are those for which the actor works, but for closed ones.
func (h *Hands) Units() []institution.Unit { return h.units }

// Ways returns the ways in which the actor may hand in matters of a kind.
func (h *Hands) Ways(kind Kind) Ways {
	head, roles := h.service.heads[kind], h.actor.Roles()
	allowed := func(parties ...workflow.Party) bool {
		_, refusal := head.Flow.Allow("submit", "", parties)
		return refusal == workflow.Granted
	}
	w := Ways{Own: allowed(roles...), OnBehalf: assists(h.actor), OnPaper: Clerk(h.actor)}
	if head.StandsFor == nil || !allowed(append(roles, ForBody)...) {
		return w
	}
	for _, k := range unitBodies {
		if head.StandsFor(h.actor, Body{Kind: k, UnitID: store.NewID()}) { // of which the actor cannot be
			w.AnyBody = append(w.AnyBody, k)
		}
	}
	for _, u := range h.units {
		i := slices.IndexFunc(unitBodies, func(k BodyKind) bool {
			return slices.Contains(bodyUnits[k], u.Kind) && head.StandsFor(h.actor, Body{Kind: k, UnitID: u.ID})
		})
		if i >= 0 {
			w.Bodies = append(w.Bodies, Body{Kind: unitBodies[i], UnitID: u.ID, Name: u.Name})
		}
	}
	for _, d := range h.divisions {
		for k, divided := range bodyDivisions {
			if b := (Body{Kind: k, Name: d.Name}); divided == d.Kind && head.StandsFor(h.actor, b) {
				w.Bodies = append(w.Bodies, b)
			}
		}
	}
	return w
}

// BodyFilter narrows a list of the units for which somebody may hand in.
type BodyFilter struct {
	Kind   BodyKind // what they are as authors
	Begins string   // what the name begins with; empty: anything
	After  string   // identifier of the last unit seen
	Limit  int
}

// BodyUnits lists the units for which an actor may hand in matters of a kind, by the
// rule of Ways; for who records paper, all for which somebody may have signed it.
func (s *Service) BodyUnits(ctx context.Context, a member.Actor, kind Kind, f BodyFilter) ([]institution.Unit, error) {
	head, own := s.heads[kind], []string(nil)
	if head.StandsFor == nil || len(bodyUnits[f.Kind]) == 0 {
		return nil, nil
	}
	stranger := store.NewID() // a unit of which the actor cannot be
	if !head.StandsFor(a, Body{Kind: f.Kind, UnitID: stranger}) && (!Clerk(a) || !head.StandsFor(workerOf(stranger), Body{Kind: f.Kind, UnitID: stranger})) {
		for _, id := range a.Units() {
			if head.StandsFor(a, Body{Kind: f.Kind, UnitID: id}) {
				own = append(own, id)
			}
		}
		if len(own) == 0 {
			return nil, nil
		}
	}
	return institution.Units(ctx, s.db, a.InstitutionID, institution.UnitFilter{Kinds: bodyUnits[f.Kind], IDs: own, Begins: f.Begins, After: f.After, Limit: f.Limit})
}

// workerOf is somebody who works for a unit.
func workerOf(unitID string) member.Actor {
	return member.Actor{Held: []member.Held{{Role: member.UnitHandler, UnitID: unitID}}}
}

// Works reports whether what others hand in may wait for an actor: the tables say
// that some state is held by a role of theirs, or by units such as theirs.
func (s *Service) Works(a member.Actor) bool {
	for _, t := range s.everyTable() {
		for _, state := range t.States {
			for _, p := range []workflow.Party{state.Holder, state.Or} {
				if p != "" && p != FirstAuthor && len(s.holdersOf(a, p)) > 0 {
					return true
				}
			}
		}
	}
	return false
}

// Waits reports whether anything may wait for the actor: what others hand in, or what
// is their own to mend or to rate. Of who holds no office any more, what they handed in
// before may.
func (h *Hands) Waits() bool {
	if h.service.Works(h.actor) || len(h.actor.Roles()) == 0 {
		return true
	}
	return slices.ContainsFunc(h.service.Heads(), func(head Head) bool {
		w := h.Ways(head.Kind)
		return w.Own || len(w.Bodies)+len(w.AnyBody) > 0
	})
}
