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
	in := m.Input.(DispatchInput)
	return s.assignAll(ctx, m, in, givenDays(in.Days))
}

// givenDays is the time to answer that staff give in working days; zero: as the
// institution has set.
func givenDays(n int) calendar.Span {
	if n == 0 {
		return calendar.Span{}
	}
	return workingDays(n)
}

// assignAll begins a round: it gives the matter to units, span being the time to
// answer.
func (s *Service) assignAll(ctx context.Context, m *matter.Move, in DispatchInput, span calendar.Span) error {
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
	terms, flow := s.kinds[m.Matter.Kind].Terms, s.FlowOf(m.Matter.Kind, a.Role)
	due, err := s.matters.Start(ctx, m.Tx, m.Matter, &a.ID, terms.answerClock(a.Role), span, m.At)
	if err != nil {
		return err
	}
	if terms.Contact.Count > 0 && a.Role == Lead {
		if _, err := s.matters.Start(ctx, m.Tx, m.Matter, &a.ID, terms.contactClock(), calendar.Span{}, m.At); err != nil {
			return err
		}
	}
	state, _ := flow.State(Dispatched)
	err = s.matters.Begin(ctx, m.Tx, matter.Beginning{
		Matter: m.Matter, AssignmentID: &a.ID, State: state, Holder: matter.UnitHolder(a.UnitID), Now: m.At,
	})
	if err != nil {
		return err
	}
	return s.toUnits(ctx, m, []string{a.UnitID}, notify.Task, "有新的交办", fmt.Sprintf("“%s”交给你单位办理，请尽快签收，并在%s前答复。", m.Matter.Title, day(due)))
}

// day writes the day of an instant as people say it: 3月5日.
func day(t time.Time) string {
	d := calendar.Of(t)
	return fmt.Sprintf("%d月%d日", d.Month(), d.Number())
}
