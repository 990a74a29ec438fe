package handling

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"yanlu/internal/calendar"
	"yanlu/internal/institution"
	"yanlu/internal/matter"
	"yanlu/internal/notify"
	"yanlu/internal/store"
)

// part is what one unit has in a round.
type part struct {
	unitID string
	role   Role
}

// order is what staff ask for in a round.
type order struct {
	parts       []part
	span        calendar.Span // to answer; zero: as the institution has set
	requirement string
	letterNo    string // empty: the next one
	handoverID  *string
}

// dispatch gives the matter to units and begins a round.
func (s *Service) dispatch(ctx context.Context, m *matter.Move) error {
	var in HandOverInput
	switch given := m.Input.(type) {
	case DispatchInput:
		in.DispatchInput = given
	case HandOverInput:
		in = given
	}
	var err error
	if in.DispatchInput, err = in.orProposed(nil); err != nil {
		return err
	}
	o := order{requirement: in.Requirement, letterNo: in.LetterNo}
	if o.parts, err = in.parts(); err != nil {
		return err
	}
	if o.span, err = in.span(m.At); err != nil {
		return err
	}
	if o.handoverID, err = s.meeting(ctx, m, in); err != nil {
		return err
	}
	return s.assignAll(ctx, m, o)
}

// parts shares the work among the units that are named. ErrMode tells of a mode
// that they do not make.
func (in HandOverInput) parts() ([]part, error) {
	mode, n := in.Mode, 1+len(in.CoUnitIDs)
	if mode == "" {
		mode = Sole
		if n > 1 {
			mode = LeadAndCo
		}
	}
	if (mode == Sole) != (n == 1) {
		return nil, ErrMode
	}
	lead, co := Lead, Co
	if mode == Separated {
		lead, co = Separate, Separate
	}
	parts := []part{{in.LeadUnitID, lead}}
	for _, id := range in.CoUnitIDs {
		parts = append(parts, part{id, co})
	}
	return parts, nil
}

// farthest is how far away a date may lie by which an answer is due.
const farthest = 366

// span is the time to answer that staff give, in working days or up to a date;
// zero: as the institution has set.
func (in HandOverInput) span(at time.Time) (calendar.Span, error) {
	if in.Due == "" {
		return givenDays(in.Days), nil
	}
	due, err := calendar.Parse(in.Due)
	days := due.Sub(calendar.Of(at))
	if err != nil || in.Days > 0 || days < 1 || days > farthest {
		return calendar.Span{}, ErrDue
	}
	return calendar.Span{Count: days, Unit: calendar.CalendarDay}, nil
}

// givenDays is the time to answer that staff give in working days; zero: as the
// institution has set.
func givenDays(n int) calendar.Span {
	if n == 0 {
		return calendar.Span{}
	}
	return calendar.WorkingDays(n)
}

// assignAll begins a round.
func (s *Service) assignAll(ctx context.Context, m *matter.Move, o order) error {
	var ids []string
	for _, p := range o.parts {
		if slices.Contains(ids, p.unitID) {
			return ErrUnitTwice
		}
		ids = append(ids, p.unitID)
	}
	units, err := institution.FindUnits(ctx, m.Tx, m.Matter.InstitutionID, ids)
	if err != nil {
		return err
	}
	name := map[string]string{}
	for _, u := range units {
		name[u.ID] = u.Name
	}
	round, names := m.Matter.Round+1, map[Role][]string{}
	m.Set("round", round)
	for _, p := range o.parts {
		names[p.role] = append(names[p.role], name[p.unitID])
		a := Assignment{UnitID: p.unitID, Role: p.role, Round: round, Requirement: o.requirement, LetterNo: o.letterNo, HandoverID: o.handoverID}
		if err := s.assign(ctx, m, a, o.span); err != nil {
			return err
		}
	}
	m.Comment = inWords(names)
	if o.letterNo == "" {
		m.Count("letter:"+string(m.Matter.Kind), fmt.Sprint(calendar.Of(m.At).Year()), func(n int64) {
			m.Tx.Exec("UPDATE assignments SET letter_no = ? WHERE matter_id = ? AND round = ?",
				fmt.Sprintf("转办〔%d〕%d号", calendar.Of(m.At).Year(), n), m.Matter.ID, round)
		})
	}
	return nil
}

// inWords tells which units have which part.
func inWords(names map[Role][]string) string {
	var words []string
	for _, r := range []struct {
		Role
		label string
	}{{Lead, "主办"}, {Co, "会办"}, {Separate, "分办"}} {
		if len(names[r.Role]) > 0 {
			words = append(words, r.label+"："+strings.Join(names[r.Role], "、"))
		}
	}
	return strings.Join(words, "；")
}

// addUnit gives the matter to one more unit, in the round that goes on: to answer
// by itself where the others do, and else as a co-unit. ErrUnitTwice tells of one
// that has or had it.
func (s *Service) addUnit(ctx context.Context, m *matter.Move) error {
	in := m.Input.(AddUnitInput)
	units, err := institution.FindUnits(ctx, m.Tx, m.Matter.InstitutionID, []string{in.UnitID})
	if err != nil {
		return err
	}
	taken, err := s.hasUnit(ctx, m, in.UnitID)
	if err != nil {
		return err
	}
	if taken {
		return ErrUnitTwice
	}
	first, err := gorm.G[Assignment](m.Tx.Gorm(ctx)).Where("matter_id = ? AND round = ?", m.Matter.ID, m.Matter.Round).Order("id").First(ctx)
	if err != nil {
		return fmt.Errorf("find the round: %w", err)
	}
	role := Co
	if first.Role == Separate {
		role = Separate
	}
	m.Comment = inWords(map[Role][]string{role: {units[0].Name}})
	return s.assign(ctx, m, Assignment{
		UnitID: in.UnitID, Role: role, Round: m.Matter.Round, Requirement: in.Requirement, LetterNo: first.LetterNo, HandoverID: first.HandoverID,
	}, calendar.Span{})
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
	if terms.Contact.Count > 0 && a.Role.answers() {
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
	return s.toUnits(ctx, m, notify.Task, "有新的交办", fmt.Sprintf("“%s”交给你单位办理，请尽快签收，并在%s前答复。", m.Matter.Title, day(due)), a.UnitID)
}

// day writes the day of an instant as people say it: 3月5日.
func day(t time.Time) string {
	d := calendar.Of(t)
	return fmt.Sprintf("%d月%d日", d.Month(), d.Number())
}
