package handling

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"yanlu/internal/calendar"
	"yanlu/internal/institution"
	"yanlu/internal/matter"
	"yanlu/internal/notify"
)

// askReturn asks for the release of a unit (申退), in the days after the
// dispatch.
func (s *Service) askReturn(ctx context.Context, st *step) error {
	days, err := ReturnWithin().Of(ctx, st.Tx, st.Matter.InstitutionID)
	if err != nil {
		return err
	}
	last, err := s.matters.Due(ctx, st.Tx, st.Matter.InstitutionID, st.assignment.CreatedAt, workingDays(days))
	if err != nil {
		return err
	}
	if st.At.After(last) {
		return ErrTooLate
	}
	in := st.Input.(AskReturnInput)
	if st.Comment = st.unit + "：" + in.Reason; in.BetterUnit != "" {
		st.Comment += "（建议由" + in.BetterUnit + "办理）"
	}
	return nil
}

// refuseReturn leaves the matter with the unit, which goes on from where it was.
func (s *Service) refuseReturn(ctx context.Context, st *step) error {
	if st.To = Signed; st.assignment.HandlerName == "" {
		st.To = Dispatched
	}
	st.Holder = matter.UnitHolder(st.assignment.UnitID)
	return s.toUnits(ctx, st.Move, notify.Task, "申退没有同意", "“"+st.Matter.Title+"”请继续办理。"+st.Comment, st.assignment.UnitID)
}

// allowReturn releases a unit. Another takes its place, or, where it was the
// lead, the matter goes back to be dispatched anew.
func (s *Service) allowReturn(ctx context.Context, st *step) error {
	in := st.Input.(AllowReturnInput)
	st.Comment = st.unit
	err := s.toUnits(ctx, st.Move, notify.Task, "申退已同意", "“"+st.Matter.Title+"”不再由你单位办理。", st.assignment.UnitID)
	if err != nil {
		return err
	}
	if in.UnitID != "" {
		units, err := institution.FindUnits(ctx, st.Tx, st.Matter.InstitutionID, []string{in.UnitID})
		if err != nil {
			return err
		}
		taken, err := s.hasUnit(ctx, st.Move, in.UnitID)
		if err != nil {
			return err
		}
		if taken {
			return ErrUnitTwice
		}
		st.Comment += "退回，改由" + units[0].Name + "办理"
		span, err := s.given(ctx, st)
		if err != nil {
			return err
		}
		st.next = func(ctx context.Context) error {
			return s.assign(ctx, st.Move, Assignment{
				UnitID: in.UnitID, Role: st.assignment.Role, Round: st.assignment.Round, Requirement: st.assignment.Requirement, LetterNo: st.assignment.LetterNo,
			}, span)
		}
		return nil
	}
	if st.assignment.Role == Co {
		return nil
	}
	st.next = func(ctx context.Context) error {
		if err := s.endOthers(ctx, st, "take_back", "交办已收回", "“"+st.Matter.Title+"”将重新交办，目前不需要你单位办理。"); err != nil {
			return err
		}
		return s.matters.Settle(ctx, st.Move, "recall", func(m *matter.Move) { m.Comment = st.unit + "退回" })
	}
	return nil
}

// given is the time to reply that an assignment was given, without what it was
// extended by: a unit that takes another's place has as much.
func (s *Service) given(ctx context.Context, st *step) (calendar.Span, error) {
	d, err := gorm.G[matter.Deadline](st.Tx.Gorm(ctx)).
		Where("matter_id = ? AND assignment_id = ? AND kind = ?", st.Matter.ID, st.assignment.ID, replyClock.Kind).First(ctx)
	if err != nil {
		return calendar.Span{}, fmt.Errorf("find the time to reply: %w", err)
	}
	return calendar.Span{Count: d.Count - st.assignment.ExtendedBy, Unit: d.Unit}, nil
}

// hasUnit reports whether a unit has or had the matter in this round.
func (s *Service) hasUnit(ctx context.Context, m *matter.Move, unitID string) (bool, error) {
	var n int64
	err := m.Tx.Gorm(ctx).Model(&Assignment{}).Where("matter_id = ? AND round = ? AND unit_id = ?", m.Matter.ID, m.Matter.Round, unitID).Count(&n).Error
	return n > 0, err
}

// askExtension asks for more time, once.
func (s *Service) askExtension(ctx context.Context, st *step) error {
	if st.assignment.ExtendedBy > 0 {
		return ErrExtended
	}
	in := st.Input.(AskExtensionInput)
	most, err := ExtendBy().Of(ctx, st.Tx, st.Matter.InstitutionID)
	if err != nil {
		return err
	}
	if in.Days > most {
		return ErrTooLong.Saying(fmt.Sprintf("最多可以延期%d个工作日，请改短一些。", most))
	}
	st.Set("asked_days", in.Days)
	st.Comment = st.unit + "申请延期" + workingDays(in.Days).String() + "：" + in.Reason
	return nil
}

// grantExtension moves the date of the reply, by the working days that were
// asked for.
func (s *Service) grantExtension(ctx context.Context, st *step) error {
	days := st.assignment.AskedDays
	st.Set("extended_by", days)
	st.Holder = matter.UnitHolder(st.assignment.UnitID)
	// The clock is taken up again as the state is entered, with its new length.
	st.Tx.Exec("UPDATE deadlines SET count = count + ? WHERE assignment_id = ? AND kind = ?", days, st.assignment.ID, replyClock.Kind)
	span := workingDays(days).String()
	st.Comment = st.unit + "延期" + span
	if st.assignment.Role == Lead { // the lead's is the answer that authors wait for
		st.TellAuthors(notify.Progress, "您的"+st.kind()+"延期答复", "“"+st.Matter.Title+"”的办理单位需要更多时间，答复延期"+span+"。", st.Words("延期"))
	}
	return s.toUnits(ctx, st.Move, notify.Task, "延期已同意", "“"+st.Matter.Title+"”答复期限延长"+span+"。", st.assignment.UnitID)
}

func (s *Service) refuseExtension(ctx context.Context, st *step) error {
	st.Holder = matter.UnitHolder(st.assignment.UnitID)
	return s.toUnits(ctx, st.Move, notify.Task, "延期没有同意", "“"+st.Matter.Title+"”请按原期限答复。"+st.Comment, st.assignment.UnitID)
}
