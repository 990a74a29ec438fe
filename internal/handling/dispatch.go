package handling

import (
	"context"
	"fmt"
	"slices"
	"time"

	"yanlu/internal/calendar"
	"yanlu/internal/institution"
	"yanlu/internal/matter"
	"yanlu/internal/notify"
	"yanlu/internal/store"
)

// dispatch assigns the matter to its lead unit and co-units and begins a round.
func (s *Service) dispatch(ctx context.Context, m *matter.Move) error {
	return s.assignAll(ctx, m, m.Input.(DispatchInput))
}

func (s *Service) assignAll(ctx context.Context, m *matter.Move, in DispatchInput) error {
	all := append([]string{in.LeadUnitID}, in.CoUnitIDs...)
	if len(slices.Compact(slices.Sorted(slices.Values(all)))) != len(all) {
		return ErrUnitTwice
	}
	units, err := institution.FindUnits(ctx, m.Tx, m.Matter.InstitutionID, all)
	if err != nil {
		return err
	}
	name := map[string]string{}
	for _, u := range units {
		name[u.ID] = u.Name
	}
	var span calendar.Span // zero: as the institution has set
	if in.Days > 0 {
		span = calendar.Span{Count: in.Days, Unit: calendar.WorkingDay}
	}
	round := m.Matter.Round + 1
	m.Set("round", round)
	m.Comment = "主办：" + name[in.LeadUnitID]
	for i, id := range all {
		role := Co
		if i == 0 {
			role = Lead
		}
		a := Assignment{UnitID: id, Role: role, Round: round, Requirement: in.Requirement, LetterNo: in.LetterNo}
		if err := s.assign(ctx, m, a, span); err != nil {
			return err
		}
		if i == 1 {
			m.Comment += "；会办：" + name[id]
		} else if i > 1 {
			m.Comment += "、" + name[id]
		}
	}
	if in.LetterNo == "" {
		m.Count("letter:"+string(m.Matter.Kind), fmt.Sprint(calendar.Of(m.At).Year()), func(n int64) {
			m.Tx.Exec("UPDATE assignments SET letter_no = ? WHERE matter_id = ? AND round = ?",
				fmt.Sprintf("转办〔%d〕%d号", calendar.Of(m.At).Year(), n), m.Matter.ID, round)
		})
	}
	return nil
}

// assign gives the matter to one unit: a names the unit, its role, the round and
// what is required; span is the time to reply, zero for that of the institution.
func (s *Service) assign(ctx context.Context, m *matter.Move, a Assignment, span calendar.Span) error {
	a.ID, a.InstitutionID, a.MatterID, a.Status, a.Version, a.CreatedAt, a.UpdatedAt = store.NewID(), m.Matter.InstitutionID, m.Matter.ID, Dispatched, 1, m.At, m.Now
	m.Tx.Insert(&a)
	due, err := s.matters.Start(ctx, m.Tx, m.Matter, &a.ID, replyClock, span, m.At)
	if err != nil {
		return err
	}
	state, _ := s.flow.State(Dispatched)
	err = s.matters.Begin(ctx, m.Tx, matter.Beginning{
		Matter: m.Matter, AssignmentID: &a.ID, State: state, Holder: matter.UnitHolder(a.UnitID), Now: m.At,
	})
	if err != nil {
		return err
	}
	return s.toUnits(ctx, m, notify.Task, "有新的交办", fmt.Sprintf("“%s”交给你单位办理，请尽快签收，并在%s前答复。", m.Matter.Title, day(due)), a.UnitID)
}

// day writes the day of an instant as people say it: 3月5日.
func day(t time.Time) string {
	d := calendar.Of(t)
	return fmt.Sprintf("%d月%d日", d.Month(), d.Number())
}
