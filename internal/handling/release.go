package handling

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"gorm.io/gorm"

	"yanlu/internal/calendar"
	"yanlu/internal/institution"
	"yanlu/internal/matter"
	"yanlu/internal/notify"
	"yanlu/internal/workflow"
)

// askReturn asks for the release of a unit (申退, or 异议), in the days after the
// dispatch.
func (s *Service) askReturn(ctx context.Context, st *step) error {
	last, err := s.within(ctx, st, st.terms.withinLength(), st.assignment.CreatedAt)
	if err != nil {
		return err
	}
	if st.At.After(last) {
		if st.terms.Return.Dispute {
			return ErrTooLate.Saying("已超过提出异议的期限，逾期不作调整。确有困难，请与政协联系。")
		}
		return ErrTooLate
	}
	in := st.Input.(AskReturnInput)
	if st.Comment = st.unit + "：" + in.Reason; in.BetterUnit != "" {
		st.Comment += "（建议由" + in.BetterUnit + "办理）"
	}
	return nil
}

// within is when a length of time that the institution gives ends.
func (s *Service) within(ctx context.Context, st *step, length workflow.Clock, start time.Time) (time.Time, error) {
	span, err := s.matters.Span(ctx, st.Tx, st.Matter, length)
	if err != nil {
		return time.Time{}, err
	}
	return s.matters.Due(ctx, st.Tx, st.Matter.InstitutionID, start, span)
}

// refuseReturn leaves the matter with the unit, which goes on from where it was.
func (s *Service) refuseReturn(ctx context.Context, st *step) error {
	if st.To = Signed; st.assignment.HandlerName == "" {
		st.To = Dispatched
	}
	st.Holder = matter.UnitHolder(st.assignment.UnitID)
	return s.toUnits(ctx, st.Move, notify.Task, st.terms.Return.word()+"没有同意", "“"+st.Matter.Title+"”请继续办理。"+st.Comment, st.assignment.UnitID)
}

// allowReturn releases a unit. Another takes its place, or, where it was the
// lead, the matter goes back to be dispatched anew.
func (s *Service) allowReturn(ctx context.Context, st *step) error {
	in := st.Input.(AllowReturnInput)
	st.Comment = st.unit
	err := s.toUnits(ctx, st.Move, notify.Task, st.terms.Return.word()+"已同意", "“"+st.Matter.Title+"”不再由你单位办理。", st.assignment.UnitID)
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
				HandoverID: st.assignment.HandoverID,
			}, span)
		}
		return nil
	}
	if st.assignment.Role == Co {
		return nil
	}
	st.next = func(ctx context.Context) error {
		if answers, open, err := s.separate(ctx, st); err != nil || open > 0 {
			return err // the others go on
		} else if len(answers) > 0 {
			return s.allAnswered(ctx, st, answers, "", wording{})
		}
		if err := s.endOthers(ctx, st, "take_back", "交办已收回", "“"+st.Matter.Title+"”将重新交办，目前不需要你单位办理。"); err != nil {
			return err
		}
		return s.matters.Settle(ctx, st.Move, "recall", func(m *matter.Move) error { m.Comment = st.unit + "退回"; return nil })
	}
	return nil
}

// given is the time to reply that an assignment was given, without what it was
// extended by: a unit that takes another's place has as much.
func (s *Service) given(ctx context.Context, st *step) (calendar.Span, error) {
	if st.assignment.Extensions > 0 {
		return calendar.Span{Count: st.assignment.GivenCount, Unit: st.assignment.GivenUnit}, nil
	}
	d, err := s.answerDeadline(ctx, st)
	return calendar.Span{Count: d.Count, Unit: d.Unit}, err
}

// answerDeadline is that in which the unit has to do its part.
func (s *Service) answerDeadline(ctx context.Context, st *step) (matter.Deadline, error) {
	d, err := gorm.G[matter.Deadline](st.Tx.Gorm(ctx)).
		Where("matter_id = ? AND assignment_id = ? AND kind = ?", st.Matter.ID, st.assignment.ID, st.terms.answerClock(st.assignment.Role).Kind).First(ctx)
	if err != nil {
		return d, fmt.Errorf("find the time to reply: %w", err)
	}
	return d, nil
}

// hasUnit reports whether a unit has or had the matter in this round.
func (s *Service) hasUnit(ctx context.Context, m *matter.Move, unitID string) (bool, error) {
	var n int64
	err := m.Tx.Gorm(ctx).Model(&Assignment{}).Where("matter_id = ? AND round = ? AND unit_id = ?", m.Matter.ID, m.Matter.Round, unitID).Count(&n).Error
	return n > 0, err
}

// askExtension asks for more time, as often and as far as the terms allow.
func (s *Service) askExtension(ctx context.Context, st *step) error {
	in, terms := st.Input.(AskExtensionInput), st.terms.Extension
	if terms.Times > 0 && st.assignment.Extensions >= terms.Times {
		return ErrExtended.Saying(fmt.Sprintf("这项交办已经延期过%s次，不能再延。", times(terms.Times)))
	}
	d, err := s.answerDeadline(ctx, st)
	if err != nil {
		return err
	}
	if terms.Before && st.At.After(d.DueAt) {
		return ErrExpired
	}
	last, err := s.askedUntil(ctx, st, d, in)
	if err != nil {
		return err
	}
	if err := s.notTooLong(ctx, st, d, last); err != nil {
		return err
	}
	if d.Unit != calendar.WorkingDay {
		st.Set("asked_until", last)
		st.Comment = st.unit + "申请延期到" + chinese(last) + "：" + in.Reason
		return nil
	}
	days := in.Days
	if days == 0 { // a day was named
		if days, err = s.matters.WorkingDays(ctx, st.Tx, st.Matter.InstitutionID, calendar.Of(d.DueAt), last); err != nil {
			return err
		}
	}
	if days == 0 { // the days up to it are no working days
		return ErrUntil
	}
	st.Set("asked_days", days)
	st.Comment = st.unit + "申请延期" + calendar.WorkingDays(days).String() + "：" + in.Reason
	return nil
}

// askedUntil is the last day that a unit asks for, after that on which its answer
// is due.
func (s *Service) askedUntil(ctx context.Context, st *step, d matter.Deadline, in AskExtensionInput) (calendar.Day, error) {
	if (in.Days > 0) == (in.Until != "") {
		return calendar.Day{}, ErrUntil
	}
	if in.Days > 0 {
		due, err := s.matters.Due(ctx, st.Tx, st.Matter.InstitutionID, d.DueAt, calendar.WorkingDays(in.Days))
		return calendar.Of(due), err
	}
	last, err := calendar.Parse(in.Until)
	if err != nil || !last.After(calendar.Of(d.DueAt)) {
		return calendar.Day{}, ErrUntil
	}
	return last, nil
}

// notTooLong returns ErrTooLong for a day beyond what may be granted at once, or in
// all.
func (s *Service) notTooLong(ctx context.Context, st *step, d matter.Deadline, last calendar.Day) error {
	for _, limit := range []struct {
		length workflow.Clock
		from   time.Time
		says   string
	}{
		{st.terms.byLength(), d.DueAt, "最多可以延期%s，请改短一些。"},
		{st.terms.inAllLength(), d.StartedAt, "连同原来的期限，办理最长不超过%s，请改短一些。"},
	} {
		if limit.length.Span.Count == 0 {
			continue
		}
		span, err := s.matters.Span(ctx, st.Tx, st.Matter, limit.length)
		if err != nil {
			return err
		}
		most, err := s.matters.Due(ctx, st.Tx, st.Matter.InstitutionID, limit.from, span)
		if err != nil {
			return err
		}
		if last.After(calendar.Of(most)) {
			return ErrTooLong.Saying(fmt.Sprintf(limit.says, span))
		}
	}
	return nil
}

// times writes a small number as people say it of how often.
func times(n int) string {
	if n < 4 {
		return [...]string{"零", "一", "两", "三"}[n]
	}
	return strconv.Itoa(n)
}

// chinese writes a day as people do: 2026年7月15日.
func chinese(d calendar.Day) string {
	return fmt.Sprintf("%d年%d月%d日", d.Year(), d.Month(), d.Number())
}

// grantExtension moves the date of the reply, by the working days or to the day
// that was asked for. The clock is taken up again as the state is entered, with
// its new length.
func (s *Service) grantExtension(ctx context.Context, st *step) error {
	d, err := s.answerDeadline(ctx, st)
	if err != nil {
		return err
	}
	more := ""
	st.Set("extensions", st.assignment.Extensions+1)
	if st.assignment.Extensions == 0 {
		st.Set("given_count", d.Count)
		st.Set("given_unit", d.Unit)
	}
	if until := st.assignment.AskedUntil; d.Unit != calendar.WorkingDay {
		st.Set("extended_until", until)
		st.Tx.Exec("UPDATE deadlines SET count = ?, unit = ? WHERE id = ?", until.Sub(calendar.Of(d.StartedAt)), calendar.CalendarDay, d.ID)
		more = "到" + chinese(until)
	} else {
		days := st.assignment.AskedDays
		st.Set("extended_by", st.assignment.ExtendedBy+days)
		st.Tx.Exec("UPDATE deadlines SET count = count + ? WHERE id = ?", days, d.ID)
		more = calendar.WorkingDays(days).String()
	}
	st.Holder = matter.UnitHolder(st.assignment.UnitID)
	st.Comment = st.unit + "延期" + more
	if st.assignment.Role.answers() { // the lead's is the answer that authors wait for
		st.TellAuthors(notify.Progress, "您的"+st.kind()+"延期答复", "“"+st.Matter.Title+"”的办理单位需要更多时间，答复延期"+more+"。", st.Words("延期"))
	}
	return s.toUnits(ctx, st.Move, notify.Task, "延期已同意", "“"+st.Matter.Title+"”答复期限延长"+more+"。", st.assignment.UnitID)
}

func (s *Service) refuseExtension(ctx context.Context, st *step) error {
	st.Holder = matter.UnitHolder(st.assignment.UnitID)
	return s.toUnits(ctx, st.Move, notify.Task, "延期没有同意", "“"+st.Matter.Title+"”请按原期限答复。"+st.Comment, st.assignment.UnitID)
}
