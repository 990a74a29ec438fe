package proposal

import (
	"context"

	"yanlu/internal/institution"
	"yanlu/internal/matter"
	"yanlu/internal/member"
	"yanlu/internal/store"
)

// bodyOf finds the body that proposes, by its name as people write it; nil where
// members propose in their own names, or a draft does not say yet.
func bodyOf(ctx context.Context, c store.Conn, institutionID string, in Unfinished) (*matter.Body, error) {
	kind := bodies[in.Proposer]
	if kind == "" || in.BodyName == "" {
		return nil, nil
	}
	b := &matter.Body{Kind: kind, Name: in.BodyName}
	if kind == matter.SectorBody {
		return b, nil
	}
	units, err := institution.UnitsCalled(ctx, c, institutionID, in.BodyName)
	if err != nil {
		return nil, err
	}
	if len(units) > 0 {
		b.UnitID = units[0].ID
	}
	return b, nil
}

// mayStand refuses who is not of the sector or the panel for which they hand in. For a
// party, a group or a committee its seal speaks: any member hands in under it, and so
// do its own people, members or not.
func mayStand(a member.Actor, b *matter.Body) error {
	switch {
	case b == nil:
	case b.Kind == matter.SectorBody && a.Sector != b.Name, b.Kind == matter.PanelBody && b.UnitID == "" && a.GroupName != b.Name:
		return ErrNotOf
	}
	return nil
}

// mayPropose refuses who may not hand in for a body, or, where it is nil, in their own
// name: a member may for each that mayStand allows, its own people for it alone.
func mayPropose(a member.Actor, b *matter.Body) error {
	if !a.Is(member.Member) && (b == nil || !b.Stands(a)) {
		return matter.ErrNotYours
	}
	return mayStand(a, b)
}

// standsFor reports whether an actor may hand in for a body, and such bodies propose.
func standsFor(a member.Actor, b matter.Body) bool {
	for _, kind := range bodies {
		if kind == b.Kind {
			return mayPropose(a, &b) == nil
		}
	}
	return false
}

// stand lets the sponsor of a proposal stand for the body that it now names. An
// institution that handed it up stays who it is.
func stand(ctx context.Context, m *matter.Move, c Unfinished) error {
	first := m.Authors[0]
	if first.BodyKind == matter.InstitutionBody {
		return nil
	}
	b, err := bodyOf(ctx, m.Tx, m.Matter.InstitutionID, c)
	if err != nil {
		return err
	}
	if first.BodyUnitID != nil && first.Is(m.Actor.PersonID) && !m.Actor.Is(member.Member) && (b == nil || !b.Stands(m.Actor)) {
		return matter.ErrNotYours // no member, who proposes for the body alone
	}
	if err := mayStand(member.Actor{Sector: first.Sector, GroupName: first.GroupName}, b); err != nil {
		return err
	}
	return m.StandFor(ctx, b)
}
