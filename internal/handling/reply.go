package handling

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"gorm.io/gorm"

	"yanlu/internal/attachment"
	"yanlu/internal/matter"
	"yanlu/internal/notify"
	"yanlu/internal/store"
	"yanlu/internal/workflow"
)

func (s *Service) signFor(_ context.Context, st *step) error {
	in := st.Input.(SignForInput)
	sealed, err := s.sealPhone(in.HandlerPhone, handlerContext(st.assignment.ID))
	if err != nil {
		return err
	}
	st.Comment = st.unit
	st.Set("handler_name", in.HandlerName)
	st.Set("handler_phone_sealed", sealed)
	st.Holder = matter.UnitHolder(st.assignment.UnitID)
	return nil
}

func (s *Service) giveOpinion(_ context.Context, st *step) error {
	st.Tx.Insert(newReply(st, Opinion, st.Input.(OpinionInput).Body))
	return nil
}

func (s *Service) reply(ctx context.Context, st *step) error {
	in := st.Input.(ReplyInput)
	r := newReply(st, Answer, in.Body)
	sealed, err := s.sealPhone(in.ContactPhone, contactContext(r.ID))
	if err != nil {
		return err
	}
	outcome, err := outcomeOf(ctx, st.Tx, st.Matter.InstitutionID, in.Outcome)
	if err != nil {
		return err
	}
	r.Outcome, r.OutcomeLabel, r.ContactName, r.ContactPhoneSealed, r.Way = outcome.Code, outcome.Label, in.ContactName, sealed, in.Way
	st.Tx.Insert(r)
	if in.Way != None { // they spoke before it was written
		s.meetContact(st)
	}
	return s.files.Refer(ctx, st.Tx, st.Typist, in.Files, attachment.Reference{
		MatterID: r.MatterID, AssignmentID: &r.AssignmentID, PartID: &r.ID, Purpose: attachment.ForReply, Public: true,
	})
}

func newReply(st *step, kind ReplyKind, body string) *Reply {
	return &Reply{
		ID: store.NewID(), InstitutionID: st.Matter.InstitutionID, MatterID: st.Matter.ID, AssignmentID: st.assignment.ID,
		Round: st.assignment.Round, Kind: kind, Body: body, SubmittedAt: st.At,
	}
}

// sendBack returns a reply to its unit; the time to answer goes on from where
// it stood.
func (s *Service) sendBack(ctx context.Context, st *step) error {
	st.Holder = matter.UnitHolder(st.assignment.UnitID)
	if _, err := s.judge(ctx, st, SentBack); err != nil {
		return err
	}
	return s.tellUnit(ctx, st.Move, st.assignment.UnitID, "答复请修改后再提交", "“"+st.Matter.Title+"”的答复需要修改："+st.Comment)
}

// pass lets the reply go: the matter is answered, opinions that are still out
// lapse, and every author is told.
func (s *Service) pass(ctx context.Context, st *step) error {
	r, err := s.judge(ctx, st, Passed)
	if err != nil {
		return err
	}
	short, err := shortOf(ctx, st, r)
	if err != nil {
		return err
	}
	if st.assignment.Role == Separate {
		st.next = func(ctx context.Context) error { return s.oneAnswered(ctx, st, r, short) }
		return nil
	}
	st.next = func(ctx context.Context) error {
		if err := s.endOthers(ctx, st, "lapse", "会办意见无需再提", "“"+st.Matter.Title+"”已由主办单位答复，不需要再提会办意见。"); err != nil {
			return err
		}
		return s.matters.Settle(ctx, st.Move, "settle", func(m *matter.Move) {
			m.Comment = st.unit
			tell(m, r, st.unit, short)
		})
	}
	return nil
}

// separate lists the units that have answered by themselves in this round, and
// tells how many have still to.
func (s *Service) separate(ctx context.Context, st *step) (answered []string, open int, err error) {
	if st.assignment.Role != Separate {
		return nil, 0, nil
	}
	var rows []struct {
		Name   string
		Status workflow.Status
	}
	err = st.Tx.Gorm(ctx).Raw(`SELECT units.name, assignments.status FROM assignments JOIN units ON units.id = assignments.unit_id
		WHERE matter_id = ? AND round = ? AND assignments.role = ? ORDER BY assignments.id`, st.Matter.ID, st.assignment.Round, Separate).Scan(&rows).Error
	if err != nil {
		return nil, 0, fmt.Errorf("find who answers by themselves: %w", err)
	}
	for _, r := range rows {
		switch {
		case r.Status == AnswerGiven:
			answered = append(answered, r.Name)
		case !s.flow.Ends(r.Status):
			open++
		}
	}
	return answered, open, nil
}

// oneAnswered tells of the answer of one of several units, which is the last one,
// or others are to follow.
func (s *Service) oneAnswered(ctx context.Context, st *step, r Reply, short string) error {
	answered, open, err := s.separate(ctx, st)
	if err != nil {
		return err
	}
	if open == 0 {
		return s.allAnswered(ctx, st, answered, short, r.Body)
	}
	st.Enclose(r.Body)
	words := st.Words("部分答复")
	words["unit"], words["outcome"], words["note"] = st.unit, short, fmt.Sprintf("还有%d个单位正在办理", open)
	st.TellAuthors(notify.Reply, "您的"+st.kind()+"有一个单位答复了", fmt.Sprintf("“%s”由几个单位分别办理。%s已答复，办理结果：%s。还有%d个单位正在办理，都答复后请您评价。",
		st.Matter.Title, st.unit, r.OutcomeLabel, open), words)
	return nil
}

// allAnswered moves the matter on when all units that answer by themselves have
// done so; short is the result of the last, and body what it wrote, empty where it
// was released instead.
func (s *Service) allAnswered(ctx context.Context, st *step, units []string, short, body string) error {
	return s.matters.Settle(ctx, st.Move, "settle", func(m *matter.Move) {
		m.Comment = strings.Join(units, "、")
		m.Enclose(body)
		words := m.Words("已答复")
		words["unit"], words["outcome"], words["note"] = units[len(units)-1], short, "请查看答复并评价"
		if short == "" {
			delete(words, "outcome")
		}
		m.TellAuthors(notify.Reply, "您的"+m.Flow.Label+"有答复了", fmt.Sprintf("“%s”已由%s分别答复。请查看并评价。", m.Matter.Title, m.Comment), words)
	})
}

// shortOf is what a push says of the outcome of a reply: its words may have been
// set anew since, and then those of the reply are cut.
func shortOf(ctx context.Context, st *step, r Reply) (string, error) {
	o, err := outcomeOf(ctx, st.Tx, st.Matter.InstitutionID, r.Outcome)
	if errors.Is(err, ErrOutcome) {
		return r.OutcomeLabel, nil
	}
	return o.Short, err
}

func tell(m *matter.Move, r Reply, unit, short string) {
	words := m.Words("已答复")
	words["unit"], words["outcome"], words["note"] = unit, short, "请查看答复并评价"
	m.Enclose(r.Body)
	m.TellAuthors(notify.Reply, "您的"+m.Flow.Label+"有答复了",
		fmt.Sprintf("“%s”已由%s答复，办理结果：%s。请查看并评价。", m.Matter.Title, unit, r.OutcomeLabel), words)
}

// judge writes the verdict on the reply that is being checked.
func (s *Service) judge(ctx context.Context, st *step, v Verdict) (Reply, error) {
	r, err := gorm.G[Reply](st.Tx.Gorm(ctx)).Where("assignment_id = ? AND kind = ? AND verdict = ''", st.assignment.ID, Answer).
		Order("id DESC").First(ctx)
	if err != nil {
		return Reply{}, fmt.Errorf("find the reply under check: %w", err)
	}
	st.Tx.Exec("UPDATE replies SET verdict = ?, checked_at = ? WHERE id = ?", v, st.At, r.ID)
	return r, nil
}

// endOthers ends the other assignments of this round that are still open, by an
// action of the system, and tells their units.
func (s *Service) endOthers(ctx context.Context, st *step, action, title, body string) error {
	rule, _ := s.flow.Rule(action) // the same for all
	open, err := gorm.G[Assignment](st.Tx.Gorm(ctx)).
		Where("matter_id = ? AND round = ? AND id <> ? AND status IN ?", st.Matter.ID, st.assignment.Round, st.assignment.ID, rule.From).
		Order("id").Find(ctx)
	if err != nil {
		return fmt.Errorf("find open assignments: %w", err)
	}
	var units []string
	for _, asg := range open {
		units = append(units, asg.UnitID)
		err := s.matters.Apply(ctx, &matter.Move{
			Tx: st.Tx, Now: st.Now, By: st.By, Flow: s.FlowOf(st.Matter.Kind, asg.Role), Rule: rule, Matter: st.Matter, Authors: st.Authors,
			Subject: matter.Subject{Table: "assignments", ID: asg.ID, AssignmentID: &asg.ID, Status: asg.Status, Version: asg.Version},
		})
		if err != nil {
			return err
		}
	}
	if len(units) == 0 {
		return nil
	}
	return s.toUnits(ctx, st.Move, units, notify.Task, title, body)
}

func handlerContext(id string) string { return "assignments.handler_phone:" + id }
func contactContext(id string) string { return "replies.contact_phone:" + id }

// phone is a mobile number, or a fixed line with its area code and perhaps an
// extension.
var phone = regexp.MustCompile(`^(1[3-9]\d{9}|0\d{2,3}-?\d{7,8}(-\d{1,6})?|\d{7,8})$`)

func (s *Service) sealPhone(number, context string) ([]byte, error) {
	number = strings.ReplaceAll(number, " ", "")
	if !phone.MatchString(number) {
		return nil, ErrPhone
	}
	return s.keeper.Seal(number, context)
}
