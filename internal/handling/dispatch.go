package handling

import (
	"context"
	"slices"

	"yanlu/internal/calendar"
	"yanlu/internal/institution"
	"yanlu/internal/matter"
	"yanlu/internal/store"
	"yanlu/internal/workflow"
)

// dispatch assigns the matter to its lead unit and co-units and begins a round.
func (s *Service) dispatch(ctx context.Context, m *matter.Move) error {
	in := m.Input.(DispatchInput)
	ids := append([]string{in.LeadUnitID}, in.CoUnitIDs...)
	if len(slices.Compact(slices.Sorted(slices.Values(ids)))) != len(ids) {
		return ErrUnitTwice
	}
	units, err := institution.FindUnits(ctx, m.Tx, m.Matter.InstitutionID, ids)
	if err != nil {
		return err
	}
	name := map[string]string{}
	for _, u := range units {
		name[u.ID] = u.Name
	}
	clock := replyClock
	if in.Days > 0 {
		clock.Span = calendar.Span{Count: in.Days, Unit: calendar.WorkingDay}
	}
	round := m.Matter.Round + 1
	m.Set("round", round)
	m.Comment = "主办：" + name[in.LeadUnitID]
	for i, id := range ids {
		role := Co
		if i == 0 {
			role = Lead
		}
		if err := s.assign(ctx, m, id, role, round, clock); err != nil {
			return err
		}
		if i == 1 {
			m.Comment += "；会办：" + name[id]
		} else if i > 1 {
			m.Comment += "、" + name[id]
		}
	}
	return nil
}

func (s *Service) assign(ctx context.Context, m *matter.Move, unitID string, role Role, round int, clock workflow.Clock) error {
	a := Assignment{
		ID: store.NewID(), InstitutionID: m.Matter.InstitutionID, MatterID: m.Matter.ID, UnitID: unitID, Round: round, Role: role,
		Status: Dispatched, Requirement: m.Input.(DispatchInput).Requirement, Version: 1, CreatedAt: m.Now, UpdatedAt: m.Now,
	}
	m.Tx.Insert(&a)
	if _, err := s.matters.Start(ctx, m.Tx, m.Matter, &a.ID, clock, m.At); err != nil {
		return err
	}
	state, _ := s.flow.State(Dispatched)
	return s.matters.Begin(ctx, m.Tx, matter.Beginning{
		Matter: m.Matter, AssignmentID: &a.ID, State: state, Holder: matter.UnitHolder(unitID), Now: m.At,
	})
}

// rate books the author's judgement.
func rate(_ context.Context, m *matter.Move) error {
	in := m.Input.(RateInput)
	m.Tx.Insert(&Rating{
		ID: store.NewID(), InstitutionID: m.Matter.InstitutionID, MatterID: m.Matter.ID, PersonID: m.Actor.PersonID,
		Round: m.Matter.Round, Attitude: in.Attitude, Result: in.Result, Comment: in.Comment, CreatedAt: m.At,
	})
	return nil
}
